import type { Dataset, MixMatch, TrainingSet } from '@quorate/core';

/** Everything that a fit may train on or validate with: the selected items, then all prototypes. */
export interface Examples {
  /** Row of the features of each example; an item's number, or N + p of prototype p. */
  readonly rows: Int32Array;
  readonly labels: Int32Array;
  /** Weight of each example within its class, > 0. */
  readonly weights: Float32Array;
  /** How many of them are items; the rest are prototypes. */
  readonly items: number;
  /** K. */
  readonly classes: number;
  /** Rows to learn from without a label, and how; null where there are none. */
  readonly mixMatch: MixMatch | null;
}

/** The selected items and the prototypes. Prototypes weigh 1. */
export function gatherExamples({ rows, labels, weights, mixMatch }: TrainingSet, dataset: Dataset): Examples {
  const N = dataset.taskIds.length;
  const { classOf } = dataset.prototypes;
  const items = rows.length;
  const all = {
    rows: new Int32Array(items + classOf.length),
    labels: new Int32Array(items + classOf.length),
    weights: new Float32Array(items + classOf.length).fill(1),
  };
  all.rows.set(rows);
  all.labels.set(labels);
  if (weights) all.weights.set(weights);
  for (let p = 0; p < classOf.length; p++) {
    all.rows[items + p] = N + p;
    all.labels[items + p] = classOf[p]!;
  }
  return { ...all, items, classes: dataset.classes.length, mixMatch: mixMatch ?? null };
}

/** How many of the examples at `positions` are of each class, length K. */
export function countClasses({ labels, classes }: Examples, positions: Int32Array): Int32Array {
  const counts = new Int32Array(classes);
  for (const at of positions) counts[labels[at]!]!++;
  return counts;
}

/** Rows and labels of the examples at `positions`. */
export function pick(examples: Examples, positions: Int32Array): { rows: Int32Array; labels: Int32Array } {
  return {
    rows: positions.map((at) => examples.rows[at]!),
    labels: positions.map((at) => examples.labels[at]!),
  };
}
