import type { WorkerConfusions } from '../contracts/worker-model.js';

/** With more classes than MANY only the TOP most probable ones of an item are considered as its class. */
const MANY = 30;
const TOP = 6;

/**
 * μ(k, z), the confusion matrix of a worker drawn at random, K×K `[true][observed]`: the mean over all workers.
 * @param among The workers to draw from; without it all.
 */
export function meanConfusion(
  { workers, classes: K, probability }: WorkerConfusions,
  among?: readonly number[],
): Float64Array {
  const mean = new Float64Array(K * K);
  const count = among?.length ?? workers;
  for (let x = 0; x < count; x++) {
    const j = among?.[x] ?? x;
    for (let z = 0; z < K; z++) {
      for (let k = 0; k < K; k++) mean[k * K + z]! += probability[(j * K + z) * K + k]! / count;
    }
  }
  return mean;
}

/**
 * By how much one more answer of a random worker is expected to raise the probability of an item's best label:
 *
 *     gain_i = Σ_z max_k y_i(k) μ(k, z) - max_k y_i(k)   in 0..1 - 1/K
 *
 * The probability that the label is right after the answer, less what it is now; 0 where no answer could change it.
 * With K > 30 the maximum over z is of the 6 most probable classes k: a lower bound, exact but for what the others hold.
 */
export class ExpectedGain {
  readonly #mean: Float64Array;
  readonly #classes: number;
  readonly #few: Int32Array;
  readonly #top: Int32Array;
  readonly #best: Float64Array;

  /** @param mean μ, K×K `[true][observed]`. */
  constructor(mean: Float64Array, classes: number) {
    this.#mean = mean;
    this.#classes = classes;
    this.#few = new Int32Array(classes > MANY ? TOP : classes);
    this.#top = new Int32Array(Math.min(TOP, classes));
    this.#best = new Float64Array(classes);
  }

  /** @param posterior N×K. */
  of(item: number, posterior: Float64Array): number {
    const K = this.#classes;
    const start = item * K;
    const best = this.#best.fill(0);
    let now = 0;
    for (const k of this.#candidates(posterior, start, this.#few)) {
      const belief = posterior[start + k]!;
      if (belief === 0) continue;
      if (belief > now) now = belief;
      for (let z = 0; z < K; z++) {
        const joint = belief * this.#mean[k * K + z]!;
        if (joint > best[z]!) best[z] = joint;
      }
    }
    let after = 0;
    for (let z = 0; z < K; z++) after += best[z]!;
    return Math.max(0, after - now);
  }

  /**
   * What two more answers of random workers are expected to gain together:
   *
   *     Σ_z Σ_z' max_k y_i(k) μ(k, z) μ(k, z') - max_k y_i(k)
   *              = Σ_z Σ_z' (max_k y_i(k) μ(k, z) μ(k, z') - y_i(b) μ(b, z) μ(b, z')),      b = arg max_k y_i(k)
   *
   * over classes and answers among the 6 most probable classes: exact for K <= 6, else a lower bound. It is more than 0
   * where one answer alone would change nothing, since it could not outweigh the one that is there, and two that agree
   * would.
   */
  ofTwo(item: number, posterior: Float64Array): number {
    const K = this.#classes;
    const mean = this.#mean;
    const start = item * K;
    const classes = this.#candidates(posterior, start, this.#top);
    let now = classes[0]!;
    for (const k of classes) if (posterior[start + k]! > posterior[start + now]!) now = k;
    let gain = 0;
    for (const z of classes) {
      for (const other of classes) {
        const stays = posterior[start + now]! * mean[now * K + z]! * mean[now * K + other]!;
        let best = stays;
        for (const k of classes) {
          const joint = posterior[start + k]! * mean[k * K + z]! * mean[k * K + other]!;
          if (joint > best) best = joint;
        }
        gain += best - stays;
      }
    }
    return gain;
  }

  /** Fills `top` with the most probable classes, or with all of them; the lowest index wins a tie. */
  #candidates(posterior: Float64Array, start: number, top: Int32Array): Int32Array {
    if (top.length === this.#classes) {
      for (let k = 0; k < top.length; k++) top[k] = k;
      return top;
    }
    let filled = 0;
    for (let k = 0; k < this.#classes; k++) {
      const belief = posterior[start + k]!;
      let place = filled;
      while (place > 0 && belief > posterior[start + top[place - 1]!]!) place--;
      if (place === top.length) continue;
      if (filled < top.length) filled++;
      top.copyWithin(place + 1, place, filled - 1);
      top[place] = k;
    }
    return top;
  }
}
