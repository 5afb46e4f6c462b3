import type { AnswersByItem } from './answers-by-item.js';

/** Sums that are equal but for rounding count as a tie, so that no result depends on the order of summation. */
const SAME = 1e-9;

/**
 * Which class has the most weight in each row: 1 for it, shared equally by ties, zeros where no entry is positive.
 * @param rows items×K, weights >= 0. @param gold One-hot there. @param winners Out, items×K.
 */
export function winnersOf(
  { items, classes: K }: AnswersByItem,
  rows: Float64Array,
  gold: Int32Array | null,
  winners: Float64Array,
): void {
  winners.fill(0, 0, items * K);
  for (let i = 0; i < items; i++) {
    const at = i * K;
    const g = gold?.[i] ?? -1;
    if (g >= 0) {
      winners[at + g] = 1;
      continue;
    }
    let max = 0;
    for (let k = 0; k < K; k++) if (rows[at + k]! > max) max = rows[at + k]!;
    if (max === 0) continue;
    let ties = 0;
    for (let k = 0; k < K; k++) if (rows[at + k]! >= max * (1 - SAME)) ties++;
    for (let k = 0; k < K; k++) if (rows[at + k]! >= max * (1 - SAME)) winners[at + k] = 1 / ties;
  }
}

/** Adds, for each worker, how often they named the winner, and their answers. */
export function countAgreement(
  { items, classes: K, start, worker, label }: AnswersByItem,
  winners: Float64Array,
  agreed: Float64Array,
  said: Float64Array,
  sign: 1 | -1 = 1,
): void {
  for (let i = 0; i < items; i++) {
    for (let a = start[i]!; a < start[i + 1]!; a++) {
      agreed[worker[a]!]! += sign * winners[i * K + label[a]!]!;
      said[worker[a]!]! += sign;
    }
  }
}

/** Share of the agreement; the crowd's share for a worker without answers. */
export function skillsOf(agreed: Float64Array, said: Float64Array): Float64Array {
  let all = 0;
  let right = 0;
  for (let j = 0; j < said.length; j++) {
    all += said[j]!;
    right += agreed[j]!;
  }
  const mean = all > 0 ? Math.min(1, right / all) : 0;
  return agreed.map((n, j) => (said[j]! > 0 ? Math.min(1, Math.max(0, n / said[j]!)) : mean));
}

/**
 * Shares of the votes weighted by skill, y_i(k) = Σ_a s_j [z_a = k] / Σ_a s_j; plain shares where no answer has weight,
 * one-hot at gold, zeros without answers. `rows`: out.
 */
export function weightedShares(
  { items, classes: K, start, worker, label }: AnswersByItem,
  skill: Float64Array,
  gold: Int32Array | null,
  rows: Float64Array,
): void {
  rows.fill(0, 0, items * K);
  for (let i = 0; i < items; i++) {
    const at = i * K;
    const g = gold?.[i] ?? -1;
    if (g >= 0) {
      rows[at + g] = 1;
      continue;
    }
    let sum = 0;
    for (let a = start[i]!; a < start[i + 1]!; a++) {
      const weight = skill[worker[a]!]!;
      rows[at + label[a]!]! += weight;
      sum += weight;
    }
    if (sum > 0) for (let k = 0; k < K; k++) rows[at + k]! /= sum;
    else for (let a = start[i]!; a < start[i + 1]!; a++) rows[at + label[a]!]! += 1 / (start[i + 1]! - start[i]!);
  }
}
