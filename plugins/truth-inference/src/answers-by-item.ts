import type { AggregateRequest, Annotations } from '@quorate/core';

/** Answers sorted by item once, so that every pass of an iteration reads memory in order. */
export interface AnswersByItem {
  /** Number of items, W, K and number of answers. */
  readonly items: number;
  readonly workers: number;
  readonly classes: number;
  readonly count: number;
  /** Item i has the answers start[i]..start[i+1]-1, in order of arrival; length items + 1. */
  readonly start: Int32Array;
  /** Who answered, and what. The same worker twice on a task: both count. */
  readonly worker: Int32Array;
  readonly label: Int32Array;
}

/** What an item's row starts from and is fixed by, beside its answers. */
export interface ItemKnowledge {
  /** Class probabilities of a learner, items×K, or null. */
  readonly prior: Float32Array | Float64Array | null;
  /** True class or -1 of each item, or null. */
  readonly gold: Int32Array | null;
}

/** All answers that count. O(N + M) time, 8 bytes per answer. */
export function answersByItem({ items, workers, classes, live, perItem, ...lists }: Annotations): AnswersByItem {
  const { firstOfItem, nextOfItem, worker: workerOf, label: labelOf } = lists;
  const start = new Int32Array(items + 1);
  for (let i = 0; i < items; i++) start[i + 1] = start[i]! + perItem[i]!;
  const worker = new Int32Array(live);
  const label = new Int32Array(live);
  let n = 0;
  for (let i = 0; i < items; i++) {
    for (let a = firstOfItem[i]!; a >= 0; a = nextOfItem[a]!) {
      worker[n] = workerOf[a]!;
      label[n++] = labelOf[a]!;
    }
  }
  return { items, workers, classes, count: live, start, worker, label };
}

/** The answers numbered below `before` of a few items, which become items 0, 1, ... O(their answers). */
export function answersOf(annotations: Annotations, items: Int32Array, before: number): AnswersByItem {
  const start = new Int32Array(items.length + 1);
  const worker: number[] = [];
  const label: number[] = [];
  items.forEach((item, n) => {
    for (let a = annotations.firstOfItem[item]!; a >= 0; a = annotations.nextOfItem[a]!) {
      if (a >= before) continue;
      worker.push(annotations.worker[a]!);
      label.push(annotations.label[a]!);
    }
    start[n + 1] = worker.length;
  });
  const columns = { worker: Int32Array.from(worker), label: Int32Array.from(label) };
  const { workers, classes } = annotations;
  return { items: items.length, workers, classes, count: worker.length, start, ...columns };
}

export function knowledgeOf({ prior, gold }: AggregateRequest): ItemKnowledge {
  return { prior, gold: gold ?? null };
}

/** Share of the votes, one-hot where gold says so; zeros without either. `rows`: out, items×K. */
export function voteShares(
  { items, classes: K, start, label }: AnswersByItem,
  gold: Int32Array | null,
  rows: Float64Array,
): void {
  rows.fill(0, 0, items * K);
  for (let i = 0; i < items; i++) {
    const g = gold?.[i] ?? -1;
    const from = start[i]!;
    const to = start[i + 1]!;
    if (g >= 0) rows[i * K + g] = 1;
    else for (let a = from; a < to; a++) rows[i * K + label[a]!]! += 1 / (to - from);
  }
}
