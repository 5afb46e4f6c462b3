import type { Rng } from '@quorate/core';

/** Rounds of orthogonal iteration. The leading space is found to a per cent in a few; features need no more. */
const ROUNDS = 8;
/** So many rows make the covariance, where there are more: all of them would not change the space noticeably. */
const enoughRows = (columns: number): number => Math.max(1000, 3 * columns);

/**
 * Projects rows on their leading principal components, by orthogonal iteration on the covariance of evenly spaced rows
 * (1000 or 3 per column, or more), and multiplies everything by one factor, so that the variance of a result column is 1
 * on average: distances keep their proportions.
 *
 * @param rows n×columns row-major. @param components At most `columns`. @param rng Draws where the iteration starts.
 * @returns n×components row-major.
 */
export function principalComponents(rows: Float32Array, columns: number, components: number, rng: Rng): Float32Array {
  const n = rows.length / columns;
  const mean = columnMeans(rows, columns);
  const stride = Math.max(1, Math.floor(n / enoughRows(columns)));
  const covariance = covarianceOf(rows, mean, columns, stride);
  let basis = Float64Array.from({ length: components * columns }, () => rng.normal());
  orthonormalize(basis, columns);
  for (let round = 0; round < ROUNDS; round++) {
    basis = productOf(covariance, basis, columns);
    orthonormalize(basis, columns);
  }
  const projected = new Float32Array(n * components);
  const centred = new Float64Array(columns);
  for (let i = 0; i < n; i++) {
    for (let c = 0; c < columns; c++) centred[c] = rows[i * columns + c]! - mean[c]!;
    projectRow(basis, centred, projected, i * components);
  }
  scaleToUnitVariance(projected);
  return projected;
}

function projectRow(basis: Float64Array, centred: Float64Array, out: Float32Array, start: number): void {
  const columns = centred.length;
  for (let from = 0; from < basis.length; from += columns) {
    out[start + from / columns] = dot(basis, from, centred, 0, columns);
  }
}

function scaleToUnitVariance(values: Float32Array): void {
  let square = 0;
  for (let x = 0; x < values.length; x++) square += values[x]! * values[x]!;
  const scale = square > 0 ? Math.sqrt(values.length / square) : 1;
  for (let x = 0; x < values.length; x++) values[x]! *= scale;
}

function columnMeans(rows: Float32Array, columns: number): Float64Array {
  const mean = new Float64Array(columns);
  for (let start = 0; start < rows.length; start += columns) {
    for (let c = 0; c < columns; c++) mean[c]! += rows[start + c]!;
  }
  for (let c = 0; c < columns; c++) mean[c]! *= columns / rows.length;
  return mean;
}

/** Scatter of every stride-th row around `mean`, columns×columns. */
function covarianceOf(rows: Float32Array, mean: Float64Array, columns: number, stride: number): Float64Array {
  const covariance = new Float64Array(columns * columns);
  const centred = new Float64Array(columns);
  for (let start = 0; start < rows.length; start += stride * columns) {
    for (let c = 0; c < columns; c++) centred[c] = rows[start + c]! - mean[c]!;
    for (let a = 0; a < columns; a++) {
      const x = centred[a]!;
      for (let b = 0; b <= a; b++) covariance[a * columns + b]! += x * centred[b]!;
    }
  }
  for (let a = 0; a < columns; a++) {
    for (let b = 0; b < a; b++) covariance[b * columns + a] = covariance[a * columns + b]!;
  }
  return covariance;
}

/** Symmetric matrix times each vector of the basis. */
function productOf(matrix: Float64Array, basis: Float64Array, columns: number): Float64Array<ArrayBuffer> {
  const product = new Float64Array(basis.length);
  for (let x = 0; x < product.length; x++) {
    const row = x % columns;
    product[x] = dot(matrix, row * columns, basis, x - row, columns);
  }
  return product;
}

/** Gram-Schmidt, each vector twice, in place: vectors of unit length that are orthogonal to all before them. */
function orthonormalize(basis: Float64Array, columns: number): void {
  for (let start = 0; start < basis.length; start += columns) {
    for (let pass = 0; pass < 2; pass++) {
      for (let other = 0; other < start; other += columns) {
        const along = dot(basis, start, basis, other, columns);
        for (let c = 0; c < columns; c++) basis[start + c]! -= along * basis[other + c]!;
      }
      // Twice is enough: after scaling, the second pass removes what rounding left of the first.
      const length = Math.sqrt(dot(basis, start, basis, start, columns));
      for (let c = 0; c < columns; c++) basis[start + c] = length > 0 ? basis[start + c]! / length : 0;
    }
  }
}

/** Four sums that do not wait for each other are three times as fast as one. */
function dot(a: Float64Array, aStart: number, b: Float64Array, bStart: number, length: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let c = 0;
  for (; c + 4 <= length; c += 4) {
    s0 += a[aStart + c]! * b[bStart + c]!;
    s1 += a[aStart + c + 1]! * b[bStart + c + 1]!;
    s2 += a[aStart + c + 2]! * b[bStart + c + 2]!;
    s3 += a[aStart + c + 3]! * b[bStart + c + 3]!;
  }
  for (; c < length; c++) s0 += a[aStart + c]! * b[bStart + c]!;
  return s0 + s1 + (s2 + s3);
}
