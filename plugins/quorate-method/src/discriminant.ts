import type { LearnerBackend } from '@quorate/core';
import type { AnswerLikelihood } from './answer-likelihood.js';
import { whitening } from './cholesky.js';
import { trace, type FeatureSpace } from './feature-space.js';
import type { Gold } from './gold.js';

/** κ, examples at the centre of all features that every class mean is shrunk by. */
const CENTRE_EXAMPLES = 1;

export interface DiscriminantOptions {
  /** s, how far the covariance is shrunk to a multiple of the identity, 0..1. */
  readonly shrinkage: number;
  /** λ, weight of an item without annotations as an example. */
  readonly unlabelled: number;
}

/**
 * Classes that are normal with one covariance, fitted to soft labels R of all rows with weights v: 1 for an annotated
 * item, λ for another one, the gold's own for a prototype.
 *
 *     n_k = Σ_i v_i R_ik,   m_k = Σ_i v_i R_ik x_i / (n_k + κ),   prior_k ∝ n_k + mean(n)
 *     S_w = S_T - Σ_k f_k (c_k m_kᵀ + m_k c_kᵀ - m_k m_kᵀ),   f_k, c_k: share and mean of class k under R unweighted
 *     S = (1 - s) S_w + s tr(S_w)/D I
 *     l_ik = -d²_ik / 2,   d²_ik = (x_i - m_k)ᵀ S⁻¹ (x_i - m_k) · ((n_k + κ) / max(n_k + κ - v_i R_ik, (n_k + κ)/2))²
 *
 * S_w is the mean of (x_i - m_k)(x_i - m_k)ᵀ under R, without a pass over the items. The factor takes row i out of the
 * means: x_i - m_k⁽⁻ⁱ⁾ = (x_i - m_k) (n_k + κ)/(n_k + κ - v_i R_ik) exactly, for the same S; it is kept below 2, since the
 * only example of a class would leave nothing. So a row never votes for itself.
 *
 * The arrays are of the size N×K or n×D, kept for the whole run.
 */
export class Discriminant {
  readonly #backend: LearnerBackend;
  readonly #space: FeatureSpace;
  readonly #gold: Gold;
  readonly #items: number;
  readonly #classes: number;
  /** Row i: R_i, then v_i R_i; N×2K. */
  readonly #examples: Float32Array;
  /** Sums of the prototypes of each class, K×D. */
  readonly #goldSums: Float64Array;
  readonly #sums: Float32Array;
  readonly #white: Float32Array;
  /** n_k + κ. */
  readonly #sizes: Float64Array;

  constructor(backend: LearnerBackend, space: FeatureSpace, gold: Gold) {
    const { rows: n, columns: D, points } = space;
    const K = gold.perClass.length;
    const N = n - gold.classOf.length;
    this.#backend = backend;
    this.#space = space;
    this.#gold = gold;
    this.#items = N;
    this.#classes = K;
    this.#examples = new Float32Array(N * 2 * K);
    this.#goldSums = new Float64Array(K * D);
    gold.classOf.forEach((k, p) => {
      for (let d = 0; d < D; d++) this.#goldSums[k * D + d]! += points[(N + p) * D + d]!;
    });
    this.#sums = new Float32Array(2 * K * D);
    this.#white = new Float32Array(n * D);
    this.#sizes = new Float64Array(K);
  }

