import type { Annotations } from '../contracts/annotation-store.js';

/**
 * The columns and lists of `Annotations`, grown as answers come in: O(1) per annotation, O(annotations of the item and
 * the worker) to take one back. No objects per annotation.
 */
export class AnnotationIndex implements Annotations {
  readonly items: number;
  readonly classes: number;
  workers: number;
  count = 0;
  live = 0;
  annotatedCount = 0;
  item: Int32Array = new Int32Array(64);
  worker: Int32Array = new Int32Array(64);
  label: Int32Array = new Int32Array(64);
  nextOfItem: Int32Array = new Int32Array(64).fill(-1);
  nextOfWorker: Int32Array = new Int32Array(64).fill(-1);
  readonly perItem: Int32Array;
  readonly firstOfItem: Int32Array;
  readonly annotated: Int32Array;
  perWorker: Int32Array;
  firstOfWorker: Int32Array;
  readonly #lastOfItem: Int32Array;
  #lastOfWorker: Int32Array;

  constructor(items: number, workers: number, classes: number) {
    this.items = items;
    this.workers = workers;
    this.classes = classes;
    this.perItem = new Int32Array(items);
    this.firstOfItem = new Int32Array(items).fill(-1);
    this.#lastOfItem = new Int32Array(items).fill(-1);
    this.annotated = new Int32Array(items);
    this.perWorker = new Int32Array(workers);
    this.firstOfWorker = new Int32Array(workers).fill(-1);
    this.#lastOfWorker = new Int32Array(workers).fill(-1);
  }

  /** Makes room for one more worker. @returns its index. */
  addWorker(): number {
    if (this.workers === this.perWorker.length) {
      const length = Math.max(8, 2 * this.workers);
      this.perWorker = grown(this.perWorker, length, 0);
      this.firstOfWorker = grown(this.firstOfWorker, length, -1);
      this.#lastOfWorker = grown(this.#lastOfWorker, length, -1);
    }
    return this.workers++;
  }

  /** Appends an annotation that counts. Indices must be in range: the caller has checked them. @returns its number. */
  append(item: number, worker: number, label: number): number {
    const a = this.#entry(item, worker, label);
    const before = this.#lastOfItem[item]!;
    if (before >= 0) this.nextOfItem[before] = a;
    else if (this.firstOfItem[item] === -1) {
      this.firstOfItem[item] = a;
      this.annotated[this.annotatedCount++] = item;
    } else this.firstOfItem[item] = a;
    this.#lastOfItem[item] = a;
    const previous = this.#lastOfWorker[worker]!;
    if (previous >= 0) this.nextOfWorker[previous] = a;
    else this.firstOfWorker[worker] = a;
    this.#lastOfWorker[worker] = a;
    this.perItem[item]!++;
    this.perWorker[worker]!++;
    this.live++;
    return a;
  }

  /** Appends an entry that is in no list (a retraction). @returns its number. */
  appendSilent(item: number, worker: number): number {
    return this.#entry(item, worker, -1);
  }

  /** Takes annotation `a`, which must count, out of all lists and counts. */
  remove(a: number): void {
    const item = this.item[a]!;
    const worker = this.worker[a]!;
    unlink(a, item, this.firstOfItem, this.nextOfItem, this.#lastOfItem, EMPTIED);
    unlink(a, worker, this.firstOfWorker, this.nextOfWorker, this.#lastOfWorker, -1);
    this.perItem[item]!--;
    this.perWorker[worker]!--;
    this.live--;
  }

  /** Does annotation `a` count (it was not retracted)? */
  counts(a: number): boolean {
    if (a < 0 || a >= this.count) return false;
    for (let b = this.firstOfItem[this.item[a]!]!; b >= 0; b = this.nextOfItem[b]!) if (b === a) return true;
    return false;
  }

  #entry(item: number, worker: number, label: number): number {
    if (this.count === this.item.length) {
      const length = 2 * this.count;
      this.item = grown(this.item, length, 0);
      this.worker = grown(this.worker, length, 0);
      this.label = grown(this.label, length, 0);
      this.nextOfItem = grown(this.nextOfItem, length, -1);
      this.nextOfWorker = grown(this.nextOfWorker, length, -1);
    }
    const a = this.count++;
    this.item[a] = item;
    this.worker[a] = worker;
    this.label[a] = label;
    return a;
  }
}

/** Marks an item that was annotated once and has no annotation left: still in `annotated`, its list is empty. */
const EMPTIED = -2;

function unlink(a: number, owner: number, first: Int32Array, next: Int32Array, last: Int32Array, empty: number): void {
  let before = -1;
  let b = first[owner]!;
  while (b !== a) [before, b] = [b, next[b]!];
  const after = next[a]!;
  if (before >= 0) next[before] = after;
  else first[owner] = after >= 0 ? after : empty;
  if (after < 0) last[owner] = before;
  next[a] = -1;
}

function grown(old: Int32Array, length: number, fill: number): Int32Array {
  const wide = new Int32Array(length).fill(fill, old.length);
  wide.set(old);
  return wide;
}

/** Has this worker an annotation of this item that counts? O(annotations of the item). */
export function hasAnswered(annotations: Annotations, item: number, worker: number): boolean {
  for (let a = annotations.firstOfItem[item]!; a >= 0; a = annotations.nextOfItem[a]!) {
    if (annotations.worker[a] === worker) return true;
  }
  return false;
}
