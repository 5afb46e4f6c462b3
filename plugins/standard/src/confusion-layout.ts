/** Turns a K×K matrix `[true][observed]` into the `[observed][true]` that the E step reads. */
export function byAnswer(matrix: Float64Array, K: number): Float64Array {
  const out = new Float64Array(K * K);
  for (let k = 0; k < K; k++) for (let z = 0; z < K; z++) out[z * K + k] = matrix[k * K + z]!;
  return out;
}
