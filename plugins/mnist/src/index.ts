import { definePlugin, definePreset, type OptionsOf } from '@quorate/core';
import { mnist } from './source.js';

export { type DigitImage, digitImages } from './images.js';
export { mnist } from './source.js';

const hits = { hitSize: 40, hitsPerStep: 10 };

const components = [mnist] as const;

declare module '@quorate/core' {
  interface PartOptions extends OptionsOf<typeof components> {}
}

export default definePlugin({
  name: '@quorate/plugin-mnist',
  apiVersion: '^0.1.0',
  components,
  presets: [
    definePreset({
      group: 'experiment',
      name: 'mnist',
      summary: '9,900 handwritten digits, 10 classes: the run that needs no data and no configuration',
      config: { dataset: { use: 'mnist' }, riskThreshold: 0.1 },
      options: { sampler: { random: hits, greedy_task_assignment: hits, expected_gain: hits } },
    }),
  ],
});
