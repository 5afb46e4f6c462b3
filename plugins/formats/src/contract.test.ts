import { buildComponent, describeAnswerFormat, describePlugin, type AnswerFormatCapabilities } from '@quorate/testkit';
import { answerKinds } from '@quorate/testkit';
import plugin from './index.js';

describePlugin(plugin);

/** An empty cell, and a word for a missing value, is no label. */
const inTables = (kind: string): boolean => kind !== 'emptyLabels' && kind !== 'missingWords';

const capabilities: Readonly<Record<string, AnswerFormatCapabilities>> = {
  csv: { holds: answerKinds.filter(inTables) },
  jsonl: { holds: answerKinds.filter(inTables) },
  survey: { only: 'read' },
  pandas: { only: 'read' },
  xlsx: { only: 'read' },
  parquet: { only: 'read' },
  arrow: { only: 'read' },
  labelbox: { only: 'read' },
  panoptes: { only: 'read' },
  appen: { only: 'read' },
  label_studio: { holds: ['skips', 'repeats', 'seconds', 'times', 'unanswered', 'emptyLabels', 'missingWords'] },
  wide: { holds: ['unanswered'] },
  doccano: { holds: ['skips', 'repeats', 'unanswered', 'emptyLabels', 'missingWords'] },
  argilla: { holds: ['repeats', 'unanswered', 'emptyLabels', 'missingWords'] },
  prodigy: { holds: ['skips', 'repeats', 'emptyLabels', 'missingWords'] },
  peerannot: { holds: ['unanswered', 'emptyLabels', 'missingWords'] },
  // A manifest has labels, and no answers.
  sagemaker: { only: 'write' },
};

for (const component of plugin.components!) {
  const { name } = component;
  // Names and labels of any kind: a column tells by neither that it is a worker.
  const build = name === 'wide' ? { options: { every: true } } : {};
  describeAnswerFormat(name, buildComponent(component, build), { runs: 60, ...capabilities[name] });
}
