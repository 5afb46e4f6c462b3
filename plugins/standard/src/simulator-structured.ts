import { defineComponent, T, type Dataset, type Rng } from '@quorate/core';
import { TruthToken, type Truth } from '@quorate/core/truth';
import { z } from 'zod';
import { difficulties, hardItems } from './simulator-difficulty.js';
import {
  ConfusionSimulator,
  expectedCounts,
  knownTruth,
  plausibleAccuracy,
  workerIdsOf,
  workersOption,
} from './simulator-confusion.js';
import { FaultySimulator } from './simulator-faulty.js';
import { classSimilarity, givenSimilarity, mostSimilar } from './simulator-similarity.js';
import { workerRoles } from './worker-roles.js';

const share = z.number().min(0).max(1);
const options = z
  .strictObject({
    workers: workersOption,
    accuracy: z.number().min(0).max(1).default(0.7).describe('mean probability that a worker is right about a class'),
    spread: z.number().min(0).max(1).default(0.1).describe('standard deviation of that over workers and classes'),
    confusableClasses: z.int().min(1).default(3).describe('how many of the nearest classes a class is confused with'),
    concentration: z.number().min(0).max(1).default(0.9).describe('share of the errors that names one of those'),
    similarity: z
      .array(z.array(z.number()))
      .optional()
      .describe('K×K, larger is more alike; without it, nearness of the prototypes in feature space'),
    hardItems: share.default(0).describe('share of the tasks that are hard'),
    hardItemKind: z
      .enum(difficulties)
      .default('fixed')
      .describe('what is said of a hard task by those who fail: any class, one and the same, or what it looks like'),
    hardItemError: share.default(0.5).describe('probability that a worker fails on a hard task'),
    spammers: share.default(0).describe('share of the workers who name any class at random'),
    constantAnswerers: share.default(0).describe('share of the workers who always name the same class'),
    copiers: share.default(0).describe('share of the workers who say what another one would say'),
    drift: share.default(0).describe('share of their skill that workers lose with every 100 answers'),
  })
  .refine(({ spammers, constantAnswerers, copiers }) => spammers + constantAnswerers + copiers <= 1 + 1e-9, {
    error: 'spammers, constantAnswerers and copiers are more workers together than there are',
    path: ['spammers'],
  });
type StructuredOptions = z.output<typeof options>;

/**
 * Confusion matrices `[true][observed]` of all workers. Worker j is right about class k with probability
 *
 *     a_jk = accuracy + spread · (u_j + c_k + v_jk) / √3,      u_j, c_k, v_jk ~ Normal(0, 1),      clipped to 1/K..0.99
 *
 * (good and bad workers, easy and hard classes, and chance), and of the errors the share `concentration` falls on the
 * classes most similar to k, the r-th of them in proportion to e_jkr / r with e ~ Exponential(1), so that each worker
 * has confusions of its own; the rest is spread evenly over the other classes.
 *
 * @param similarity K×K, larger is more alike; the diagonal is not read.
 */
function structuredConfusions(
  { accuracy, spread, confusableClasses, concentration }: StructuredOptions,
  similarity: Float64Array,
  workerIds: readonly string[],
  rng: Rng,
): Float64Array[] {
  const K = Math.sqrt(similarity.length);
  const near = Array.from({ length: K }, (_, k) => mostSimilar(similarity, K, k, confusableClasses));
  const easy = Float64Array.from(near, () => rng.normal());
  return workerIds.map((id) => {
    const own = rng.fork(id);
    const skilled = own.normal();
    const confusion = new Float64Array(K * K);
    for (let k = 0; k < K; k++) {
      const drawn = accuracy + (spread * (skilled + easy[k]! + own.normal())) / Math.sqrt(3);
      const right = plausibleAccuracy(drawn, accuracy, K);
      const far = K - 1 - near[k]!.length;
      const share = far === 0 ? 1 : concentration;
      confusion.fill(far === 0 ? 0 : ((1 - right) * (1 - share)) / far, k * K, (k + 1) * K);
      confusion[k * K + k] = right;
      const weights = near[k]!.map((_, r) => -Math.log(1 - own.uniform()) / (r + 1));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      near[k]!.forEach((z, r) => (confusion[k * K + z] = ((1 - right) * share * weights[r]!) / total));
    }
    return confusion;
  });
}

export default defineComponent({
  kind: 'workerSimulator',
  name: 'structured',
  summary: 'workers of varying accuracy who confuse the classes that are alike',
  options,
  needs: (options) => (isFeatureBound(options) ? ['truth', 'features'] : ['truth']),
  inject: [T.Dataset, TruthToken, T.Rng],
  create: (options, dataset: Dataset, truth: Truth | null, rng: Rng) => {
    const K = dataset.classes.length;
    const similarity = options.similarity ? givenSimilarity(options.similarity, K) : classSimilarity(dataset, rng);
    const ids = workerIdsOf(options.workers);
    const confusions = structuredConfusions(options, similarity, ids, rng);
    const known = knownTruth(truth, 'structured');
    const { hardItems: share, hardItemKind: kind, hardItemError, drift } = options;
    const faultless = [share, drift, options.spammers, options.constantAnswerers, options.copiers].every(
      (x) => x === 0,
    );
    if (faultless) return new ConfusionSimulator(ids, confusions, dataset, known);
    const roles = workerRoles(options, ids.length, K, rng.fork('roles'));
    const named = hardItems({ share, kind }, dataset, known, expectedCounts(confusions), rng.fork('hard-items'));
    const faults = { roles, named, hardItemError, drift };
    return new FaultySimulator(ids, confusions, faults, dataset, known, rng.fork('copied'));
  },
});

function isFeatureBound({ hardItems, hardItemKind }: StructuredOptions): boolean {
  return hardItems > 0 && hardItemKind === 'features';
}
