/** Products of row-major float64 matrices, four rows of the middle dimension at a time, without allocation. */

/** out (n×m) = x (n×d) · weights (d×m) + bias. */
export function forwardLayer(
  x: Float64Array,
  weights: Float64Array,
  bias: Float64Array,
  out: Float64Array,
  n: number,
): void {
  const m = bias.length;
  const d = weights.length / m;
  for (let i = 0; i < n; i++) {
    const row = i * m;
    const from = i * d;
    for (let j = 0; j < m; j++) out[row + j] = bias[j]!;
    let k = 0;
    for (; k + 3 < d; k += 4) {
      const [a, b, c, e] = [x[from + k]!, x[from + k + 1]!, x[from + k + 2]!, x[from + k + 3]!];
      const w = k * m;
      for (let j = 0; j < m; j++) {
        out[row + j]! +=
          a * weights[w + j]! + b * weights[w + m + j]! + c * weights[w + 2 * m + j]! + e * weights[w + 3 * m + j]!;
      }
    }
    for (; k < d; k++) {
      const a = x[from + k]!;
      for (let j = 0; j < m; j++) out[row + j]! += a * weights[k * m + j]!;
    }
  }
}

/** gradient (d×m) += xᵀ (d×n) · delta (n×m); bias gradient (m) += column sums of delta. */
export function backwardWeights(
  x: Float64Array,
  delta: Float64Array,
  gradient: Float64Array,
  biasGradient: Float64Array,
  n: number,
): void {
  const m = biasGradient.length;
  const d = gradient.length / m;
  for (let i = 0; i < n; i++) for (let j = 0; j < m; j++) biasGradient[j]! += delta[i * m + j]!;
  let i = 0;
  for (; i + 3 < n; i += 4) {
    const from = i * d;
    const row = i * m;
    for (let k = 0; k < d; k++) {
      const [a, b, c, e] = [x[from + k]!, x[from + d + k]!, x[from + 2 * d + k]!, x[from + 3 * d + k]!];
      const g = k * m;
      for (let j = 0; j < m; j++) {
        gradient[g + j]! +=
          a * delta[row + j]! + b * delta[row + m + j]! + c * delta[row + 2 * m + j]! + e * delta[row + 3 * m + j]!;
      }
    }
  }
  for (; i < n; i++) {
    for (let k = 0; k < d; k++) {
      const a = x[i * d + k]!;
      for (let j = 0; j < m; j++) gradient[k * m + j]! += a * delta[i * m + j]!;
    }
  }
}

/** out (n×d) = delta (n×m) · weightsᵀ (m×d). */
export function backwardInput(
  delta: Float64Array,
  weights: Float64Array,
  out: Float64Array,
  n: number,
  m: number,
): void {
  const d = weights.length / m;
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < d; k++) {
      let sum = 0;
      for (let j = 0; j < m; j++) sum += delta[i * m + j]! * weights[k * m + j]!;
      out[i * d + k] = sum;
    }
  }
}
