import type { LearnerBackend } from '@quorate/core';
import type { AnswerLikelihood } from './answer-likelihood.js';
import { whitening } from './cholesky.js';
import { trace, type FeatureSpace } from './feature-space.js';
import type { Gold } from './gold.js';
import { LeaveOneOut } from './leave-one-out.js';

/** Rows that are worked on together: 4 MB of 128 columns, which stay in the cache. */
const BLOCK_ROWS = 8192;

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
 *     n_k = Σ_i v_i R_ik,   m_k = Σ_i v_i R_ik x_i / (n_k + κ)
 *     S_w = S_T - Σ_k f_k (c_k m_kᵀ + m_k c_kᵀ - m_k m_kᵀ),   f_k, c_k: share and mean of class k under R unweighted
 *     S = (1 - s) S_w + s tr(S_w)/D I
 *     l_ik = -d²_ik / 2,   d²_ik = (x_i - m_k)ᵀ S⁻¹ (x_i - m_k) · ((n_k + κ) / max(n_k + κ - v_i R_ik, (n_k + κ)/2))²
 *
 * d² is corrected for the row's own part of S_w (`LeaveOneOut`).
 *
 * S_w is the mean of (x_i - m_k)(x_i - m_k)ᵀ under R, without a pass over the items. The factor takes row i out of the
 * means: x_i - m_k⁽⁻ⁱ⁾ = (x_i - m_k) (n_k + κ)/(n_k + κ - v_i R_ik) exactly, for the same S; it is kept below 2, since the
 * only example of a class would leave nothing. So a row never votes for itself.
 *
 * v takes two values beside the gold's own: both sums over the items are made of those over all and over the annotated
 * ones. Beside its arguments it keeps a block of rows.
 */
