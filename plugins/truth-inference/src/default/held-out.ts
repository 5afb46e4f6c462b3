import { makeRng, type Annotations, type Rng } from '@quorate/core';
import type { AnswersByItem } from '../answers-by-item.js';
import { fitByEm, type CrowdModel } from '../crowd-model.js';

/** Answers to some items, with the fold of each. */
export interface Folds {
  readonly answers: AnswersByItem;
  /** Fold 0..FOLDS-1 of each answer, in the order of `answers`. */
  readonly fold: Uint8Array;
}

export const FOLDS = 5;
/** Tasks with at most so many answers are looked at, and folds only until so many answers were predicted. */
export const MOST_ANSWERS = 500_000;
const ENOUGH_PREDICTED = 20_000;
/** EM of the comparison need not be as exact as that of the labels. */
const ROUGHLY = { maxIterations: 200, tolerance: 1e-6 };

/**
 * Deals the answers of all tasks, or of random ones with 500,000 answers in all, into 5 folds. The deal depends on the seed
 * and on the order of arrival, not on how tasks, workers and classes are numbered.
 */
export function dealFolds(annotations: Annotations, seed: number): Folds {
  const rng = makeRng(`truth-inference/${seed}`);
  const items = someItems(annotations, rng.fork('tasks'));
  const { count, classes: K, workers } = annotations;
  const counts = new Uint8Array(count);
  const start = new Int32Array(items.length + 1);
  items.forEach((item, n) => {
    start[n + 1] = start[n]! + annotations.perItem[item]!;
    for (let a = annotations.firstOfItem[item]!; a >= 0; a = annotations.nextOfItem[a]!) counts[a] = 1;
  });
  const total = start[items.length]!;
  const dealt = rng.fork('folds');
  const foldOf = new Uint8Array(count);
  for (let a = 0; a < count; a++) if (counts[a] === 1) foldOf[a] = dealt.int(FOLDS);

  const worker = new Int32Array(total);
  const label = new Int32Array(total);
  const fold = new Uint8Array(total);
  let n = 0;
  for (const item of items) {
    for (let a = annotations.firstOfItem[item]!; a >= 0; a = annotations.nextOfItem[a]!) {
      worker[n] = annotations.worker[a]!;
      label[n] = annotations.label[a]!;
      fold[n++] = foldOf[a]!;
    }
  }
  return {
    answers: { items: items.length, workers, classes: K, count: total, start, worker, label },
    fold,
  };
}

/** Annotated items in random order until they have 500,000 answers; by number. */
function someItems({ annotated, annotatedCount, perItem, live }: Annotations, rng: Rng): Int32Array {
  const all = annotated.slice(0, annotatedCount);
  if (live <= MOST_ANSWERS) return all.sort();
  const picked: number[] = [];
  let answers = 0;
  for (const x of rng.permutation(annotatedCount)) {
    picked.push(all[x]!);
    answers += perItem[all[x]!]!;
    if (answers >= MOST_ANSWERS) break;
  }
  return Int32Array.from(picked).sort();
}

/** How far a model is ahead of the habits of the workers on answers that neither has seen. */
export interface Lead {
  /** D, the sum over all answers, in nats, and its standard error, with items as independent units. */
  readonly nats: number;
  readonly error: number;
  /** Number of answers that were predicted. */
  readonly answers: number;
}

/** Pseudo-answers of a worker's habit, in the shares of all answers. */
const HABIT_PSEUDO = 5;

/**
 * Fits the model without one fold after the other, and predicts that fold's answers z of worker j to item i out of the
 * rest, beside what the worker's own label frequencies in the rest say:
 *
 *     P(z) = Σ_k y_i(k) P_j(z | k)        with y and P_j from the other folds
 *     H_j(z) = (count_j(z) + 5 pool(z)) / (count_j + 5)
 *     d_i = Σ ln P(z) − ln H_j(z) over the held-out answers to item i
 *     D = Σ d_i,  error² = n/(n−1) (Σ d_i² − D²/n) over the n items with any
 *
 * An answer to an item of which no other answer is left is not predicted: it tests nothing. Folds are gone through until
 * 20,000 answers were predicted.
 */
export function leadOverHabit(
  { answers, fold }: Folds,
  makeModel: (workers: number, classes: number) => CrowdModel,
): Lead {
  const { items, classes: K, workers, start, worker, label } = answers;
  const lead = new Float64Array(items);
  const isPredicted = new Uint8Array(items);
  const rows = new Float64Array(items * K);
  let predicted = 0;
  for (let f = 0; f < FOLDS && predicted < ENOUGH_PREDICTED; f++) {
    const rest = withoutFold(answers, fold, f);
    const model = makeModel(workers, K);
    fitByEm(model, rest, { prior: null, gold: null }, rows, ROUGHLY);
    const habit = habitsOf(rest);
    for (let i = 0; i < items; i++) {
      if (rest.start[i] === rest.start[i + 1]) continue;
      for (let a = start[i]!; a < start[i + 1]!; a++) {
        if (fold[a] !== f) continue;
        const [j, z] = [worker[a]!, label[a]!];
        let p = 0;
        for (let k = 0; k < K; k++) p += rows[i * K + k]! * Math.exp(model.logProbability(j, z, k));
        lead[i]! += Math.log(Math.max(p, Number.MIN_VALUE)) - Math.log(habit(j, z));
        isPredicted[i] = 1;
        predicted++;
      }
    }
  }
  const n = isPredicted.reduce((sum, one) => sum + one, 0);
  const nats = lead.reduce((sum, d) => sum + d, 0);
  const squares = lead.reduce((sum, d) => sum + d * d, 0);
  const error = n > 1 ? Math.sqrt((n / (n - 1)) * Math.max(0, squares - nats ** 2 / n)) : Infinity;
  return { nats, error, answers: predicted };
}

function habitsOf({ workers, classes: K, count, worker, label }: AnswersByItem): (j: number, z: number) => number {
  const said = new Float64Array(workers * K);
  const answers = new Float64Array(workers);
  const pool = new Float64Array(K).fill(1 / (count + K));
  for (let a = 0; a < count; a++) {
    said[worker[a]! * K + label[a]!]!++;
    answers[worker[a]!]!++;
    pool[label[a]!]! += 1 / (count + K);
  }
  return (j, z) => (said[j * K + z]! + HABIT_PSEUDO * pool[z]!) / (answers[j]! + HABIT_PSEUDO);
}

function withoutFold(
  { items, start, worker, label, ...shape }: AnswersByItem,
  fold: Uint8Array,
  f: number,
): AnswersByItem {
  const left = new Int32Array(items + 1);
  const keptWorker = new Int32Array(shape.count);
  const keptLabel = new Int32Array(shape.count);
  let n = 0;
  for (let i = 0; i < items; i++) {
    for (let a = start[i]!; a < start[i + 1]!; a++) {
      if (fold[a] === f) continue;
      keptWorker[n] = worker[a]!;
      keptLabel[n++] = label[a]!;
    }
    left[i + 1] = n;
  }
  const columns = { start: left, worker: keptWorker.subarray(0, n), label: keptLabel.subarray(0, n) };
  return { ...shape, items, count: n, ...columns };
}
