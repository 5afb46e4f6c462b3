import { defineComponent, T, type Dataset, type Rng } from '@quorate/core';
import { TruthToken, type Truth } from '@quorate/core/truth';
import { z } from 'zod';
import {
  ConfusionSimulator,
  knownTruth,
  plausibleAccuracy,
  workerIdsOf,
  workersOption,
} from './simulator-confusion.js';

const options = z.strictObject({
  workers: workersOption,
  reliability: z.number().min(0).max(1).default(0.7).describe('mean probability that a worker is right about a class'),
  spread: z.number().min(0).max(1).default(0.1).describe('standard deviation of that over workers and classes'),
});
type UniformOptions = z.output<typeof options>;

/**
 * A worker's confusion matrix: accuracy a_k ~ Normal(reliability, spread²) for each class, clipped to 1/K..0.99, and all
 * errors alike, (1 - a_k) / (K - 1). K×K `[true][observed]`.
 */
function uniformConfusion({ reliability, spread }: UniformOptions, classes: number, rng: Rng): Float64Array {
  const K = classes;
  const confusion = new Float64Array(K * K);
  for (let k = 0; k < K; k++) {
    const accuracy = plausibleAccuracy(reliability + spread * rng.normal(), reliability, K);
    confusion.fill((1 - accuracy) / (K - 1), k * K, (k + 1) * K);
    confusion[k * K + k] = accuracy;
  }
  return confusion;
}

export default defineComponent({
  kind: 'workerSimulator',
  name: 'uniform',
  summary: 'workers of varying accuracy who name any wrong class as often',
  options,
  needs: () => ['truth'],
  inject: [T.Dataset, TruthToken, T.Rng],
  create: (options, dataset: Dataset, truth: Truth | null, rng: Rng) => {
    const ids = workerIdsOf(options.workers);
    const confusions = ids.map((id) => uniformConfusion(options, dataset.classes.length, rng.fork(id)));
    return new ConfusionSimulator(ids, confusions, dataset, knownTruth(truth, 'uniform'));
  },
});
