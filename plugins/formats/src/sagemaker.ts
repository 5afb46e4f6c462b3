import { QuorateError, defineComponent, type AnswerFormat, type AnswerOutput } from '@quorate/core';
import { z } from 'zod';

const options = z.strictObject({
  attribute: z
    .string()
    .regex(/^[A-Za-z0-9](-*[A-Za-z0-9])*$/, 'letters, digits and hyphens')
    .default('label')
    .describe('label attribute name: the key of the class, and with -metadata of what is known about it'),
  source: z
    .enum(['source-ref', 'source'])
    .default('source-ref')
    .describe('what the task ids are: source-ref for addresses of files, source for the text itself'),
});
type Options = z.output<typeof options>;

/** What a labelling job of SageMaker Ground Truth puts out: one line with the label of each task. */
export const sagemaker = defineComponent({
  kind: 'answerFormat',
  name: 'sagemaker',
  summary: 'SageMaker Ground Truth output manifest of the aggregated labels; written only',
  options,
  create: (given): AnswerFormat => ({
    extensions: ['.manifest'],
    detect: () => 0,
    write: (output) => write(output, given),
    drops: ({ answers, labels }) => {
      const lost = answers.count > 0 ? [`${answers.count} answers (a manifest has the labels alone)`] : [];
      const none = labels?.label.subarray(0, answers.taskIds.length).reduce((sum, k) => sum + Number(k < 0), 0) ?? 0;
      return none > 0 ? [...lost, `${none} tasks without a label`] : lost;
    },
  }),
});

function write({ answers, labels, name, date }: AnswerOutput, given: Options): Iterable<string> {
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
  { attribute, source }: Options,
): Generator<string> {
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
