import { softmax } from '@quorate/core/numbers';
import { type Dataset, type Learner, type LearnerOutput, type LearnRequest } from '@quorate/core';

/** The `none` learner: has nothing to say. */
export function silentLearner(): Learner {
  return { fitPredict: () => null };
}

/** Says the same of every item: uniform, or the given probabilities of the K classes. */
export function constantLearner(probability?: readonly number[]): Learner {
  return {
    fitPredict: ({ dataset }) => {
      const K = dataset.classes.length;
      const row = probability ?? new Array<number>(K).fill(1 / K);
      const rows = Float32Array.from({ length: dataset.taskIds.length * K }, (_, x) => row[x % K]!);
      return { probability: rows, includesOwnAnswers: false };
    },
  };
}

/** Nearest class mean, softened: P(k | x) ∝ exp(-|x - μ_k|²), where μ_k is of the prototypes and the sure items of k. */
export function centroidLearner(): Learner {
  return {
    fitPredict: (request) => {
      const { dataset } = request;
      const K = dataset.classes.length;
      const means = meansOf(request);
      const probability = new Float32Array(dataset.taskIds.length * K);
      const logits = new Float64Array(K);
      for (let i = 0; i < dataset.taskIds.length; i++) {
        for (let k = 0; k < K; k++) logits[k] = -distance(dataset, i, means[k]!);
        softmax(logits);
        probability.set(logits, i * K);
      }
      return { probability, includesOwnAnswers: true };
    },
  };
}

/** The same learner that remembers what it said last, and says it again when asked. */
export function rememberingLearner(): Learner {
  const right = centroidLearner();
  let last: LearnerOutput | null = null;
  return {
    fitPredict: async (request, rng) => (last = await right.fitPredict(request, rng)),
    lastOutput: () => Promise.resolve(last),
    snapshot: () => last && { ...last, probability: last.probability.slice() },
    restore: (state) => {
      last = state as unknown as LearnerOutput | null;
    },
  };
}

function meansOf({ dataset, posterior, risk, riskThreshold }: LearnRequest): Float64Array[] {
  const { data, columns: D } = dataset.features!;
  const K = dataset.classes.length;
  const N = dataset.taskIds.length;
  const sums = Array.from({ length: K }, () => new Float64Array(D));
  const counts = new Float64Array(K);
  const add = (row: number, k: number, weight: number): void => {
    for (let d = 0; d < D; d++) sums[k]![d]! += weight * data[row * D + d]!;
    counts[k]! += weight;
  };
  dataset.prototypes.classOf.forEach((k, p) => add(N + p, k, 1));
  for (let i = 0; i < N; i++) {
    if (risk[i]! <= riskThreshold) for (let k = 0; k < K; k++) add(i, k, posterior[i * K + k]!);
  }
  return sums.map((sum, k) => sum.map((x) => x / (counts[k]! + 1e-9)));
}

/** Squared distance of an item to a mean, in units of the columns' scale, and at most 50 so that nothing underflows. */
function distance({ features }: Dataset, item: number, mean: Float64Array): number {
  const { data, columns: D } = features!;
  let sum = 0;
  for (let d = 0; d < D; d++) sum += ((data[item * D + d]! - mean[d]!) / (1 + Math.abs(mean[d]!))) ** 2;
  return Math.min(50, sum);
}
