import { type WorkerConfusions } from '@quorate/core';
import { softmax, type CrowdColumns } from '@quorate/core/numbers';

const FLOOR = 1e-8;

/**
 * L, what a crowd says of each item: the mean of its smoothed vote shares and of the likelihood of its answers, N×K,
 *
 *     ½ (V_ik + 1/K) / (n_i + 1) + ½ Π_a P_j(z_a | k) / Σ_k' (same)
 *
 * without the learner and without class shares. The vote shares keep it in bounds where the confusions have gone astray.
 * Rows of items without answers are uniform.
 */
export function crowdLabels(
  { items, classes: K, start, worker, label }: CrowdColumns,
  { probability }: WorkerConfusions,
): Float64Array {
  const labels = new Float64Array(items * K);
  const votes = new Float64Array(K);
  for (let i = 0; i < items; i++) {
    const [from, to] = [start[i]!, start[i + 1]!];
    votes.fill(0);
    for (let a = from; a < to; a++) {
      votes[label[a]!]!++;
      const row = (worker[a]! * K + label[a]!) * K;
      for (let k = 0; k < K; k++) labels[i * K + k]! += Math.log(probability[row + k]! + FLOOR);
    }
    softmax(labels, i * K, K);
    for (let k = 0; k < K; k++) {
      labels[i * K + k] = (labels[i * K + k]! + (votes[k]! + 1 / K) / (to - from + 1)) / 2;
    }
  }
  return labels;
}
