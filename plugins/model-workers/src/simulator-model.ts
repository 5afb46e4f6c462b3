import {
  QuorateError,
  T,
  defineComponent,
  type Dataset,
  type Questions,
  type Rng,
  type WorkerSimulator,
} from '@quorate/core';
import { TruthToken, type Truth } from '@quorate/core/truth';
import { z } from 'zod';

const options = z.strictObject({
  accuracy: z.number().min(0).max(1).default(0.8).describe('share of the clusters of a class that it is right about'),
  clusters: z
    .int()
    .min(1)
    .nullable()
    .default(null)
    .describe('groups of tasks that look alike, in which it makes the same mistakes; null: ten for each class'),
  knownClasses: z
    .int()
    .min(1)
    .nullable()
    .default(null)
    .describe('it knows the first so many classes, and names one of those for every task; null: all'),
  swappedClasses: z
    .int()
    .min(0)
    .default(0)
    .describe('of the first so many classes it always names the next one: adversarial'),
});
type SimulatedModelOptions = z.output<typeof options>;

/**
 * A model that errs as models do: tasks that look alike get the same answer, asked twice it says the same, and its mistakes
 * come in clusters. Cluster of a task: the nearest of so many tasks drawn at random (without features: a random one). In
 * every cluster and class it is right with probability `accuracy`, else it names one wrong class, for all tasks there.
 */
class SimulatedModel implements WorkerSimulator {
  readonly workerIds = ['model'];
  readonly knowledge = { pooledCounts: null, confusion: () => null };
  readonly #answers: Int32Array;

  constructor(answers: Int32Array) {
    this.#answers = answers;
  }

  answer({ count, item }: Questions, labels: Int32Array): void {
    for (let a = 0; a < count; a++) labels[a] = this.#answers[item[a]!]!;
  }
}

function answersOf(options: SimulatedModelOptions, dataset: Dataset, truth: Truth, rng: Rng): Int32Array {
  const K = dataset.classes.length;
  const clusters = options.clusters ?? 10 * K;
  const known = Math.min(options.knownClasses ?? K, K);
  const cluster = clustersOf(dataset, clusters, rng.fork('clusters'));
  const said = new Int32Array(clusters * K);
  const mistakes = rng.fork('mistakes');
  for (let x = 0; x < said.length; x++) {
    const k = x % K;
    const right = mistakes.uniform() < options.accuracy;
    const other = mistakes.int(Math.max(1, known - (k < known ? 1 : 0)));
    said[x] = right && k < known ? k : other + (k < known && other >= k && known > 1 ? 1 : 0);
    if (k < options.swappedClasses) said[x] = (k + 1) % Math.max(2, Math.min(options.swappedClasses, K));
  }
  return Int32Array.from(truth.classOf, (k, i) => said[cluster[i]! * K + k]!);
}

function clustersOf({ taskIds, features }: Dataset, clusters: number, rng: Rng): Int32Array {
  const N = taskIds.length;
  if (!features) return Int32Array.from({ length: N }, () => rng.int(clusters));
  const { data, columns: D } = features;
  const centres = Array.from({ length: clusters }, () => rng.int(N));
  return Int32Array.from({ length: N }, (_, i) => {
    let best = 0;
    let least = Infinity;
    centres.forEach((centre, c) => {
      let distance = 0;
      for (let d = 0; d < D && distance < least; d++) distance += (data[i * D + d]! - data[centre * D + d]!) ** 2;
      if (distance < least) [best, least] = [c, distance];
    });
    return best;
  });
}

export default defineComponent({
  kind: 'workerSimulator',
  name: 'simulated_model',
  summary: 'a model whose mistakes repeat: tasks that look alike get the same answer',
  options,
  needs: () => ['truth'],
  inject: [T.Dataset, TruthToken, T.Rng],
  create: (options, dataset, truth, rng) => {
    if (truth?.classOf.every((k) => k >= 0)) return new SimulatedModel(answersOf(options, dataset, truth, rng));
    throw new QuorateError('DATA_UNAVAILABLE', {
      where: 'models.use=simulated_model',
      expected: 'the true class of every task, which a simulated model answers from',
      got: truth ? 'that of some tasks' : 'a dataset without truth',
      fix: 'Label the tasks that are to be simulated, or leave the model out.',
    });
  },
});
