import type { ClassLabel } from './dataset.js';

/**
 * Answers of a crowd in columns; ids and labels as the file had them. Entry a in 0..count-1 says that `worker[a]` named
 * class `label[a]` for task `item[a]`, or skipped it (-1). Arrays may be longer than what is in use. No id is empty.
 */
export interface AnswerTable {
  readonly taskIds: readonly string[];
  readonly workerIds: readonly string[];
  /** In order of first appearance. `1` and `"1"` are one class, as it was first written. */
  readonly classes: readonly ClassLabel[];
  readonly count: number;
  readonly item: Int32Array;
  readonly worker: Int32Array;
  readonly label: Int32Array;
  /** Seconds that an answer took, NaN where unknown; null where no answer has one. */
  readonly seconds: Float32Array | null;
  /** When an answer was given, as the file wrote it, `""` where unknown; null where no answer has one. */
  readonly time: readonly string[] | null;
  /** Ids of the annotations, as the file gives them, `""` where unknown; null (or left out) where no answer has one. */
  readonly annotationIds?: readonly string[] | null;
  /** True class of task i where the file says so, -1 elsewhere; null where it says none. */
  readonly gold: Int32Array | null;
  /** What the format that read it keeps for writing it again: task data, names of the labelling controls. */
  readonly origin: { readonly format: string; readonly context: unknown } | null;
  /** Rows that could not be read and were skipped. */
  readonly badRows: number;
}

/** Grows an `AnswerTable` answer by answer, without an object for each. */
export class AnswerTableBuilder {
  readonly #tasks = new Map<string, number>();
  readonly #workers = new Map<string, number>();
  readonly #classIndex = new Map<string, number>();
  readonly #classes: ClassLabel[] = [];
  #count = 0;
  #item: Int32Array = new Int32Array(1024);
  #worker: Int32Array = new Int32Array(1024);
  #label: Int32Array = new Int32Array(1024);
  #seconds: Float32Array | null = null;
  #time: string[] | null = null;
  #annotationIds: string[] | null = null;
  readonly #gold = new Map<number, number>();
  readonly #confidence = new Map<number, number>();
  origin: AnswerTable['origin'] = null;
  badRows = 0;

  /** Answers so far. */
  get count(): number {
    return this.#count;
  }

  /** Index of a task, worker or class, given on first use. */
  task(id: string): number {
    return indexIn(this.#tasks, id);
  }
  worker(id: string): number {
    return indexIn(this.#workers, id);
  }
  class(label: ClassLabel): number {
    const key = String(label);
    const known = this.#classIndex.get(key);
    if (known !== undefined) return known;
    this.#classIndex.set(key, this.#classes.length);
    return this.#classes.push(label) - 1;
  }

  /**
   * @param label A class index, or -1 for a skip.
   * @param seconds That the answer took, >= 0; NaN where unknown.
   * @param time When it was given, as the file wrote it; `""` where unknown.
   * @param annotationId The file's own id of this answer; `""` where unknown.
   */
  add(item: number, worker: number, label: number, seconds = NaN, time = '', annotationId = ''): void {
    if (this.#count === this.#item.length) this.#grow();
    const a = this.#count++;
    this.#item[a] = item;
    this.#worker[a] = worker;
    this.#label[a] = label;
    if (!Number.isNaN(seconds)) {
      this.#seconds ??= new Float32Array(this.#item.length).fill(NaN);
      this.#seconds[a] = seconds;
    }
    if (time !== '') {
      this.#time ??= [];
      while (this.#time.length < a) this.#time.push('');
      this.#time[a] = time;
    }
    if (annotationId !== '') {
      this.#annotationIds ??= [];
      while (this.#annotationIds.length < a) this.#annotationIds.push('');
      this.#annotationIds[a] = annotationId;
    }
  }

  /** What a task truly is. @param confidence Of the file, where it gives one, 0..1. */
  setGold(item: number, label: number, confidence = 1): void {
    this.#gold.set(item, label);
    if (confidence !== 1) this.#confidence.set(item, confidence);
  }

  /** The true class of a task as told so far, -1 where untold. */
  goldOf(item: number): number {
    return this.#gold.get(item) ?? -1;
  }

  /** What the file said with the true class of a task, 1 where it said nothing. */
  confidenceOf(item: number): number {
    return this.#confidence.get(item) ?? 1;
  }

  build(): AnswerTable {
    const N = this.#tasks.size;
    let gold: Int32Array | null = null;
    if (this.#gold.size > 0) {
      gold = new Int32Array(N).fill(-1);
      for (const [item, label] of this.#gold) gold[item] = label;
    }
    for (const column of [this.#time, this.#annotationIds]) {
      if (column) while (column.length < this.#count) column.push('');
    }
    return {
      taskIds: [...this.#tasks.keys()],
      workerIds: [...this.#workers.keys()],
      classes: this.#classes,
      count: this.#count,
      item: this.#item,
      worker: this.#worker,
      label: this.#label,
      seconds: this.#seconds,
      time: this.#time,
      annotationIds: this.#annotationIds,
      gold,
      origin: this.origin,
      badRows: this.badRows,
    };
  }

  #grow(): void {
    const length = 2 * this.#item.length;
    const wider = (old: Int32Array): Int32Array => {
      const wide = new Int32Array(length);
      wide.set(old);
      return wide;
    };
    this.#item = wider(this.#item);
    this.#worker = wider(this.#worker);
    this.#label = wider(this.#label);
    if (this.#seconds) {
      const wide = new Float32Array(length).fill(NaN);
      wide.set(this.#seconds);
      this.#seconds = wide;
    }
  }
}

function indexIn(map: Map<string, number>, key: string): number {
  const known = map.get(key);
  if (known !== undefined) return known;
  map.set(key, map.size);
  return map.size - 1;
}
