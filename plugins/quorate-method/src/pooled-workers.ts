import type { Annotations, WorkerModel } from '@quorate/core';
import { lnGamma } from '@quorate/core/numbers';

/** Before any answer a worker is right with probability ρ0, as if n0 answers had shown it. */
const FIRST_SKILL = 0.7;
const FIRST_SKILL_ANSWERS = 10;
/** Pseudo-answers on each row of the pooled matrix, in the shape of a worker who is right with probability ρ. */
const POOL_ANSWERS = 150;
/** α, how many answers of a worker weigh as much as the pool. */
const CONCENTRATIONS = [4, 8, 16, 32, 64, 128, 256];

/**
 * Confusion matrices that lean on each other: every worker's is shrunk to the pooled one, as far as the answers
 * themselves say that workers are alike.
 *
 *     C_j(k, z) = Σ_a y_i(k) [j_a = j, z_a = z],   G = Σ_j C_j                                            soft counts
 *     ρ = (tr G + ρ0 n0) / (ΣG + n0),   B = ρ on the diagonal, (1 - ρ)/(K - 1) elsewhere
 *     μ(k, ·) = normalised G(k, ·) + b0 B(k, ·)                                                       the pooled matrix
 *     P_j(z | k) = (C_j(k, z) + α μ(k, z)) / (n_jk + α),   n_jk = Σ_z C_j(k, z)
 *
 * with α the value of the grid that maximises the Dirichlet-multinomial likelihood of the counts
 *
 *     Σ_jk ln Γ(α) - ln Γ(α + n_jk) + Σ_z ln Γ(C_j(k, z) + α μ(k, z)) - ln Γ(α μ(k, z))
 *
 * ρ0 = 0.7, n0 = 10, b0 = 150, α in {4, 8, ..., 256}. The strong b0 keeps two classes from being swapped wholesale.
 * Nothing is known of the workers but their answers: before any, all have B at ρ0.
 */
export class PooledWorkers implements WorkerModel {
  readonly confusions: { workers: number; readonly classes: number; probability: Float64Array };
  /** μ, laid out [observed][true] as the confusions. */
  readonly #pool: Float64Array;
  /** n_jk of one worker. */
  readonly #answers: Float64Array;

  constructor(classes: number) {
    this.confusions = { workers: 0, classes, probability: new Float64Array(0) };
    this.#pool = new Float64Array(classes ** 2);
    this.#answers = new Float64Array(classes);
  }

  reset(workers: number): void {
    const { confusions } = this;
    const size = confusions.classes ** 2;
    // Twice as long, so that workers who join one by one do not cost a new array each.
    if (workers * size > confusions.probability.length) {
      confusions.probability = new Float64Array(Math.max(workers * size, 2 * confusions.probability.length));
    }
    confusions.workers = workers;
    this.#pool.fill(0);
    this.#finishPool();
    for (let j = 0; j < workers; j++) confusions.probability.set(this.#pool, j * size);
  }

  update(annotations: Annotations, posterior: Float64Array): void {
    const { probability, classes: K, workers } = this.confusions;
    const { items, firstOfItem, nextOfItem, worker, label, perWorker } = annotations;
    const size = K * K;
    probability.fill(0, 0, workers * size);
    this.#pool.fill(0);
    // In the order of the items, not of arrival: rows lie in the order in which memory is read.
    for (let item = 0; item < items; item++) {
      const start = item * K;
      for (let a = firstOfItem[item]!; a >= 0; a = nextOfItem[a]!) {
        const row = (worker[a]! * K + label[a]!) * K;
        for (let k = 0; k < K; k++) probability[row + k]! += posterior[start + k]!;
      }
    }
    for (let j = 0; j < workers; j++) {
      if (perWorker[j] === 0) continue;
      for (let x = 0; x < size; x++) this.#pool[x]! += probability[j * size + x]!;
    }
    this.#finishPool();
    const alpha = this.#concentration(perWorker);
    for (let j = 0; j < workers; j++) {
      const answers = this.#rowSums(j);
      for (let z = 0, x = 0; z < K; z++) {
        for (let k = 0; k < K; k++, x++) {
          const count = probability[j * size + x]!;
          probability[j * size + x] = (count + alpha * this.#pool[x]!) / (answers[k]! + alpha);
        }
      }
    }
  }

  /** Turns the counts G in the pool into μ, in place. */
  #finishPool(): void {
    const pool = this.#pool;
    const K = this.confusions.classes;
    let total = 0;
    let right = 0;
    for (let x = 0; x < K * K; x++) total += pool[x]!;
    for (let k = 0; k < K; k++) right += pool[k * K + k]!;
    const skill = (right + FIRST_SKILL * FIRST_SKILL_ANSWERS) / (total + FIRST_SKILL_ANSWERS);
    for (let k = 0; k < K; k++) {
      let sum = 0;
      for (let z = 0; z < K; z++) {
        sum += pool[z * K + k]! += POOL_ANSWERS * (z === k ? skill : (1 - skill) / (K - 1));
      }
      for (let z = 0; z < K; z++) pool[z * K + k]! /= sum;
    }
  }

  /** n_jk of worker j, length K; overwritten by the next call. */
  #rowSums(j: number): Float64Array {
    const { probability, classes: K } = this.confusions;
    const sums = this.#answers.fill(0);
    for (let z = 0; z < K; z++) {
      for (let k = 0; k < K; k++) sums[k]! += probability[(j * K + z) * K + k]!;
    }
    return sums;
  }

  /**
   * The α of the grid under which the counts are most likely, by going uphill from the middle: as a function of α their
   * likelihood has one peak.
   */
  #concentration(perWorker: Int32Array): number {
    const likelihood = new Map<number, number>();
    const at = (g: number): number => {
      if (!likelihood.has(g)) likelihood.set(g, this.#likelihood(CONCENTRATIONS[g]!, perWorker));
      return likelihood.get(g)!;
    };
    let best = CONCENTRATIONS.length >> 1;
    while (best > 0 && at(best - 1) >= at(best)) best--;
    while (best < CONCENTRATIONS.length - 1 && at(best + 1) > at(best)) best++;
    return CONCENTRATIONS[best]!;
  }

  /** ln of the Dirichlet-multinomial likelihood of the counts of all workers. */
  #likelihood(alpha: number, perWorker: Int32Array): number {
    const { probability, workers, classes: K } = this.confusions;
    const size = K * K;
    const empty = this.#pool.map((mu) => lnGamma(alpha * mu));
    let sum = 0;
    for (let j = 0; j < workers; j++) {
      if (perWorker[j] === 0) continue;
      const answers = this.#rowSums(j);
      sum += K * lnGamma(alpha);
      for (let k = 0; k < K; k++) sum -= lnGamma(alpha + answers[k]!);
      for (let x = 0; x < size; x++) {
        const count = probability[j * size + x]!;
        if (count > 0) sum += lnGamma(count + alpha * this.#pool[x]!) - empty[x]!;
      }
    }
    return sum;
  }
}
