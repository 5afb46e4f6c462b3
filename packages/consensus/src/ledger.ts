import { classKey, oneSpelling, type AnswerTable, type ClassLabel } from '@quorate/core';

/**
 * Every answer that came in, in columns, each one once: what a state keeps. Row a in 0..count-1 says that `worker[a]`
 * named class `label[a]` for task `item[a]`, or skipped it (-1). `item[a]` is -1 for a skip whose task is not known.
 */
export interface Ledger {
  readonly taskIds: readonly string[];
  readonly workerIds: readonly string[];
  readonly classes: readonly ClassLabel[];
  readonly count: number;
  readonly item: Int32Array;
  readonly worker: Int32Array;
  readonly label: Int32Array;
  /** Ids of the annotations, `""` where unknown; null where no row has one. */
  readonly annotationIds: readonly string[] | null;
}

/** What became of the rows of a table: their sum is its number of rows. */
export interface Upserted {
  readonly new: number;
  readonly known: number;
  readonly changed: number;
}

/** The rows of one table. All of them count, also the second of one worker to one task. */
export function ledgerOf(table: AnswerTable): Ledger {
  const { taskIds, workerIds, classes, count, item, worker, label, annotationIds = null } = table;
  return {
    taskIds,
    workerIds,
    classes,
    count,
    item: item.subarray(0, count),
    worker: worker.subarray(0, count),
    label: label.subarray(0, count),
    annotationIds,
  };
}

/**
 * A ledger with the rows of another table, O(rows of both).
 *
 * A row with the annotation id of a row that is there is that row. Without an id that both have, rows of one worker about
 * one task are told by their labels: each equal one is known; of those that are left over, each replaces one that is left
 * over in the ledger, the latest first; what is still left is new. So an export that holds everything so far adds what
 * it has more, and two answers of one worker to one task in one file stay two.
 *
 * A changed row keeps its place. Classes that no row names any more after a change are dropped.
 *
 * @param repeat Take every row as new.
 */
export function upsert(ledger: Ledger, table: AnswerTable, repeat = false): { ledger: Ledger; upserted: Upserted } {
  const merged = new Merge(ledger, table);
  if (!repeat) merged.match();
  return merged.result();
}

class Merge {
  readonly #ledger: Ledger;
  readonly #table: Ledger;
  readonly #taskIds: string[];
  readonly #workerIds: string[];
  readonly #classes: ClassLabel[];
  /** Numbers of the table's tasks, workers and classes in the ledger. */
  readonly #item: Int32Array;
  readonly #worker: Int32Array;
  readonly #label: Int32Array;
  /** Row of the ledger that each row of the table is; -1: a new one. */
  readonly #same: Int32Array;
  #known = 0;
  #changed = 0;

