import { clipped } from '../errors.js';
import type { ClassLabel } from './dataset.js';

/** What a reader took for what, in the words of the file: `column "HITId"`, `data.image`, `the name of the file`. */
export interface AnswerReading {
  readonly format: string;
  readonly encoding: string;
  readonly task: string | null;
  readonly worker: string | null;
  readonly label: string | null;
  /** Where true classes come from; null where the file has none. */
  readonly gold: string | null;
  /** Columns or keys that were read as none of these. */
  readonly others: readonly string[];
  /** Rows or records of the file, those that could not be read included. */
  readonly rows: number;
  /** Labels that say "missing" (`NA`, `None`, ...): no answer in a matrix, a skip elsewhere. */
  readonly missing: number;
  /** What is no answer, by what it is: `drafts`, `rows without an answer`. */
  readonly left: readonly (readonly [what: string, count: number])[];
  /** Sentences about what could be meant otherwise. */
  readonly notes: readonly string[];
}

/** Values of a column of the file, one for each task. */
export interface CarriedColumn {
  readonly name: string;
  /** Of task i, `""` where the file has none; may be shorter than the tasks. */
  readonly values: readonly string[];
}

/**
 * The class that a label names, as a key: `1`, `"1"`, `1.0` and `"1,0"` are one, `True` and `true` are one. (Tools that
 * know no missing integer write a column of integers as decimals once a cell is empty.)
 */
export function classKey(label: ClassLabel): string {
  const text = String(label);
  if (/^-?\d+(\.0*|,00?)$/.test(text)) return text.replace(/[.,]0*$/, '');
  return /^(true|false)$/i.test(text) ? text.toLowerCase() : text;
}

/**
 * Classes with one spelling for whole numbers: where some are written as `1` and others as `0.0`, all go without decimals.
 * (Either alone stays as it is.)
 */
export function oneSpelling(classes: readonly ClassLabel[]): readonly ClassLabel[] {
  const isWhole = (label: ClassLabel): boolean => /^-?\d+$/.test(String(label));
  const isDecimal = (label: ClassLabel): boolean =>
    typeof label === 'string' && isWhole(classKey(label)) && !isWhole(label);
  if (!classes.some(isWhole) || !classes.some(isDecimal)) return classes;
  return classes.map((label) => (isDecimal(label) ? classKey(label) : label));
}

/** Characters that nobody sees, around a text: no-break spaces, those without a width, marks of byte order. */
const UNSEEN =
  /^[\s\u00a0\u200b-\u200d\u2060\ufeff]*[\u00a0\u200b-\u200d\u2060\ufeff][\s\u00a0\u200b-\u200d\u2060\ufeff]*|[\s\u00a0\u200b-\u200d\u2060\ufeff]*[\u00a0\u200b-\u200d\u2060\ufeff][\s\u00a0\u200b-\u200d\u2060\ufeff]*$/g;

/** A text without characters around it that nobody sees; blanks that anybody types stay. */
export function withoutUnseen(text: string): string {
  return /[\u00a0\u200b-\u200d\u2060\ufeff]/.test(text) ? text.replace(UNSEEN, '') : text;
}

/**
 * Answers of a crowd in columns; ids and labels as the file had them. Entry a in 0..count-1 says that `worker[a]` named
 * class `label[a]` for task `item[a]`, or skipped it (-1). Arrays may be longer than what is in use. No id is empty.
 */
export interface AnswerTable {
  readonly taskIds: readonly string[];
  readonly workerIds: readonly string[];
  /** In order of first appearance, as first written; labels of one `classKey` are one class. */
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
  readonly reading: AnswerReading;
  /** Columns that were asked for beside the answers; empty without. */
  readonly carried: readonly CarriedColumn[];
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
  readonly #carried = new Map<string, string[]>();
  readonly #left = new Map<string, number>();
  readonly #notes = new Set<string>();
  #took: Partial<AnswerReading> = {};
  origin: AnswerTable['origin'] = null;
  badRows = 0;
  /** Of the file: rows or records, and labels that say "missing". */
  rows = 0;
  missing = 0;

  /** Answers so far. */
  get count(): number {
    return this.#count;
  }

  /** Whether a true class is known. */
  get hasGold(): boolean {
    return this.#gold.size > 0;
  }

  get classes(): readonly ClassLabel[] {
    return this.#classes;
  }

  /** Index of a task, worker or class, given on first use. */
  task(id: string): number {
    return indexIn(this.#tasks, id);
  }
  worker(id: string): number {
    return indexIn(this.#workers, id);
  }
  class(given: ClassLabel): number {
    const label = typeof given === 'string' ? withoutUnseen(given) : given;
    if (label !== given)
      this.note('Characters around labels that nobody sees (no-break spaces and their like) are left out.');
    const key = classKey(label);
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

  /** What was taken for what; what is told later is added to what was told before. */
  took(
    reading: Partial<Pick<AnswerReading, 'format' | 'encoding' | 'task' | 'worker' | 'label' | 'gold' | 'others'>>,
  ): void {
    this.#took = { ...this.#took, ...reading };
  }

  /** Counts what is no answer. @param what In the plural: `drafts`. */
  leave(what: string, count = 1): void {
    this.#left.set(what, (this.#left.get(what) ?? 0) + count);
  }

  /** A sentence for whoever reads the result; the same one is told once. */
  note(sentence: string): void {
    this.#notes.add(clipped(sentence));
  }

  /** Keeps a value of a task beside the answers; the first that is not empty counts. */
  carry(name: string, item: number, value: string): void {
    let values = this.#carried.get(name);
    if (!values) this.#carried.set(name, (values = []));
    while (values.length <= item) values.push('');
    if (values[item] === '') values[item] = value;
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
    const classes = oneSpelling(this.#classes);
    if (classes !== this.#classes) {
      const k = classes.findIndex((label, at) => label !== this.#classes[at]);
      this.note(
        `Whole numbers are written in two ways here; all go without decimals: "${this.#classes[k]}" is "${classes[k]}".`,
      );
    }
    return {
      taskIds: [...this.#tasks.keys()],
      workerIds: [...this.#workers.keys()],
      classes,
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
      reading: {
        ...{ format: '', encoding: '', task: null, worker: null, label: null, gold: null, others: [] },
        ...this.#took,
        rows: this.rows,
        missing: this.missing,
        left: [...this.#left],
        notes: [...this.#notes],
      },
      carried: [...this.#carried].map(([name, values]) => ({ name, values })),
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
