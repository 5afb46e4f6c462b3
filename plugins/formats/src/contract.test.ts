import { buildComponent, describeAnswerFormat, describePlugin, type AnswerFormatCapabilities } from '@quorate/testkit';
import { answerKinds } from '@quorate/testkit';
import plugin from './index.js';

describePlugin(plugin);

const capabilities: Readonly<Record<string, AnswerFormatCapabilities>> = {
  csv: { holds: answerKinds.filter((kind) => kind !== 'emptyLabels') },
  jsonl: { holds: answerKinds },
  label_studio: { holds: ['skips', 'repeats', 'seconds', 'times', 'unanswered', 'emptyLabels'] },
  wide: { holds: ['unanswered'] },
  doccano: { holds: ['skips', 'repeats', 'unanswered', 'emptyLabels'] },
  argilla: { holds: ['repeats', 'unanswered', 'emptyLabels'] },
  prodigy: { holds: ['skips', 'repeats', 'emptyLabels'] },
  peerannot: { holds: ['unanswered', 'emptyLabels'] },
  sagemaker: { only: 'write' },
};

for (const component of plugin.components!) {
  const { name } = component;
  describeAnswerFormat(name, buildComponent(component), { runs: 60, ...capabilities[name] });
}
