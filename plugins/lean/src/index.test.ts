import { isPlugin } from '@quorate/core';
import { expect, it } from 'vitest';
import plugin from './index.js';

it('is the method of the paper, and leaves workers and experiment to other presets', () => {
  expect(isPlugin(plugin)).toBe(true);
  const [preset] = plugin.presets!;
  expect([preset!.group, preset!.name]).toEqual(['method', 'lean']);
  expect(preset!.config).toEqual({
    learner: { use: 'mlp', validation: 'folds', folds: 3, outOfFold: false, scope: 'local' },
    calibrator: { use: 'temperature', optimizer: 'released' },
    trainingSet: { use: 'annotated' },
    backend: { use: 'auto' },
    optimizer: { use: 'em', criterion: 'hard' },
    aggregator: { use: 'bayes' },
    workerModel: { use: 'dirichlet' },
    sampler: { use: 'random', allowRepeats: true, fillHits: 'reopen', maxAnnotationsPerItem: 3 },
    stop: { use: 'risk' },
  });
});
