import type { Calibrated } from '@quorate/core';
import { betaQuantile } from './beta.js';

/** Labels that were checked: what was claimed of them, and whether they are right. Columns of equal length. */
export interface CheckedLabels {
  /** Confidence in the label, 0..1. */
  readonly confidence: ArrayLike<number>;
  /** 1 where it is right, else 0. */
  readonly right: ArrayLike<number>;
  /** Answers to the task. */
  readonly answers: ArrayLike<number>;
}

/** The gold tasks of a calibrated consensus, as it would have labelled them. @param perItem Answers to each task. */
export function checkedOf(
  { item, truth, label, confidence }: Calibrated['audit'],
  perItem: ArrayLike<number>,
): CheckedLabels {
  const right = Uint8Array.from(item, (_, n) => Number(label[n] === truth[n]));
  return { confidence, right, answers: Int32Array.from(item, (i) => perItem[i]!) };
}

/** Some of the checked labels together. */
export interface ReliabilityGroup {
  readonly tasks: number;
  /** Mean confidence, and share that is right with its 90 % credible interval under Jeffreys' prior. */
  readonly claimed: number;
  readonly right: number;
  readonly low: number;
  readonly high: number;
}

/** How far confidence holds. */
export interface Reliability extends ReliabilityGroup {
  /** See `calibrationError`. */
  readonly ece: number;
  /** By confidence: groups of about equal size, from the least confident to the most. */
  readonly byConfidence: readonly ReliabilityGroup[];
  /** By number of answers: `from` to `to` of them. */
  readonly byAnswers: readonly (ReliabilityGroup & { readonly from: number; readonly to: number })[];
}

const ECE_BINS = 10;
/** Fewer tasks than this in a group say nothing of it. */
const LEAST_GROUP = 10;
const MOST_GROUPS = 8;
const MOST_ANSWER_GROUPS = 5;
const TAIL = 0.05;

/** Σ_b n_b/n |claimed_b - right_b| over ten equal bins of confidence; 0 without labels. */
export function calibrationError({ confidence, right }: Omit<CheckedLabels, 'answers'>): number {
  const n = confidence.length;
  const gap = new Float64Array(ECE_BINS);
  for (let x = 0; x < n; x++) {
    gap[Math.min(ECE_BINS - 1, Math.floor(confidence[x]! * ECE_BINS))]! += confidence[x]! - right[x]!;
  }
  return gap.reduce((sum, g) => sum + Math.abs(g), 0) / Math.max(1, n);
}

/** Null without checked labels. */
export function reliabilityOf({ confidence, right, answers }: CheckedLabels): Reliability | null {
  const n = confidence.length;
  if (n === 0) return null;
  const group = (members: readonly number[]): ReliabilityGroup => {
    const tasks = members.length;
    const claimed = members.reduce((sum, x) => sum + confidence[x]!, 0) / tasks;
    const hits = members.reduce((sum, x) => sum + right[x]!, 0);
    const quantile = (p: number): number => betaQuantile(p, hits + 0.5, tasks - hits + 0.5);
    return { tasks, claimed, right: hits / tasks, low: quantile(TAIL), high: quantile(1 - TAIL) };
  };
  const all = Array.from({ length: n }, (_, x) => x);
  const byConfidence = slices(
    all.toSorted((a, b) => confidence[a]! - confidence[b]! || a - b),
    MOST_GROUPS,
    () => true,
  );
  const ordered = all.toSorted((a, b) => answers[a]! - answers[b]! || a - b);
  const byAnswers = slices(ordered, MOST_ANSWER_GROUPS, (a, b) => answers[a] !== answers[b]);
  return {
    ...group(all),
    ece: calibrationError({ confidence, right }),
    byConfidence: byConfidence.map(group),
    byAnswers: byAnswers.map((members) => ({
      ...group(members),
      from: answers[members[0]!]!,
      to: answers[members.at(-1)!]!,
    })),
  };
}

/** Neighbours in at most `most` groups of about equal size, none too small; `apart` says between whom a cut may be. */
function slices(
  ordered: readonly number[],
  most: number,
  apart: (before: number, after: number) => boolean,
): readonly (readonly number[])[] {
  const size = Math.max(LEAST_GROUP, Math.ceil(ordered.length / most));
  const groups: number[][] = [[]];
  ordered.forEach((x, n) => {
    const last = groups.at(-1)!;
    if (last.length >= size && ordered.length - n >= LEAST_GROUP && apart(last.at(-1)!, x)) groups.push([x]);
    else last.push(x);
  });
  return groups;
}
