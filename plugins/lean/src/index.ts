import { definePlugin, definePreset } from '@quorate/core';

/**
 * Lean crowdsourcing [Branson17] as the paper's program has it: every step trains one network for each of three folds of
 * the annotated items and the prototypes, calibrates each on its fold, and lets the mean of all three speak. So an item is
 * also scored by networks that trained on it; `learner.outOfFold=true` scores it only by the one that did not.
 */
const lean = definePreset({
  group: 'method',
  name: 'lean',
  summary: 'a cross-validated learner on the annotated tasks beside the workers [Branson17]',
  config: {
    learner: { use: 'mlp', validation: 'folds', folds: 3, outOfFold: false, scope: 'local' },
    calibrator: { use: 'temperature', optimizer: 'released' },
    trainingSet: { use: 'annotated' },
    backend: { use: 'auto' },
    optimizer: { use: 'em', criterion: 'hard' },
    aggregator: { use: 'bayes' },
    workerModel: { use: 'dirichlet' },
    sampler: { use: 'random', allowRepeats: true, fillHits: 'reopen', maxAnnotationsPerItem: 3 },
    stop: { use: 'risk' },
  },
});

export default definePlugin({ name: '@quorate/plugin-lean', apiVersion: '^0.1.0', presets: [lean] });
