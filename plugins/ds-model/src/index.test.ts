import { isPlugin } from '@quorate/core';
import { expect, it } from 'vitest';
import plugin from './index.js';

it('is the method of the paper, and leaves workers and experiment to other presets', () => {
  expect(isPlugin(plugin)).toBe(true);
  const [preset] = plugin.presets!;
  expect([preset!.group, preset!.name]).toEqual(['method', 'ds_model']);
  expect(preset!.config).toEqual({
    learner: { use: 'none' },
    optimizer: { use: 'em', criterion: 'soft' },
    aggregator: { use: 'bayes' },
    workerModel: { use: 'dirichlet' },
    sampler: { use: 'random', allowRepeats: true, fillHits: 'reopen', maxAnnotationsPerItem: 3 },
    stop: { use: 'risk' },
  });
});
