import { makeRng } from '@quorate/core';

/** Middle value; mean of the middle two. NaN without values. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, x) => sum + x, 0) / values.length;
}

/** Standard error of the mean, with n - 1. */
export function standardError(values: readonly number[]): number {
  const m = mean(values);
  const n = values.length;
  return Math.sqrt(values.reduce((sum, x) => sum + (x - m) ** 2, 0) / (n - 1) / n);
}

/** The 97.5 % quantile of Student's t for 1 to 30 degrees of freedom. */
const T_975 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];

/** The 97.5 % quantile of Student's t; above 30 degrees of freedom the first terms of its expansion about the normal. */
export function t975(freedom: number): number {
  const z = 1.959964;
  return (
    T_975[freedom - 1] ?? z + (z ** 3 + z) / (4 * freedom) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2)
  );
}

/** Seeds from which on a band is a t-interval. */
export const ENOUGH_FOR_T = 5;

/** The middle of repeated runs and their spread: median and range of a few, mean and 95 % t-interval of five or more. */
export interface Spread {
  readonly middle: number;
  readonly low: number;
  readonly high: number;
}

export function spreadOf(values: readonly number[]): Spread {
  if (values.length < ENOUGH_FOR_T) {
    return { middle: median(values), low: Math.min(...values), high: Math.max(...values) };
  }
  const middle = mean(values);
  const half = t975(values.length - 1) * standardError(values);
  return { middle, low: middle - half, high: middle + half };
}

/** What `spreadOf` of so many runs is, in words. */
export function spreadWords(runs: number): string {
  if (runs === 1) return 'one run';
  return runs < ENOUGH_FOR_T
    ? `line: median of ${runs} runs; band: from the lowest to the highest`
    : `line: mean of ${runs} runs; band: 95 % t-interval of the mean`;
}

export interface PairedDifference {
  readonly pairs: number;
  readonly mean: number;
  /** 95 % interval of the mean; null with fewer than three pairs. */
  readonly low: number | null;
  readonly high: number | null;
  /** Two-sided; null with fewer than three pairs. */
  readonly p: number | null;
}

const RESAMPLES = 10_000;

/**
 * Mean of paired differences with a symmetric bootstrap-t interval (Efron & Tibshirani 1993, chapter 12): resamples of pairs
 * give the distribution of |t*| = |m* − m| / se*, whose 95 % quantile times se is half the interval; p is the share of |t*| that
 * reach |m| / se. A percentile interval of five pairs is far too narrow. Resamples without spread are left out.
 */
export function pairedDifference(differences: readonly number[], seed: string): PairedDifference {
  const pairs = differences.length;
  const m = mean(differences);
  if (pairs < 3) return { pairs, mean: m, low: null, high: null, p: null };
  const se = standardError(differences);
  if (se < 1e-15) return { pairs, mean: m, low: m, high: m, p: Math.abs(m) < 1e-15 ? 1 : 1 / (RESAMPLES + 1) };
  const rng = makeRng(seed);
  const t: number[] = [];
  for (let r = 0; r < RESAMPLES; r++) {
    const drawn = differences.map(() => differences[rng.int(pairs)]!);
    const spread = standardError(drawn);
    if (spread > 1e-12 * (Math.abs(m) + se)) t.push(Math.abs(mean(drawn) - m) / spread);
  }
  t.sort((a, b) => a - b);
  const half = t[Math.min(t.length - 1, Math.ceil(0.95 * t.length))]! * se;
  const observed = Math.abs(m) / se;
  const reached = t.length - lowerBound(t, observed);
  return { pairs, mean: m, low: m - half, high: m + half, p: (reached + 1) / (t.length + 1) };
}

/** Number of sorted values below x. */
function lowerBound(sorted: readonly number[], x: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Holm's step-down correction: adjusted p of each, at most 1. Nulls stay and count for nothing. */
export function holm(p: readonly (number | null)[]): (number | null)[] {
  const order = [...p.keys()].filter((i) => p[i] !== null).sort((a, b) => p[a]! - p[b]!);
  const adjusted = p.map((one): number | null => one);
  let above = 0;
  order.forEach((i, rank) => {
    above = Math.max(above, Math.min(1, (order.length - rank) * p[i]!));
    adjusted[i] = above;
  });
  return adjusted;
}
