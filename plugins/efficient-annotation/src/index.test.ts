import { isPlugin } from '@quorate/core';
import { expect, it } from 'vitest';
import plugin from './index.js';

it('is the method of the paper, and leaves workers and experiment to other presets', () => {
  expect(isPlugin(plugin)).toBe(true);
  const [preset] = plugin.presets!;
  expect([preset!.group, preset!.name]).toEqual(['method', 'efficient_annotation']);
  expect(preset!.config).toEqual({
    learner: { use: 'mlp', validation: 'prototypes', scope: 'global' },
    calibrator: { use: 'temperature', optimizer: 'released' },
    trainingSet: { use: 'pseudolabel', riskThreshold: 0.1 },
    backend: { use: 'auto' },
    optimizer: { use: 'em', criterion: 'soft' },
    aggregator: { use: 'bayes' },
    workerModel: { use: 'dirichlet' },
    sampler: { use: 'random', allowRepeats: true, fillHits: 'reopen', maxAnnotationsPerItem: 3 },
    stop: { use: 'risk' },
  });
});
