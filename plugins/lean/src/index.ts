import { definePlugin, definePreset } from '@quorate/core';

const training = { validation: 'folds', folds: 3, outOfFold: false, scope: 'local' };
const hits = { allowRepeats: true, fillHits: 'reopen', maxAnnotationsPerItem: 3 };

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
    learner: { use: 'mlp', ...training },
    calibrator: { use: 'temperature', optimizer: 'released' },
    trainingSet: { use: 'annotated' },
    backend: { use: 'auto' },
    optimizer: { use: 'em', criterion: 'hard' },
    aggregator: { use: 'bayes' },
    workerModel: { use: 'dirichlet' },
    sampler: { use: 'random', ...hits },
    stop: { use: 'risk' },
  },
  options: { sampler: { greedy_task_assignment: hits }, learner: { softmax: training } },
});

export default definePlugin({ name: '@quorate/plugin-lean', apiVersion: '^0.1.0', presets: [lean] });
