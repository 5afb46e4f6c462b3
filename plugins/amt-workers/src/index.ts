import { definePlugin, definePreset, type Preset, type OptionsOf } from '@quorate/core';
import { amtData } from './study.js';
import { amtWorkers } from './workers.js';

export { drawConfusions } from './workers.js';
export { parseStudy, studyOn, type Draw, type ErrorShape, type Study, type StudyOnClasses } from './study.js';

function simulation(name: string, summary: string): Preset {
  return definePreset({
    group: 'simulation',
    name,
    summary,
    config: {
      // The published curves are of one draw of workers; another draw moves them by several points (README).
      workers: { use: name, workers: 50, draw: 'published' },
    },
    options: { workerModel: { dirichlet: { prior: 'homegeneous_workers', strength: 10 } } },
  });
}

const components = [
  amtWorkers('amt_structured_noise', 'structured', 'workers who err as the AMT workers of the paper did'),
  amtWorkers('amt_uniform_noise', 'uniform', 'as often right as the AMT workers, with errors spread evenly'),
] as const;

declare module '@quorate/core' {
  interface PartOptions extends OptionsOf<typeof components> {}
}

export default definePlugin({
  name: '@quorate/plugin-amt-workers',
  apiVersion: '^0.1.0',
  components,
  presets: [
    simulation('amt_structured_noise', '50 workers who err as the AMT workers of the paper did'),
    simulation('amt_uniform_noise', '50 workers, as often right as the AMT workers, with errors spread evenly'),
  ],
  data: [amtData],
});
