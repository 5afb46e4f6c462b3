import { argmax, type HeldOut } from '@quorate/core';
import { logSumExp } from '@quorate/core/numbers';

const BINS = 15;

/**
 * Expected calibration error of softmax(logits · scale) [Guo17]: Σ_b n_b/n · |accuracy_b - mean confidence_b| over 15
 * equal bins (b/15, (b+1)/15] of the confidence.
 */
export function calibrationError({ logits, labels, classes: K }: HeldOut, scale = 1): number {
  const gaps = new Float64Array(BINS);
  const row = new Float64Array(K);
  for (let i = 0; i < labels.length; i++) {
    for (let k = 0; k < K; k++) row[k] = logits[i * K + k]! * scale;
    const best = argmax(row);
    const confidence = Math.exp(row[best]! - logSumExp(row));
    const bin = Math.min(BINS - 1, Math.max(0, Math.ceil(confidence * BINS) - 1));
    gaps[bin]! += (best === labels[i] ? 1 : 0) - confidence;
  }
  return gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / labels.length;
}