export class Discriminant {
  readonly #backend: LearnerBackend;
  readonly #space: FeatureSpace;
  readonly #gold: Gold;
  readonly #items: number;
  readonly #classes: number;
  /** Sums of the prototypes of each class, K×D. */
  readonly #goldSums: Float64Array;
  /** Σ_i R_ik x_i over all items and over the annotated ones, K×D. */
  readonly #sums: Float32Array;
  readonly #askedSums: Float64Array;
  readonly #block: Float32Array;
  /** Labels that are certain, K×K. */
  readonly #certain: Float32Array;
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
    this.#goldSums = new Float64Array(K * D);
    gold.classOf.forEach((k, p) => {
      for (let d = 0; d < D; d++) this.#goldSums[k * D + d]! += points[(N + p) * D + d]!;
    });
    this.#sums = new Float32Array(K * D);
    this.#askedSums = new Float64Array(K * D);
    this.#block = new Float32Array(Math.min(BLOCK_ROWS, n) * D);
    this.#certain = new Float32Array(K * K);
    for (let k = 0; k < K; k++) this.#certain[k * (K + 1)] = 1;
    this.#sizes = new Float64Array(K);
  }

  /**
   * @param R Labels of the items, N×K. @param answers Says which of them are annotated.
   * @param view Out: l_ik - max_k l_ik of items and prototypes, n×K.
   */
  async fit(
    R: Float32Array,
    answers: AnswerLikelihood,
    { shrinkage, unlabelled }: DiscriminantOptions,
    view: Float32Array,
  ): Promise<void> {
    const { rows: n, columns: D, points } = this.#space;
    const { classOf, weight } = this.#gold;
    const K = this.#classes;
    const { total, weighted } = this.#count(R, answers, unlabelled);
    const items = { data: points, rows: this.#items, columns: D };
    await this.#backend.product({ data: R, rows: this.#items, columns: K }, items, this.#sums, { left: true });
    await this.#sumAsked(R, answers);
    const means = this.#means(weighted, unlabelled);
    const within = this.#withinScatter(means, total);
    const spread = trace(within, D) / D;
    for (let x = 0; x < within.length; x++) within[x]! *= 1 - shrinkage;
    for (let d = 0; d < D; d++) within[d * (D + 1)]! += shrinkage * (spread > 0 ? spread : 1);

    const whiten = { data: Float32Array.from(whitening(within, D)), rows: D, columns: D };
    const whiteMeans = { data: new Float32Array(K * D), rows: K, columns: D };
    await this.#backend.product({ data: means, rows: K, columns: D }, whiten, whiteMeans.data);
    const leaveOut = new LeaveOneOut(whiteMeans.data, K, (1 - shrinkage) / n);
    for (let at = 0; at < n; at += BLOCK_ROWS) {
      const end = Math.min(n, at + BLOCK_ROWS);
      const white = { data: this.#block, rows: end - at, columns: D };
      const products = view.subarray(at * K, end * K);
      const block = { data: points.subarray(at * D, end * D), rows: end - at, columns: D };
      await this.#backend.product(block, whiten, this.#block);
      await this.#backend.product(white, whiteMeans, products, { right: true });
      for (let i = at; i < end; i++) {
        const norm = squaredNorm(this.#block, (i - at) * D, D);
        const y = i < this.#items ? -1 : classOf[i - this.#items]!;
        if (y < 0)
          this.#score(
            view,
            i * K,
            leaveOut.distances(view, i * K, norm, R, i * K),
            R,
            i * K,
            answers.place[i]! >= 0 ? 1 : unlabelled,
          );
        else
          this.#score(
            view,
            i * K,
            leaveOut.distances(view, i * K, norm, this.#certain, y * K),
            this.#certain,
            y * K,
            weight[y]!,
          );
      }
    }
  }

  /**
   * Writes l_k - max_k l_k of a row to `view`, from `at` on.
   * @param squared d²_k of the row to the means. @param labels The row's own label, from `own` on. @param v Its weight.
   */
  #score(view: Float32Array, at: number, squared: Float64Array, labels: Float32Array, own: number, v: number): void {
    const K = this.#classes;
    const sizes = this.#sizes;
    let max = -Infinity;
    for (let k = 0; k < K; k++) {
      let logit = -0.5 * squared[k]!;
      const example = v * labels[own + k]!;
      if (example > 0) {
        const size = sizes[k]!;
        const factor = size / Math.max(size - example, size / 2);
        logit *= factor * factor;
      }
      view[at + k] = logit;
      if (logit > max) max = logit;
    }
    for (let k = 0; k < K; k++) view[at + k]! -= max;
  }

  /** @returns Σ_i R_ik and Σ_i v_i R_ik over items and prototypes. */
  #count(
    R: Float32Array,
    { items, count }: AnswerLikelihood,
    unlabelled: number,
  ): { total: Float64Array; weighted: Float64Array } {
    const K = this.#classes;
    const { perClass, weight } = this.#gold;
    const all = new Float64Array(K);
    const asked = new Float64Array(K);
    for (let start = 0; start < R.length; start += K) for (let k = 0; k < K; k++) all[k]! += R[start + k]!;
    for (let n = 0; n < count; n++) for (let k = 0; k < K; k++) asked[k]! += R[items[n]! * K + k]!;
    return {
      total: all.map((sum, k) => sum + perClass[k]!),
      weighted: all.map((sum, k) => unlabelled * sum + (1 - unlabelled) * asked[k]! + perClass[k]! * weight[k]!),
    };
  }

  /** Σ_i R_ik x_i over the annotated items, block by block: they lie anywhere. */
  async #sumAsked(R: Float32Array, { items, count }: AnswerLikelihood): Promise<void> {
    const { columns: D, points } = this.#space;
    const K = this.#classes;
    const sums = this.#askedSums.fill(0);
    const part = new Float32Array(K * D);
    const labels = new Float32Array(Math.min(BLOCK_ROWS, count) * K);
    for (let at = 0; at < count; at += BLOCK_ROWS) {
      const some = items.subarray(at, Math.min(count, at + BLOCK_ROWS));
      some.forEach((i, row) => {
        this.#block.set(points.subarray(i * D, (i + 1) * D), row * D);
        labels.set(R.subarray(i * K, (i + 1) * K), row * K);
      });
      const rows = { data: this.#block, rows: some.length, columns: D };
      await this.#backend.product({ data: labels, rows: some.length, columns: K }, rows, part, { left: true });
      for (let x = 0; x < part.length; x++) sums[x]! += part[x]!;
    }
  }

  /** m, K×D; leaves n_k + κ. */
  #means(weighted: Float64Array, unlabelled: number): Float32Array {
    const { columns: D } = this.#space;
    const K = this.#classes;
    const means = new Float32Array(K * D);
    for (let k = 0; k < K; k++) {
      this.#sizes[k] = weighted[k]! + CENTRE_EXAMPLES;
      for (let d = 0; d < D; d++) {
        const x = k * D + d;
        const items = unlabelled * this.#sums[x]! + (1 - unlabelled) * this.#askedSums[x]!;
        means[x] = (items + this.#gold.weight[k]! * this.#goldSums[x]!) / this.#sizes[k]!;
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

function squaredNorm(rows: Float32Array, start: number, length: number): number {
  let sum = 0;
  for (let x = start; x < start + length; x++) sum += rows[x]! * rows[x]!;
  return sum;
}