  /**
   * @param p What is believed of the items before their answers, N×K.
   * @param view Out: l_ik - max_k l_ik of items and prototypes, n×K. @returns ln prior_k, length K.
   */
  async fit(
    p: Float32Array,
    answers: AnswerLikelihood,
    { shrinkage, unlabelled }: DiscriminantOptions,
    view: Float32Array,
  ): Promise<Float64Array> {
    const { rows: n, columns: D, points } = this.#space;
    const K = this.#classes;
    const { total, weighted } = this.#label(p, answers, unlabelled);
    const examples = { data: this.#examples, rows: this.#items, columns: 2 * K };
    const rows = { data: points, rows: this.#items, columns: D };
    await this.#backend.product(examples, rows, this.#sums, { left: true });
    const means = this.#means(weighted);
    const within = this.#withinScatter(means, total);
    const spread = trace(within, D) / D;
    for (let x = 0; x < within.length; x++) within[x]! *= 1 - shrinkage;
    for (let d = 0; d < D; d++) within[d * (D + 1)]! += shrinkage * (spread > 0 ? spread : 1);

    const whiten = { data: Float32Array.from(whitening(within, D)), rows: D, columns: D };
    const white = { data: this.#white, rows: n, columns: D };
    await this.#backend.product({ data: points, rows: n, columns: D }, whiten, this.#white);
    const whiteMeans = { data: new Float32Array(K * D), rows: K, columns: D };
    await this.#backend.product({ data: means, rows: K, columns: D }, whiten, whiteMeans.data);
    await this.#backend.product(white, whiteMeans, view, { right: true });
    this.#score(whiteMeans.data, view);
    return logPrior(weighted);
  }

  /** Turns the products Y mᵀ in `out` into l_ik - max_k l_ik, in place. */
  #score(means: Float32Array, out: Float32Array): void {
    const { rows: n, columns: D } = this.#space;
    const K = this.#classes;
    const N = this.#items;
    const examples = this.#examples;
    const sizes = this.#sizes;
    const { classOf, weight } = this.#gold;
    const meanNorms = Float64Array.from({ length: K }, (_, k) => squaredNorm(means, k * D, D));
    for (let i = 0; i < n; i++) {
      const norm = squaredNorm(this.#white, i * D, D);
      const start = i * K;
      let max = -Infinity;
      for (let k = 0; k < K; k++) {
        const own = i < N ? examples[2 * start + K + k]! : classOf[i - N] === k ? weight[k]! : 0;
        const size = sizes[k]!;
        const factor = size / Math.max(size - own, size / 2);
        const d2 = Math.max(0, norm + meanNorms[k]! - 2 * out[start + k]!);
        const logit = -0.5 * d2 * factor * factor;
        out[start + k] = logit;
        if (logit > max) max = logit;
      }
      for (let k = 0; k < K; k++) out[start + k]! -= max;
    }
  }

  /** Writes R and v R of the items. @returns Σ_i R_ik and Σ_i v_i R_ik over items and prototypes. */
  #label(
    p: Float32Array,
    answers: AnswerLikelihood,
    unlabelled: number,
  ): { total: Float64Array; weighted: Float64Array } {
    const K = this.#classes;
    const examples = this.#examples;
    const { perClass, weight } = this.#gold;
    const total = Float64Array.from(perClass);
    const weighted = Float64Array.from(perClass, (g, k) => g * weight[k]!);
    for (let i = 0; i < this.#items; i++) {
      const start = i * 2 * K;
      const v = answers.beliefs(i, p, examples, start) ? 1 : unlabelled;
      for (let k = 0; k < K; k++) {
        const r = examples[start + k]!;
        total[k]! += r;
        weighted[k]! += examples[start + K + k] = v * r;
      }
    }
    return { total, weighted };
  }

  /** m, K×D; leaves n_k + κ. */
  #means(weighted: Float64Array): Float32Array {
    const { columns: D } = this.#space;
    const K = this.#classes;
    const means = new Float32Array(K * D);
    for (let k = 0; k < K; k++) {
      this.#sizes[k] = weighted[k]! + CENTRE_EXAMPLES;
      for (let d = 0; d < D; d++) {
        const sum = this.#sums[(K + k) * D + d]! + this.#gold.weight[k]! * this.#goldSums[k * D + d]!;
        means[k * D + d] = sum / this.#sizes[k]!;
      }
    }
    return means;
  }

  /** S_w, D×D. @param total n f_k, length K. */
  #withinScatter(means: Float32Array, total: Float64Array): Float64Array {
    const { rows: n, columns: D, scatter } = this.#space;
    const within = scatter.slice();
    for (let k = 0; k < this.#classes; k++) {
      const share = total[k]! / n;
      for (let d = 0; d < D; d++) {
        const m = means[k * D + d]!;
        // f c - f m / 2: half of the symmetric correction in one product.
        const half = (this.#sums[k * D + d]! + this.#goldSums[k * D + d]!) / n - (share * m) / 2;
        for (let e = 0; e < D; e++) {
          const product = half * means[k * D + e]!;
          within[d * D + e]! -= product;
          within[e * D + d]! -= product;
        }
      }
    }
    return within;
  }
}

/** Half of what the examples say, half even: ln of (n_k + mean(n)) / (2 Σn); even without examples. */
function logPrior(weighted: Float64Array): Float64Array {
  const K = weighted.length;
  const all = weighted.reduce((sum, one) => sum + one, 0);
  return weighted.map((one) => (all > 0 ? Math.log((one + all / K) / (2 * all)) : -Math.log(K)));
}

function squaredNorm(rows: Float32Array, start: number, length: number): number {
  let sum = 0;
  for (let x = start; x < start + length; x++) sum += rows[x]! * rows[x]!;
  return sum;
}
