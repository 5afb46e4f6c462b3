/**
 * ln Σ_k exp(x_k) over `length` entries from `start`, by the max shift: exact where a naive sum over- or underflows.
 * Natural logs. All entries -Infinity give -Infinity.
 */
export function logSumExp(x: ArrayLike<number>, start = 0, length = x.length - start): number {
  let max = -Infinity;
  for (let k = start; k < start + length; k++) if (x[k]! > max) max = x[k]!;
  if (max === -Infinity) return -Infinity;
  let sum = 0;
  for (let k = start; k < start + length; k++) sum += Math.exp(x[k]! - max);
  return max + Math.log(sum);
}

/**
 * Turns `length` log-weights from `start` into probabilities, in place.
 * @returns ln Σ_k exp(x_k), in nats.
 */
export function softmax(x: Float64Array | Float32Array, start = 0, length = x.length - start): number {
  let max = -Infinity;
  for (let k = start; k < start + length; k++) if (x[k]! > max) max = x[k]!;
  let sum = 0;
  for (let k = start; k < start + length; k++) sum += x[k] = Math.exp(x[k]! - max);
  for (let k = start; k < start + length; k++) x[k]! /= sum;
  return max + Math.log(sum);
}
