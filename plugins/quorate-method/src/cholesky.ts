/** A pivot is not let fall below this part of the mean of the diagonal: rounding may leave a matrix barely indefinite. */
const FLOOR = 1e-6;

/**
 * H = L⁻ᵀ with L Lᵀ = S, so that (x - m)ᵀ S⁻¹ (x - m) = |Hᵀ(x - m)|²: the rows of X H are white under S.
 * O(n³/3) for L and as much for its inverse.
 *
 * @param matrix S, n×n symmetric, positive definite but for rounding. @returns n×n row-major, upper triangular.
 */
export function whitening(matrix: Float64Array, n: number): Float64Array {
  const lower = new Float64Array(n * n);
  let mean = 0;
  for (let d = 0; d < n; d++) mean += matrix[d * n + d]! / n;
  const least = mean > 0 ? FLOOR * mean : 1;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * n + j]!;
      for (let x = 0; x < j; x++) sum -= lower[i * n + x]! * lower[j * n + x]!;
      lower[i * n + j] = i === j ? Math.sqrt(Math.max(sum, least)) : sum / lower[j * n + j]!;
    }
  }
  // Column j of L⁻¹, written as row j of its transpose.
  const out = new Float64Array(n * n);
  for (let j = 0; j < n; j++) {
    out[j * n + j] = 1 / lower[j * n + j]!;
    for (let i = j + 1; i < n; i++) {
      let sum = 0;
      for (let x = j; x < i; x++) sum -= lower[i * n + x]! * out[j * n + x]!;
      out[j * n + i] = sum / lower[i * n + i]!;
    }
  }
  return out;
}
