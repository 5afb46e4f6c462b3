import { defineComponent, type AnswerFormat } from '@quorate/core';
import { firstRecords } from '../json/json-members.js';
import { isObject } from '../json/json-record.js';
import { sagemakerOptions } from './sagemaker-options.js';
import { readSagemaker } from './sagemaker-read.js';
import { writeManifest } from './sagemaker-write.js';

/** SageMaker Ground Truth and Augmented AI: what workers answered, and the manifest of the labels of a job. */
export const sagemaker = defineComponent({
  kind: 'answerFormat',
  name: 'sagemaker',
  summary: 'SageMaker Ground Truth: worker responses, consolidation requests, Augmented AI; output manifests of labels',
  options: sagemakerOptions,
  create: (own): AnswerFormat => ({
    extensions: ['.manifest'],
    detect,
    read: (input, table) => readSagemaker(input, table, own),
    write: (output) => writeManifest(output, own),
    drops: ({ answers, labels }) => {
      const lost = answers.count > 0 ? [`${answers.count} answers (a manifest has the labels alone)`] : [];
      const none = labels?.label.subarray(0, answers.taskIds.length).reduce((sum, k) => sum + Number(k < 0), 0) ?? 0;
      return none > 0 ? [...lost, `${none} tasks without a label`] : lost;
    },
  }),
});

function detect(head: Uint8Array): number {
  const [first] = firstRecords(head, 1);
  const text = Buffer.from(head.subarray(0, 1 << 14)).toString();
  if (!first) return /"(humanAnswers|answerContent)"\s*:/.test(text) && /"workerId"\s*:/.test(text) ? 0.9 : 0;
  if ('humanAnswers' in first || ('datasetObjectId' in first && 'annotations' in first)) return 0.97;
  const { answers } = first;
  if (Array.isArray(answers) && answers.some((one) => isObject(one) && 'answerContent' in one)) return 0.97;
  const labelled = Object.keys(first).some((key) => key.endsWith('-metadata') && isObject(first[key]));
  return labelled && ('source-ref' in first || 'source' in first) ? 0.97 : 0;
}
