import { definePlugin, definePreset } from '@quorate/core';

const hits = { allowRepeats: true, fillHits: 'reopen', maxAnnotationsPerItem: 3 };

/**
 * Online Dawid-Skene: the label of an item is inferred from its annotations and the skill of the workers alone. Prior
 * knowledge of the workers is the simulation's.
 */
const dsModel = definePreset({
  group: 'method',
  name: 'ds_model',
  summary: 'online Dawid-Skene: EM over labels and worker skill, without a learner',
  config: {
    learner: { use: 'none' },
    optimizer: { use: 'em', criterion: 'soft' },
    aggregator: { use: 'bayes' },
    workerModel: { use: 'dirichlet' },
    sampler: { use: 'random', ...hits },
    stop: { use: 'risk' },
  },
  options: { sampler: { greedy_task_assignment: hits } },
});

export default definePlugin({ name: '@quorate/plugin-ds-model', apiVersion: '^0.1.0', presets: [dsModel] });