  constructor(ledger: Ledger, table: AnswerTable) {
    this.#ledger = ledger;
    this.#table = ledgerOf(table);
    this.#taskIds = [...ledger.taskIds];
    this.#workerIds = [...ledger.workerIds];
    this.#classes = [...ledger.classes];
    const { count, item, worker, label } = this.#table;
    const task = numbered(this.#taskIds, table.taskIds);
    const person = numbered(this.#workerIds, table.workerIds);
    const name = numbered(this.#classes, table.classes, classKey);
    this.#item = Int32Array.from({ length: count }, (_, a) => task[item[a]!]!);
    this.#worker = Int32Array.from({ length: count }, (_, a) => person[worker[a]!]!);
    this.#label = Int32Array.from({ length: count }, (_, a) => (label[a]! < 0 ? -1 : name[label[a]!]!));
    this.#same = new Int32Array(count).fill(-1);
  }

  match(): void {
    const { count } = this.#table;
    const { item, label, annotationIds } = this.#ledger;
    const taken = new Uint8Array(this.#ledger.count);
    const settle = (a: number, row: number): void => {
      this.#same[a] = row;
      taken[row] = 1;
      if (label[row] === this.#label[a]) this.#known++;
      else this.#changed++;
    };
    const rowOfId = new Map<string, number>();
    annotationIds?.forEach((id, row) => void (id !== '' && rowOfId.set(id, row)));
    for (let a = 0; a < count; a++) {
      const row = rowOfId.get(this.#table.annotationIds?.[a] ?? '');
      if (row !== undefined && taken[row] === 0 && item[row] === this.#item[a]) settle(a, row);
    }
    const K = this.#classes.length + 1;
    const pair = (i: number, j: number): number => i * this.#workerIds.length + j;
    const alike = (i: number, j: number, k: number): number => pair(i, j) * K + k + 1;
    for (const key of [alike, pair]) {
      const rows = new Rows(this.#ledger, key, taken);
      for (let a = 0; a < count; a++) {
        if (this.#same[a]! >= 0) continue;
        const number = key(this.#item[a]!, this.#worker[a]!, this.#label[a]!);
        const row = rows.latest(number, (row) => !this.#differ(a, row));
        if (row >= 0) settle(a, row);
      }
    }
  }

  result(): { ledger: Ledger; upserted: Upserted } {
    const before = this.#ledger.count;
    const more = this.#table.count - this.#known - this.#changed;
    const wide = (column: Int32Array): Int32Array => {
      const out = new Int32Array(before + more);
      out.set(column.subarray(0, before));
      return out;
    };
    const [item, worker, label] = [wide(this.#ledger.item), wide(this.#ledger.worker), wide(this.#ledger.label)];
    const withIds = this.#ledger.annotationIds !== null || this.#table.annotationIds !== null;
    const ids = withIds ? this.#ids(before + more) : null;
    let next = before;
    for (let a = 0; a < this.#table.count; a++) {
      const row = this.#same[a]! < 0 ? next++ : this.#same[a]!;
      item[row] = this.#item[a]!;
      worker[row] = this.#worker[a]!;
      label[row] = this.#label[a]!;
      const id = this.#table.annotationIds?.[a] ?? '';
      if (ids && id !== '') ids[row] = id;
    }
    const classes = oneSpelling(this.#changed > 0 ? stillNamed(this.#classes, label) : this.#classes);
    return {
      ledger: {
        taskIds: this.#taskIds,
        workerIds: this.#workerIds,
        classes,
        count: before + more,
        item,
        worker,
        label,
        annotationIds: ids,
      },
      upserted: { new: more, known: this.#known, changed: this.#changed },
    };
  }

  /** Have both an id, and not the same one? Then they are two annotations. */
  #differ(a: number, row: number): boolean {
    const [one, other] = [this.#table.annotationIds?.[a] ?? '', this.#ledger.annotationIds?.[row] ?? ''];
    return one !== '' && other !== '' && one !== other;
  }

  #ids(count: number): string[] {
    const ids = this.#ledger.annotationIds ?? [];
    return Array.from({ length: count }, (_, row) => ids[row] ?? '');
  }
}

/** Rows of a ledger by a number that is made of task, worker and label; those that are taken are passed over for good. */
class Rows {
  readonly #last = new Map<number, number>();
  /** The row of the same number before this one, -1 for the first. */
  readonly #earlier: Int32Array;

  constructor(
    { count, item, worker, label }: Ledger,
    key: (item: number, worker: number, label: number) => number,
    readonly taken: Uint8Array,
  ) {
    this.#earlier = new Int32Array(count).fill(-1);
    for (let row = 0; row < count; row++) {
      if (taken[row] === 1) continue;
      const number = key(item[row]!, worker[row]!, label[row]!);
      this.#earlier[row] = this.#last.get(number) ?? -1;
      this.#last.set(number, row);
    }
  }

  /** The latest row of this number that is free and suits, -1 where there is none. */
  latest(number: number, suits: (row: number) => boolean): number {
    let row = this.#last.get(number) ?? -1;
    while (row >= 0 && this.taken[row] === 1) row = this.#earlier[row]!;
    this.#last.set(number, row);
    while (row >= 0 && (this.taken[row] === 1 || !suits(row))) row = this.#earlier[row]!;
    return row;
  }
}

/** Appends what is not there yet to `all`. @returns the number in `all` of each of `more`. */
function numbered<V extends ClassLabel>(all: V[], more: readonly V[], keyOf: (value: V) => string = String): number[] {
  const numbers = new Map(all.map((value, number) => [keyOf(value), number]));
  return more.map((value) => {
    const known = numbers.get(keyOf(value));
    if (known !== undefined) return known;
    numbers.set(keyOf(value), all.length);
    return all.push(value) - 1;
  });
}

/** The classes that a row names; numbers them anew in `label`. */
function stillNamed(classes: readonly ClassLabel[], label: Int32Array): ClassLabel[] {
  const named = new Int32Array(classes.length).fill(-1);
  for (const k of label) if (k >= 0) named[k] = 0;
  const kept = classes.filter((_, k) => named[k] === 0);
  let next = 0;
  for (let k = 0; k < classes.length; k++) if (named[k] === 0) named[k] = next++;
  for (let a = 0; a < label.length; a++) if (label[a]! >= 0) label[a] = named[label[a]!]!;
  return kept;
}
