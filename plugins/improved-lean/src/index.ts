import { definePlugin, definePreset } from '@quorate/core';

const training = { validation: 'prototypes', scope: 'global' };
const hits = { allowRepeats: true, fillHits: 'reopen', maxAnnotationsPerItem: 3 };

/**
 * Lean improved [Liao21]: the prototypes are kept for validation and calibration, one network is trained on the
 * annotated items, and the one with the lowest validation loss of all steps so far speaks.
 */
const improvedLean = definePreset({
  group: 'method',
  name: 'improved_lean',
  summary: 'lean with the prototypes kept for validation and calibration, and the best model of all steps',
  config: {
    learner: { use: 'mlp', ...training },
    calibrator: { use: 'temperature', optimizer: 'released' },
    trainingSet: { use: 'annotated' },
    backend: { use: 'auto' },
    optimizer: { use: 'em', criterion: 'soft' },
    aggregator: { use: 'bayes' },
    workerModel: { use: 'dirichlet' },
    sampler: { use: 'random', ...hits },
    stop: { use: 'risk' },
  },
  options: { sampler: { greedy_task_assignment: hits }, learner: { softmax: training } },
  tuned: {
    imagenet_split_0: { learner: { learningRatePerRoot: 1e-4, weightDecay: 5e-3 } },
    imagenet_split_2: { learner: { learningRatePerRoot: 1e-3, weightDecay: 1e-3 } },
    imagenet_split_4: { learner: { learningRatePerRoot: 1e-3, weightDecay: 1e-3 } },
    imagenet_animal: { learner: { learningRatePerRoot: 1e-4, weightDecay: 5e-3 } },
    imagenet_100_classes: { learner: { learningRatePerRoot: 5e-4, weightDecay: 1e-4 } },
  },
});

export default definePlugin({ name: '@quorate/plugin-improved-lean', apiVersion: '^0.1.0', presets: [improvedLean] });
