import type { Annotations } from '@quorate/core';

/** Columns of answers that count, entry a in 0..count-1; arrays may be longer than what is in use. */
interface Columns {
  readonly count: number;
  readonly item: Int32Array;
  readonly worker: Int32Array;
  readonly label: Int32Array;
}

/**
 * The `Annotations` of a file of answers: built over given columns in one pass, O(M + N + W), and grown by `append` when
 * answers, tasks, workers or classes come later. Nothing is ever retracted here, so `live` is `count`.
 */
export class AnswerIndex implements Annotations {
  items = 0;
  workers = 0;
  classes: number;
  count = 0;
  annotatedCount = 0;
  item: Int32Array = new Int32Array(0);
  worker: Int32Array = new Int32Array(0);
  label: Int32Array = new Int32Array(0);
  nextOfItem: Int32Array = new Int32Array(0);
  nextOfWorker: Int32Array = new Int32Array(0);
  perItem: Int32Array = new Int32Array(0);
  firstOfItem: Int32Array = new Int32Array(0);
  annotated: Int32Array = new Int32Array(0);
  perWorker: Int32Array = new Int32Array(0);
  firstOfWorker: Int32Array = new Int32Array(0);
  #lastOfItem: Int32Array = new Int32Array(0);
  #lastOfWorker: Int32Array = new Int32Array(0);

  /** @param columns Read and kept, never written to: the first `append` copies them. */
  constructor(items: number, workers: number, classes: number, columns?: Columns) {
    this.classes = classes;
    this.growTo(items, workers);
    if (!columns) return;
    // Exactly as long as what they hold: the first append finds them full and copies.
    this.item = columns.item.subarray(0, columns.count);
    this.worker = columns.worker.subarray(0, columns.count);
    this.label = columns.label.subarray(0, columns.count);
    this.nextOfItem = new Int32Array(columns.count).fill(-1);
    this.nextOfWorker = new Int32Array(columns.count).fill(-1);
    while (this.count < columns.count) this.#link(this.count++);
  }

  get live(): number {
    return this.count;
  }

  /** Makes room for tasks and workers up to these numbers of them. */
  growTo(items: number, workers: number): void {
    if (items > this.perItem.length) {
      const length = roomFor(items, this.perItem.length);
      this.perItem = grown(this.perItem, length, 0);
      this.firstOfItem = grown(this.firstOfItem, length, -1);
      this.#lastOfItem = grown(this.#lastOfItem, length, -1);
      this.annotated = grown(this.annotated, length, 0);
    }
    if (workers > this.perWorker.length) {
      const length = roomFor(workers, this.perWorker.length);
      this.perWorker = grown(this.perWorker, length, 0);
      this.firstOfWorker = grown(this.firstOfWorker, length, -1);
      this.#lastOfWorker = grown(this.#lastOfWorker, length, -1);
    }
    this.items = items;
    this.workers = workers;
  }

  /** Makes room ahead, so that appending up to these numbers moves nothing. */
  reserve(answers: number, items: number, workers: number): void {
    const [N, W] = [this.items, this.workers];
    this.growTo(Math.max(N, items), Math.max(W, workers));
    [this.items, this.workers] = [N, W];
    if (answers > this.item.length) this.#growColumns(answers);
  }

  append(item: number, worker: number, label: number): void {
    if (this.count === this.item.length) this.#growColumns(Math.max(64, 2 * this.count));
    const a = this.count++;
    this.item[a] = item;
    this.worker[a] = worker;
    this.label[a] = label;
    this.#link(a);
  }

  #growColumns(length: number): void {
    this.item = grown(this.item, length, 0);
    this.worker = grown(this.worker, length, 0);
    this.label = grown(this.label, length, 0);
    this.nextOfItem = grown(this.nextOfItem, length, -1);
    this.nextOfWorker = grown(this.nextOfWorker, length, -1);
  }

  #link(a: number): void {
    const item = this.item[a]!;
    const worker = this.worker[a]!;
    const before = this.#lastOfItem[item]!;
    if (before >= 0) this.nextOfItem[before] = a;
    else {
      this.firstOfItem[item] = a;
      this.annotated[this.annotatedCount++] = item;
    }
    this.#lastOfItem[item] = a;
    const previous = this.#lastOfWorker[worker]!;
    if (previous >= 0) this.nextOfWorker[previous] = a;
    else this.firstOfWorker[worker] = a;
    this.#lastOfWorker[worker] = a;
    this.perItem[item]!++;
    this.perWorker[worker]!++;
  }
}

/** Exactly what is asked for at first; doubled when it grows, so that one more task at a time is cheap. */
function roomFor(wanted: number, there: number): number {
  return there === 0 ? wanted : Math.max(wanted, 2 * there);
}

function grown(old: Int32Array, length: number, fill: number): Int32Array {
  const wide = new Int32Array(length);
  if (fill !== 0) wide.fill(fill, old.length);
  wide.set(old);
  return wide;
}
