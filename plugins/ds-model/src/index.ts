import { definePlugin, definePreset } from '@quorate/core';

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
    sampler: { use: 'random', allowRepeats: true, fillHits: 'reopen', maxAnnotationsPerItem: 3 },
    stop: { use: 'risk' },
  },
});

export default definePlugin({ name: '@quorate/plugin-ds-model', apiVersion: '^0.1.0', presets: [dsModel] });
