import { QuorateError, type AnswerOutput } from '@quorate/core';
import type { SagemakerOptions } from './sagemaker-options.js';

/** What a labelling job of SageMaker Ground Truth puts out: one line with the label of each task. */
export function writeManifest(
  { answers, labels, name, date }: AnswerOutput,
  given: SagemakerOptions,
): Iterable<string> {
  if (!labels) {
    throw new QuorateError('ANSWERS_INVALID', {
      where: name,
      expected: 'a label of each task, which is all that a manifest holds',
      got: 'answers alone',
      fix: 'Aggregate them first and give the result: --labels labels.csv.',
    });
  }
  return lines(answers, labels, date, given);
}

function* lines(
  { taskIds, classes }: AnswerOutput['answers'],
  { label, confidence }: NonNullable<AnswerOutput['labels']>,
  date: string,
  { attribute: named, source }: SagemakerOptions,
): Generator<string> {
  const attribute = named ?? 'label';
  const kind = source === 'source' ? 'text' : 'image';
  for (let i = 0; i < taskIds.length; i++) {
    const k = label[i]!;
    if (k < 0) continue;
    const metadata = {
      'class-name': String(classes[k]),
      confidence: confidence[i],
      type: `groundtruth/${kind}-classification`,
      'job-name': 'quorate',
      'human-annotated': 'yes',
      // Ground Truth writes no time zone.
      'creation-date': date.replace(/Z$/, ''),
    };
    yield `${JSON.stringify({ [source]: taskIds[i], [attribute]: k, [`${attribute}-metadata`]: metadata })}\n`;
  }
}
