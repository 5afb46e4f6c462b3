/**
 * The lower triangle L with L·Lᵀ = matrix, row-major, zeros above the diagonal.
 *
 * @param matrix n×n, symmetric and positive definite; only its lower triangle is read.
 * @throws RangeError where it is not positive definite.
 */
export function cholesky(matrix: Float64Array, n: number): Float64Array {
  const lower = new Float64Array(n * n);
  for (let r = 0; r < n; r++) {
    for (let c = 0; c <= r; c++) {
      let sum = matrix[r * n + c]!;
      for (let x = 0; x < c; x++) sum -= lower[r * n + x]! * lower[c * n + x]!;
      if (r > c) lower[r * n + c] = sum / lower[c * n + c]!;
      else if (sum > 0) lower[r * n + r] = Math.sqrt(sum);
      else throw new RangeError(`not positive definite: ${sum} in row ${r}`);
    }
  }
  return lower;
}

/** Solves L·Lᵀ·x = b in place. @param lower What `cholesky` returned, n×n. @param b Length n; holds x afterwards. */
export function choleskySolve(lower: Float64Array, b: Float64Array): void {
  const n = b.length;
  for (let r = 0; r < n; r++) {
    let sum = b[r]!;
    for (let c = 0; c < r; c++) sum -= lower[r * n + c]! * b[c]!;
    b[r] = sum / lower[r * n + r]!;
  }
  for (let r = n - 1; r >= 0; r--) {
    let sum = b[r]!;
    for (let c = r + 1; c < n; c++) sum -= lower[c * n + r]! * b[c]!;
    b[r] = sum / lower[r * n + r]!;
  }
}

/** The inverse of L·Lᵀ, n×n row-major. @param lower What `cholesky` returned. */
export function choleskyInverse(lower: Float64Array, n: number): Float64Array {
  const inverse = new Float64Array(n * n);
  for (let c = 0; c < n; c++) {
    const column = inverse.subarray(c * n, (c + 1) * n);
    column[c] = 1;
    choleskySolve(lower, column);
  }
  return inverse;
}
