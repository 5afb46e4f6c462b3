import { softmax } from '@quorate/core/numbers';

/** Weight of ½‖w‖² beside the mean loss of a row, over the number of rows. */
const RIDGE = 1;
const STEPS = 200;

/**
 * Multinomial logistic regression with soft targets and a ridge, on standardised columns, by Nesterov's accelerated gradient
 * with the step 1/L, L = ½ max_i ‖x_i‖² + ridge / n:
 *
 *     min_w  1/n Σ_i -Σ_k y_i(k) ln softmax(W x_i)_k + ridge / (2n) ‖W‖²
 *
 * Deterministic: it starts at W = 0. O(steps · n · D · K).
 *
 * @param features rows×D row-major. @param rows Which of them to learn from, n. @param targets n×K, rows sum to 1.
 * @returns Class probabilities of all rows, rows×K.
 */
export function logisticRegression(
  features: { readonly data: Float32Array; readonly columns: number },
  classes: number,
  rows: Int32Array,
  targets: Float64Array,
): Float64Array {
  const K = classes;
  const D = features.columns + 1;
  const all = features.data.length / features.columns;
  const n = rows.length;
  const x = standardised(features, rows);
  if (n === 0) return new Float64Array(all * K).fill(1 / K);
  let longest = 0;
  for (const row of rows) {
    let square = 0;
    for (let d = 0; d < D; d++) square += x[row * D + d]! ** 2;
    if (square > longest) longest = square;
  }
  const step = 1 / (longest / 2 + RIDGE / n);
  let weights = new Float64Array(K * D);
  let ahead = weights;
  let momentum = 1;
  const p = new Float64Array(K);
  for (let s = 0; s < STEPS; s++) {
    const next = ahead.map((w) => w * (1 - (step * RIDGE) / n));
    for (let i = 0; i < n; i++) {
      predict(x, rows[i]! * D, D, ahead, p);
      for (let k = 0; k < K; k++) {
        const pull = (step * (targets[i * K + k]! - p[k]!)) / n;
        for (let d = 0; d < D; d++) next[k * D + d]! += pull * x[rows[i]! * D + d]!;
      }
    }
    const then = (1 + Math.sqrt(1 + 4 * momentum * momentum)) / 2;
    ahead = next.map((w, at) => w + ((momentum - 1) / then) * (w - weights[at]!));
    [weights, momentum] = [next, then];
  }
  const out = new Float64Array(all * K);
  for (let row = 0; row < all; row++) {
    predict(x, row * D, D, weights, p);
    out.set(p, row * K);
  }
  return out;
}

/** softmax(W x) of one row, to `out`. */
function predict(x: Float64Array, at: number, D: number, weights: Float64Array, out: Float64Array): void {
  for (let k = 0; k < out.length; k++) {
    let score = 0;
    for (let d = 0; d < D; d++) score += weights[k * D + d]! * x[at + d]!;
    out[k] = score;
  }
  softmax(out);
}

/** Columns with mean 0 and deviation 1 over the rows that are learned from, and a column of ones. */
function standardised({ data, columns }: { data: Float32Array; columns: number }, rows: Int32Array): Float64Array {
  const all = data.length / columns;
  const x = new Float64Array(all * (columns + 1)).fill(1);
  for (let d = 0; d < columns; d++) {
    let mean = 0;
    for (const row of rows) mean += data[row * columns + d]! / rows.length;
    let variance = 0;
    for (const row of rows) variance += (data[row * columns + d]! - mean) ** 2 / rows.length;
    const scale = variance > 1e-12 ? 1 / Math.sqrt(variance) : 0;
    for (let row = 0; row < all; row++) x[row * (columns + 1) + d] = (data[row * columns + d]! - mean) * scale;
  }
  return x;
}
