import type { Rng } from '@quorate/core';
import { countClasses, type Examples } from './examples.js';
import type { Split } from './split.js';

const MOST_SHUFFLES = 100;

/**
 * Random folds of all examples, prototypes included: each validates once and is trained without [Branson17]. The
 * examples are shuffled again until one fold (`every`: until every fold) has all classes both inside and outside, and
 * the folds that have are returned. Classes with fewer than two examples are not waited for, and after 100 shuffles the
 * folds are taken as they are; the original waits forever.
 */
export function foldExamples(examples: Examples, folds: number, every: boolean, rng: Rng): readonly Split[] {
  const n = examples.labels.length;
  const all = countClasses(
    examples,
    Int32Array.from({ length: n }, (_, at) => at),
  );
  const complete = ({ validation }: Split): boolean => {
    const inside = countClasses(examples, validation);
    return all.every((count, k) => count < 2 || (inside[k]! > 0 && inside[k]! < count));
  };
  let splits: Split[] = [];
  for (let shuffle = 0; shuffle < MOST_SHUFFLES; shuffle++) {
    splits = cut(rng.permutation(n), folds).filter(
      ({ train, validation }) => train.length > 0 && validation.length > 0,
    );
    const usable = splits.filter(complete);
    if (usable.length > 0 && (!every || usable.length === splits.length)) return usable;
  }
  return splits;
}

function cut(order: Int32Array, folds: number): Split[] {
  return Array.from({ length: folds }, (_, f) => {
    const from = Math.floor((f * order.length) / folds);
    const to = Math.floor(((f + 1) * order.length) / folds);
    const train = new Int32Array(order.length - (to - from));
    train.set(order.subarray(0, from));
    train.set(order.subarray(to), from);
    return { train: train.sort(), validation: order.slice(from, to).sort() };
  });
}
