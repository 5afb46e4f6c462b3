import type { Rng } from '@quorate/core';

/** How a tie between the most probable classes is broken. */
export type TieRule = 'random' | 'lowest';

/** Amplitude of the noise that breaks ties: classes that are nearer to each other than this may change places. */
const NOISE = 1e-8;

/** A class with more than this is the most probable one and out of the reach of noise, since a row sums to 1. */
export const MAJORITY = 0.5 + NOISE;

/**
 * arg max_k (y(k) + noise(k)) over `length` entries from `start`, the hard label that an item's answers are counted for.
 *
 * - `random`: noise(k) uniform in [0, 1e-8), as [Liao21]'s program does
 * - `lowest`: noise(k) = (K-1-k)/K · 1e-8, so that the lowest class wins an exact tie
 *
 * Only classes within 1e-8 of the greatest can win, so noise is drawn for these alone, and only when there are two.
 */
export function mostProbable(y: Float64Array, start: number, length: number, ties: TieRule, rng: Rng): number {
  let best = 0;
  let max = y[start]!;
  let bar = max - NOISE;
  let tie = false;
  for (let k = 1; k < length; k++) {
    const value = y[start + k]!;
    if (value > bar) {
      if (value > max) {
        bar = value - NOISE;
        tie = max > bar;
        max = value;
        best = k;
      } else tie = true;
    }
  }
  if (!tie) return best;

  let top = -Infinity;
  for (let k = 0; k < length; k++) {
    const value = y[start + k]!;
    if (value <= bar) continue;
    const noisy = value + NOISE * (ties === 'random' ? rng.uniform() : (length - 1 - k) / length);
    if (noisy > top) {
      top = noisy;
      best = k;
    }
  }
  return best;
}
