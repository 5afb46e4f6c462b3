import type { HeldOut } from '@quorate/core';

const MOST_STEPS = 100;
const LARGEST = 1e6;

/**
 * The scale β = 1/T >= 0 at which softmax(β·z) gives the held-out labels the highest likelihood [Guo17]. The likelihood is
 * concave in β, so that its derivative has one root, found by Newton's method inside a bracket.
 *
 * Labels are smoothed by the rule of succession (as in Platt 1999): the right class counts (n+1)/(n+2), the rest is spread
 * over the others. Without it, held-out rows that are all right would give T = 0 and every label a risk of zero. A
 * model that does no better than chance on them gets β = 0: it says nothing.
 */
export function convergedScale(heldOut: HeldOut): number {
  const target = meanTarget(heldOut);
  let low = 0;
  if (momentsAt(heldOut, 0).mean >= target) return 0;
  let high = 1;
  while (high < LARGEST && momentsAt(heldOut, high).mean < target) [low, high] = [high, 2 * high];
  if (high >= LARGEST) return high;
  let scale = (low + high) / 2;
  for (let step = 0; step < MOST_STEPS && high - low > 1e-12 * high; step++) {
    const { mean, variance } = momentsAt(heldOut, scale);
    if (mean < target) low = scale;
    else high = scale;
    const newton = scale + (target - mean) / variance;
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - scale) <= 1e-12 * scale) return next;
    scale = next;
  }
  return scale;
}

/** Mean over rows of the expected logit under the smoothed labels. */
function meanTarget({ logits, labels, classes: K }: HeldOut): number {
  const n = labels.length;
  const right = (n + 1) / (n + 2);
  let sum = 0;
  for (let i = 0; i < n; i++) {
    let all = 0;
    for (let k = 0; k < K; k++) all += logits[i * K + k]!;
    const z = logits[i * K + labels[i]!]!;
    sum += right * z + ((1 - right) * (all - z)) / (K - 1);
  }
  return sum / n;
}

/** Mean over rows of E[z] and of Var[z] under softmax(scale · z). */
function momentsAt({ logits, labels, classes: K }: HeldOut, scale: number): { mean: number; variance: number } {
  let mean = 0;
  let variance = 0;
  for (let i = 0; i < labels.length; i++) {
    let max = -Infinity;
    for (let x = i * K; x < (i + 1) * K; x++) if (logits[x]! > max) max = logits[x]!;
    let [total, first, second] = [0, 0, 0];
    for (let x = i * K; x < (i + 1) * K; x++) {
      const z = logits[x]! - max;
      const weight = Math.exp(scale * z);
      total += weight;
      first += weight * z;
      second += weight * z * z;
    }
    mean += max + first / total;
    variance += second / total - (first / total) ** 2;
  }
  return { mean: mean / labels.length, variance: variance / labels.length };
}
