import type { Dataset, Rng } from '@quorate/core';
import type { Examples } from './examples.js';

/** Positions in the examples, ascending. */
export interface Split {
  readonly train: Int32Array;
  readonly validation: Int32Array;
}

/** Validation examples of a class where there are no prototypes. */
const WITHOUT_PROTOTYPES = 5;

/**
 * Half the prototypes of a class, rounded down [Liao21]. Where classes have different numbers of them the middle one counts,
 * so that neither a class with few images nor the distractors decide. Where it is 0, nothing can be validated with
 * prototypes, and 5 examples of each class are taken out of training.
 */
export function usualMinimum({ classes, prototypes }: Dataset): number {
  const counts = new Int32Array(classes.length);
  for (const k of prototypes.classOf) counts[k]!++;
  const middle = counts.sort()[classes.length >> 1]!;
  return middle > 0 ? middle >> 1 : WITHOUT_PROTOTYPES;
}

/**
 * Divides examples into those to train on and those to validate with [Liao21].
 *
 * - `prototypes`: validation = all prototypes, training = the selected items.
 * - `holdout`: prototypes join training; validation = as many random examples as there are prototypes.
 *
 * Then every class is topped up, by the counts before any move: where validation has fewer than `minimum` examples of a
 * class, the missing ones come out of training; else, where training has fewer than validation, half of the validation
 * examples go to training. Never more than half of what training has of the class is taken away, and a class that
 * training lacks altogether gets half of what validation has; the original fails there.
 */
export function splitExamples(
  examples: Examples,
  { validation, minimum }: { validation: 'prototypes' | 'holdout'; minimum: number },
  rng: Rng,
): Split {
  const { labels, items, classes } = examples;
  const n = labels.length;
  const held = new Uint8Array(n);
  if (validation === 'prototypes') held.fill(1, items);
  else for (const at of rng.choose(n, n - items)) held[at] = 1;

  const members = (k: number, of: 0 | 1): number[] => {
    const positions: number[] = [];
    for (let at = 0; at < n; at++) if (labels[at] === k && held[at] === of) positions.push(at);
    return positions;
  };
  const [inTraining, inValidation] = [new Int32Array(classes), new Int32Array(classes)];
  for (let at = 0; at < n; at++) (held[at] === 1 ? inValidation : inTraining)[labels[at]!]!++;
  const move = (k: number, count: number, to: 0 | 1): void => {
    const from = members(k, to === 1 ? 0 : 1);
    for (const x of rng.choose(from.length, count)) held[from[x]!] = to;
  };
  for (let k = 0; k < classes; k++) {
    const [train, valid] = [inTraining[k]!, inValidation[k]!];
    if (valid < minimum && train > 0) move(k, Math.min(minimum - valid, train >> 1), 1);
    else if (train < valid) move(k, valid >> 1, 0);
  }
  const positions = Int32Array.from({ length: n }, (_, at) => at);
  return { train: positions.filter((at) => held[at] === 0), validation: positions.filter((at) => held[at] === 1) };
}
