import type { Matrix } from '../contracts/learner-backend.js';

/** Index (0..length-1) of the greatest of `length` entries from `start`; the lowest index wins a tie. */
export function argmax(x: ArrayLike<number>, start = 0, length = x.length - start): number {
  let best = 0;
  for (let k = 1; k < length; k++) if (x[start + k]! > x[start + best]!) best = k;
  return best;
}

/**
 * Bayes risk under 0-1 loss, R_i = 1 - max_k posterior[i*K+k], in [0, 1].
 * @param posterior N×K row-major. @param out Length N, overwritten.
 */
export function bayesRisk(posterior: ArrayLike<number>, classes: number, out: Float64Array): void {
  for (let i = 0; i < out.length; i++) {
    let max = 0;
    for (let x = i * classes; x < (i + 1) * classes; x++) if (posterior[x]! > max) max = posterior[x]!;
    out[i] = 1 - max;
  }
}

/**
 * Divides every row of a row-major matrix by its sum, in place. A row of zeros (or of sum 0) stays as it is.
 * @returns How many rows had no sum.
 */
export function normalizeRows(matrix: Float64Array | Float32Array, columns: number): number {
  let empty = 0;
  for (let start = 0; start < matrix.length; start += columns) {
    let sum = 0;
    for (let x = start; x < start + columns; x++) sum += matrix[x]!;
    if (sum > 0) for (let x = start; x < start + columns; x++) matrix[x]! /= sum;
    else empty++;
  }
  return empty;
}

/** Mean of the diagonal and mean of all other entries of a K×K matrix. K = 1 has no other entries: 0. */
export function diagonalMeans(matrix: ArrayLike<number>, K: number): { diagonal: number; off: number } {
  let diagonal = 0;
  let total = 0;
  for (let x = 0; x < K * K; x++) {
    total += matrix[x]!;
    if (x % (K + 1) === 0) diagonal += matrix[x]!;
  }
  return { diagonal: diagonal / K, off: K > 1 ? (total - diagonal) / (K * (K - 1)) : 0 };
}

/**
 * out = left · right, each transposed first where `transpose` says so; sums in float64. Plain loops, O(n·m·inner): for
 * small matrices and as the reference for `LearnerBackend.product`.
 */
export function multiplyMatrices(
  left: Matrix,
  right: Matrix,
  out: Float32Array,
  transpose: { readonly left?: boolean; readonly right?: boolean } = {},
): void {
  const rows = transpose.left ? left.columns : left.rows;
  const inner = transpose.left ? left.rows : left.columns;
  const columns = transpose.right ? right.rows : right.columns;
  const [leftRow, leftStep] = transpose.left ? [1, left.columns] : [left.columns, 1];
  const [rightColumn, rightStep] = transpose.right ? [right.columns, 1] : [1, right.columns];
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      let sum = 0;
      for (let x = 0; x < inner; x++) {
        sum += left.data[r * leftRow + x * leftStep]! * right.data[c * rightColumn + x * rightStep]!;
      }
      out[r * columns + c] = sum;
    }
  }
}
