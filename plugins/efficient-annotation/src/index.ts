import { definePlugin, definePreset } from '@quorate/core';

/**
 * The method of the paper [Liao21]: `improved_lean` that trains on pseudo-labels. Whatever has a risk below 0.1 is an
 * example, annotated or not; so the network of one step labels the examples of the next.
 */
const efficientAnnotation = definePreset({
  group: 'method',
  name: 'efficient_annotation',
  summary: 'the method of the paper: improved_lean that also learns from confident tasks nobody was asked about',
  config: {
    learner: { use: 'mlp', validation: 'prototypes', scope: 'global' },
    calibrator: { use: 'temperature', optimizer: 'released' },
    trainingSet: { use: 'pseudolabel', riskThreshold: 0.1 },
    backend: { use: 'auto' },
    optimizer: { use: 'em', criterion: 'soft' },
    aggregator: { use: 'bayes' },
    workerModel: { use: 'dirichlet' },
    sampler: { use: 'random', allowRepeats: true, fillHits: 'reopen', maxAnnotationsPerItem: 3 },
    stop: { use: 'risk' },
  },
});

export default definePlugin({
  name: '@quorate/plugin-efficient-annotation',
  apiVersion: '^0.1.0',
  presets: [efficientAnnotation],
});
