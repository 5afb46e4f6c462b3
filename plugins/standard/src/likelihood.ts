import { argmax, type Annotations, type WorkerConfusions } from '@quorate/core';
import { MAJORITY } from './hard-assignment.js';

/** Floor under every factor of a product of probabilities, as in [Liao21]'s program: no answer rules a class out. */
export const FACTOR_FLOOR = 1e-8;

/**
 * Writes Σ_a ln(P_j(z_a | k) + 1e-8) over item i's annotations to `out`, length K: what its answers alone say, in nats.
 * An item without annotations gets zeros.
 */
export function annotationLogLikelihood(
  annotations: Annotations,
  { probability, classes: K }: WorkerConfusions,
  item: number,
  out: Float64Array,
): void {
  out.fill(0, 0, K);
  for (let a = annotations.firstOfItem[item]!; a >= 0; a = annotations.nextOfItem[a]!) {
    const row = (annotations.worker[a]! * K + annotations.label[a]!) * K;
    for (let k = 0; k < K; k++) out[k]! += Math.log(probability[row + k]! + FACTOR_FLOOR);
  }
}

/**
 * Writes ŷ_i = arg max_k y_i(k) of every annotated item to `labels` (the lowest class wins a tie), and says how well
 * the workers' confusions explain the answers, if these are the labels. EM watches this mean to stop; it is not what
 * its steps maximise, and may fall.
 * @param labels Length N; entries of items without annotations stay as they are.
 * @returns likelihood: mean over the annotations of P_j(z_a | ŷ_i), a probability in 0..1, 0 without annotations;
 * changed: how many entries of `labels` are not what they were.
 */
export function explain(
  annotations: Annotations,
  { probability, classes: K }: WorkerConfusions,
  posterior: Float64Array,
  labels: Int32Array,
): { likelihood: number; changed: number } {
  const { items, firstOfItem, nextOfItem, worker, label, live } = annotations;
  let sum = 0;
  let changed = 0;
  for (let item = 0; item < items; item++) {
    let a = firstOfItem[item]!;
    if (a < 0) continue;
    const first = label[a]!;
    const best = posterior[item * K + first]! > MAJORITY ? first : argmax(posterior, item * K, K);
    if (labels[item] !== best) {
      labels[item] = best;
      changed++;
    }
    for (; a >= 0; a = nextOfItem[a]!) sum += probability[(worker[a]! * K + label[a]!) * K + best]!;
  }
  return { likelihood: live > 0 ? sum / live : 0, changed };
}
