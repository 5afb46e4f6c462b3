import { makeRng, type Annotations, type Rng } from '@quorate/core';
import type { AnswersByItem, ItemKnowledge } from './answers-by-item.js';
import { fitByEm, type CrowdModel } from './crowd-model.js';

/** Answers of some items with the fold of each, and what is known of these items. */
export interface Folds {
  readonly answers: AnswersByItem;
  readonly knowledge: ItemKnowledge;
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
export function dealFolds(annotations: Annotations, knowledge: ItemKnowledge, seed: number): Folds {
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
  const { prior, gold } = knowledge;
  const rows = prior && new Float64Array(items.length * K);
  if (rows) items.forEach((item, x) => rows.set(prior.subarray(item * K, (item + 1) * K), x * K));
  return {
    answers: { items: items.length, workers, classes: K, count: total, start, worker, label },
    knowledge: { prior: rows, gold: gold && items.map((item) => gold[item]!) },
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

/** How well a model predicts answers that it has not seen. */
export interface Prediction {
  /** Σ ln P(held-out answer) of each item, length items, in nats. */
  readonly perItem: Float64Array;
  /** The same where nothing is known of the item, Σ ln Σ_k ρ_k P_j(z_a | k): what the worker's habits alone say. */
  readonly byHabit: Float64Array;
  readonly answers: number;
  /** Items of which an answer was predicted. */
  readonly items: number;
}

/**
 * Fits the model without one fold after the other, and predicts its answers out of the rest:
 *
 *     P(z_a) = Σ_k y_i(k) P_j(z_a | k)        with y and P_j from the other folds
 *
 * An answer to an item of which no other answer (and no gold) is left is not predicted: it tests nothing. Folds are gone
 * through until 20,000 answers were predicted.
 */
export function predictHeldOut(
  { answers, knowledge, fold }: Folds,
  makeModel: (workers: number, classes: number) => CrowdModel,
): Prediction {
  const { items, classes: K, workers, start, worker, label } = answers;
  const perItem = new Float64Array(items);
  const byHabit = new Float64Array(items);
  const predictedItem = new Uint8Array(items);
  const rows = new Float64Array(items * K);
  let predicted = 0;
  for (let f = 0; f < FOLDS && predicted < ENOUGH_PREDICTED; f++) {
    const rest = withoutFold(answers, fold, f);
    const model = makeModel(workers, K);
    fitByEm(model, rest, knowledge, rows, ROUGHLY);
    for (let i = 0; i < items; i++) {
      if (rest.start[i] === rest.start[i + 1] && (knowledge.gold?.[i] ?? -1) < 0) continue;
      for (let a = start[i]!; a < start[i + 1]!; a++) {
        if (fold[a] !== f) continue;
        let p = 0;
        let habit = 0;
        for (let k = 0; k < K; k++) {
          const given = Math.exp(model.logProbability(worker[a]!, label[a]!, k));
          p += rows[i * K + k]! * given;
          habit += (knowledge.prior ? knowledge.prior[i * K + k]! : model.classPrior[k]!) * given;
        }
        perItem[i]! += Math.log(Math.max(p, Number.MIN_VALUE));
        byHabit[i]! += Math.log(Math.max(habit, Number.MIN_VALUE));
        predictedItem[i] = 1;
        predicted++;
      }
    }
  }
  return { perItem, byHabit, answers: predicted, items: predictedItem.reduce((sum, x) => sum + x, 0) };
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
