import { definePlugin, definePreset, type OptionsOf } from '@quorate/core';
import { files } from './files.js';
import { recorded } from './recorded.js';
import { sample } from './sample.js';
import { synthetic } from './synthetic.js';

export { files } from './files.js';
export { recorded } from './recorded.js';
export { sample } from './sample.js';
export { synthetic } from './synthetic.js';

const hits = { hitSize: 40, hitsPerStep: 5 };

const components = [files, recorded, sample, synthetic] as const;

declare module '@quorate/core' {
  interface PartOptions extends OptionsOf<typeof components> {}
}

export default definePlugin({
  name: '@quorate/plugin-datasets',
  apiVersion: '^0.1.0',
  components,
  presets: [
    definePreset({
      group: 'experiment',
      name: 'synthetic',
      summary: '3,000 generated tasks of 10 classes in 3 groups',
      config: {
        dataset: { use: 'synthetic', itemsPerClass: 300 },
        riskThreshold: 0.1,
      },
      options: { sampler: { random: hits, greedy_task_assignment: hits, expected_gain: hits } },
    }),
  ],
});
