import { definePlugin, definePreset } from '@quorate/core';

const training = { validation: 'prototypes', scope: 'global' };
const hits = { allowRepeats: true, fillHits: 'reopen', maxAnnotationsPerItem: 3 };

const common = {
  learner: { use: 'mlp', ...training },
  calibrator: { use: 'temperature', optimizer: 'released' },
  backend: { use: 'auto' },
  optimizer: { use: 'em', criterion: 'soft' },
  aggregator: { use: 'bayes' },
  workerModel: { use: 'dirichlet' },
  sampler: { use: 'random', ...hits },
  stop: { use: 'risk' },
};
/** For those who take another sampler, or a learner without hidden layers. */
const options = { sampler: { greedy_task_assignment: hits }, learner: { softmax: training } };

/**
 * The method of the paper [Liao21]: `improved_lean` that trains on pseudo-labels. Whatever has a risk below 0.1 is an
 * example, annotated or not; so the network of one step labels the examples of the next.
 */
const efficientAnnotation = definePreset({
  group: 'method',
  name: 'efficient_annotation',
  summary: 'the method of the paper: improved_lean that also learns from confident tasks nobody was asked about',
  config: { ...common, trainingSet: { use: 'pseudolabel', riskThreshold: 0.1 } },
  options,
  tuned: {
    imagenet_split_0: { learner: { learningRatePerRoot: 5e-4, weightDecay: 5e-3 } },
    imagenet_split_2: { learner: { learningRatePerRoot: 5e-4, weightDecay: 5e-4 } },
    imagenet_split_4: { learner: { learningRatePerRoot: 1e-4, weightDecay: 5e-4 } },
    imagenet_animal: { learner: { learningRatePerRoot: 5e-5, weightDecay: 5e-3 } },
    imagenet_100_classes: { learner: { learningRatePerRoot: 5e-4, weightDecay: 1e-4 } },
  },
});

/** The published program's other semi-supervision, which its configuration has and its code cannot run. */
const mixmatch = definePreset({
  group: 'method',
  name: 'efficient_annotation_mixmatch',
  summary: 'efficient_annotation with MixMatch in place of pseudo-labels; about fifteen times as slow',
  config: { ...common, trainingSet: { use: 'mixmatch' } },
  options,
  tuned: {
    imagenet_split_0: { learner: { learningRatePerRoot: 1e-4, weightDecay: 5e-3 }, trainingSet: { mu: 3, weight: 50 } },
    imagenet_split_2: {
      learner: { learningRatePerRoot: 1e-3, weightDecay: 5e-4 },
      trainingSet: { mu: 5, weight: 100 },
    },
    imagenet_split_4: {
      learner: { learningRatePerRoot: 5e-4, weightDecay: 5e-3 },
      trainingSet: { mu: 3, weight: 150 },
    },
    imagenet_animal: { learner: { learningRatePerRoot: 1e-3, weightDecay: 5e-4 }, trainingSet: { mu: 5, weight: 75 } },
    imagenet_100_classes: {
      learner: { learningRatePerRoot: 5e-4, weightDecay: 1e-4 },
      trainingSet: { mu: 10, weight: 50 },
    },
  },
});

export default definePlugin({
  name: '@quorate/plugin-efficient-annotation',
  apiVersion: '^0.1.0',
  presets: [efficientAnnotation, mixmatch],
});
