import type { Rng } from '@quorate/core';
import type { CrowdAnswers } from './crowd-answers.js';

/** The labels of one method: N×K posterior, and which tasks it speaks on (those with an answer). */
export interface MethodResult {
  readonly name: string;
  readonly posterior: Float64Array;
}

export interface MethodAccuracy {
  readonly name: string;
  /** Share of the gold tasks that are right, in expectation over ties. */
  readonly accuracy: number;
  /** 95 % percentile interval of the bootstrap over tasks. */
  readonly low: number;
  readonly high: number;
  /** Accuracy less that of the best method, with its 95 % interval of the paired bootstrap; zeros for the best. */
  readonly difference: { readonly mean: number; readonly low: number; readonly high: number };
  /** True for the best, and where the interval of the difference reaches 0: the data show no difference. */
  readonly noDifference: boolean;
}

/** Probabilities that differ by less are level: sums in another order. */
const LEVEL = 1e-9;

/**
 * Probability that a task's label is right when level classes are drawn among: 1/t where the true class is one of the t
 * most probable, else 0. A task without answers is a guess among all classes.
 *
 * @param gold Class of task i, -1 where it is not known, another negative number for a class that nobody named.
 * @returns A score for each task with a known class and at least one answer, in the order of tasks.
 */
export function scoresOf({ posterior }: MethodResult, answers: CrowdAnswers, gold: Int32Array): Float64Array {
  const { items, classes: K, perItem } = answers.index;
  const scores: number[] = [];
  for (let i = 0; i < items; i++) {
    const truth = gold[i]!;
    if (truth === -1 || perItem[i] === 0) continue;
    let max = -Infinity;
    for (let k = 0; k < K; k++) max = Math.max(max, posterior[i * K + k]!);
    let level = 0;
    for (let k = 0; k < K; k++) if (posterior[i * K + k]! >= max - LEVEL) level++;
    scores.push(truth >= 0 && posterior[i * K + truth]! >= max - LEVEL ? 1 / level : 0);
  }
  return Float64Array.from(scores);
}

/** Probability of the label, for each task that `scoresOf` scores, in the same order. */
export function confidencesOf({ posterior }: MethodResult, answers: CrowdAnswers, gold: Int32Array): Float64Array {
  const { items, classes: K, perItem } = answers.index;
  const confidences: number[] = [];
  for (let i = 0; i < items; i++) {
    if (gold[i] === -1 || perItem[i] === 0) continue;
    let max = 0;
    for (let k = 0; k < K; k++) max = Math.max(max, posterior[i * K + k]!);
    confidences.push(max);
  }
  return Float64Array.from(confidences);
}

/**
 * Accuracy of each method over the same tasks, with percentile intervals of the bootstrap [Efron and Tibshirani 1993,
 * ch. 13]: tasks are drawn with replacement, the same draws for all methods, so that differences are paired. Draws are
 * 1,000; fewer above 200,000 tasks, 200 at least.
 *
 * @param scores Of each method, all of one length G >= 1.
 */
export function accuracies(methods: readonly { name: string; scores: Float64Array }[], rng: Rng): MethodAccuracy[] {
  const G = methods[0]?.scores.length ?? 0;
  if (G === 0) return [];
  const means = methods.map(({ scores }) => mean(scores));
  const best = means.indexOf(Math.max(...means));
  // Tasks on which the methods do alike are alike: a draw is a count of patterns.
  const patterns = new Map<string, number>();
  const patternOf = new Int32Array(G);
  const rows: number[][] = [];
  for (let g = 0; g < G; g++) {
    const row = methods.map(({ scores }) => scores[g]!);
    const key = row.join();
    let pattern = patterns.get(key);
    if (pattern === undefined) {
      pattern = rows.push(row) - 1;
      patterns.set(key, pattern);
    }
    patternOf[g] = pattern;
  }
  const draws = Math.min(1000, Math.max(200, Math.floor(2e8 / G)));
  const drawn = methods.map(() => new Float64Array(draws));
  const counts = new Int32Array(rows.length);
  for (let d = 0; d < draws; d++) {
    counts.fill(0);
    for (let g = 0; g < G; g++) counts[patternOf[rng.int(G)]!]!++;
    for (const [pattern, row] of rows.entries()) {
      for (let m = 0; m < row.length; m++) drawn[m]![d]! += (counts[pattern]! * row[m]!) / G;
    }
  }
  return methods.map(({ name }, m) => {
    const difference = drawn[m]!.map((accuracy, d) => accuracy - drawn[best]![d]!);
    const [low, high] = interval(drawn[m]!);
    const [least, most] = interval(difference);
    return {
      name,
      accuracy: means[m]!,
      low,
      high,
      difference: { mean: means[m]! - means[best]!, low: least, high: most },
      noDifference: m === best || most >= -1e-12,
    };
  });
}

function mean(x: Float64Array): number {
  return x.reduce((sum, value) => sum + value, 0) / x.length;
}

/** The 2.5 % and the 97.5 % quantile of draws. */
function interval(draws: Float64Array): [number, number] {
  const sorted = draws.toSorted();
  const at = (p: number): number => sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))]!;
  return [at(0.025), at(0.975)];
}

/**
 * Share of the answered tasks that each two methods label alike (level classes: the lowest), methods × methods row-major.
 * Null without answered tasks.
 */
export function agreementBetween(methods: readonly MethodResult[], answers: CrowdAnswers): Float64Array | null {
  const { items, classes: K, perItem } = answers.index;
  const same = new Float64Array(methods.length ** 2);
  const label = new Int32Array(methods.length);
  let tasks = 0;
  for (let i = 0; i < items; i++) {
    if (perItem[i] === 0) continue;
    tasks++;
    for (const [m, { posterior }] of methods.entries()) label[m] = lowestBest(posterior, i * K, K);
    for (let m = 0; m < methods.length; m++) {
      for (let n = 0; n < methods.length; n++) if (label[m] === label[n]) same[m * methods.length + n]!++;
    }
  }
  return tasks === 0 ? null : same.map((count) => count / tasks);
}

function lowestBest(posterior: Float64Array, start: number, K: number): number {
  let max = -Infinity;
  for (let k = 0; k < K; k++) max = Math.max(max, posterior[start + k]!);
  let k = 0;
  while (posterior[start + k]! < max - LEVEL) k++;
  return k;
}
