import { classKey, type AnswerTable, type ClassLabel } from '@quorate/core';
import { AnswerIndex } from './answer-index.js';
import type { Ledger } from './ledger.js';

/** Plain data of `CrowdAnswers`. Columns without skips, exactly as long as what they hold. */
export interface CrowdAnswersData {
  readonly taskIds: readonly string[];
  readonly workerIds: readonly string[];
  readonly classes: readonly ClassLabel[];
  readonly item: Int32Array;
  readonly worker: Int32Array;
  readonly label: Int32Array;
  /** Skipped tasks of each worker, length W. */
  readonly skips: Int32Array;
}

/** What came with `add`. */
export interface Added {
  /** Number of the first new answer in the columns. */
  readonly first: number;
  readonly answers: number;
  readonly tasks: number;
  readonly workers: number;
  readonly classes: number;
}

/**
 * All answers that one consensus is made of: the tables of one file or of several, tasks, workers and classes in order of
 * first appearance. Skips count for their worker and say nothing of a task; every other answer counts, also the second
 * of one worker to one task.
 */
export class CrowdAnswers {
  readonly taskIds: string[];
  readonly workerIds: string[];
  readonly classes: ClassLabel[];
  readonly index: AnswerIndex;
  /** Skipped tasks of each worker; may be longer than W. */
  skips: Int32Array;
  #numbers: Record<'task' | 'worker' | 'class', Map<string, number>> | null = null;

  constructor(data: CrowdAnswersData) {
    this.taskIds = data.taskIds as string[];
    this.workerIds = data.workerIds as string[];
    this.classes = data.classes as ClassLabel[];
    this.skips = data.skips;
    this.index = new AnswerIndex(data.taskIds.length, data.workerIds.length, data.classes.length, {
      ...data,
      count: data.item.length,
    });
  }

  /** The answers of one table or ledger. Without skips its columns are used as they are, not copied. */
  static of(table: AnswerTable | Ledger): CrowdAnswers {
    const { taskIds, workerIds, classes } = table;
    const skips = new Int32Array(workerIds.length);
    const answered = withoutSkips(table, skips);
    return new CrowdAnswers({
      taskIds: taskIds.slice(),
      workerIds: workerIds.slice(),
      classes: classes.slice(),
      ...answered,
      skips,
    });
  }

  get skipped(): number {
    return this.skips.reduce((sum, n) => sum + n, 0);
  }

  /** Appends the answers of another table; ids and classes that are here already keep their numbers. */
  add(table: AnswerTable | Ledger): Added {
    const before = [this.index.count, this.taskIds.length, this.workerIds.length, this.classes.length] as const;
    const numbers = this.#numbered();
    const task = table.taskIds.map((id) => numberOf(numbers.task, this.taskIds, id, id));
    const worker = table.workerIds.map((id) => numberOf(numbers.worker, this.workerIds, id, id));
    const label = table.classes.map((name) => numberOf(numbers.class, this.classes, classKey(name), name));
    this.index.growTo(this.taskIds.length, this.workerIds.length);
    this.index.classes = this.classes.length;
    if (this.skips.length < this.workerIds.length) {
      const skips = new Int32Array(2 * this.workerIds.length);
      skips.set(this.skips);
      this.skips = skips;
    }
    for (let a = 0; a < table.count; a++) {
      const j = worker[table.worker[a]!]!;
      const z = table.label[a]!;
      if (z < 0) this.skips[j]!++;
      else this.index.append(task[table.item[a]!]!, j, label[z]!);
    }
    const [first, tasks, workers, classes] = before;
    return {
      first,
      answers: this.index.count - first,
      tasks: this.taskIds.length - tasks,
      workers: this.workerIds.length - workers,
      classes: this.classes.length - classes,
    };
  }

  /** Makes room ahead for a share more of everything: answers that come one by one then move nothing. */
  makeRoom(share: number): void {
    this.#numbered();
    const more = (n: number): number => Math.ceil(n * (1 + share)) + 1;
    this.index.reserve(more(this.index.count), more(this.taskIds.length), more(this.workerIds.length));
  }

  /** Number of a task or a class; undefined for one that no answer names. */
  taskNumber(id: string): number | undefined {
    return this.#numbered().task.get(id);
  }
  classNumber(label: ClassLabel): number | undefined {
    return this.#numbered().class.get(classKey(label));
  }

  /** A class that no answer names so far, but gold does. @returns its number. */
  addClass(label: ClassLabel): number {
    const k = numberOf(this.#numbered().class, this.classes, classKey(label), label);
    this.index.classes = this.classes.length;
    return k;
  }

  data(): CrowdAnswersData {
    const { count, item, worker, label } = this.index;
    return {
      taskIds: this.taskIds,
      workerIds: this.workerIds,
      classes: this.classes,
      item: item.slice(0, count),
      worker: worker.slice(0, count),
      label: label.slice(0, count),
      skips: this.skips.slice(0, this.workerIds.length),
    };
  }

  #numbered(): Record<'task' | 'worker' | 'class', Map<string, number>> {
    this.#numbers ??= {
      task: new Map(this.taskIds.map((id, i) => [id, i])),
      worker: new Map(this.workerIds.map((id, j) => [id, j])),
      class: new Map(this.classes.map((label, k) => [classKey(label), k])),
    };
    return this.#numbers;
  }
}

function numberOf<V>(numbers: Map<string, number>, values: V[], key: string, value: V): number {
  const known = numbers.get(key);
  if (known !== undefined) return known;
  numbers.set(key, values.length);
  return values.push(value) - 1;
}

/** The columns of the answers that are no skips; counts the skips of each worker into `skips`. */
function withoutSkips(
  { count, item, worker, label }: AnswerTable | Ledger,
  skips: Int32Array,
): Record<'item' | 'worker' | 'label', Int32Array> {
  let answered = 0;
  for (let a = 0; a < count; a++) {
    if (label[a]! >= 0) answered++;
    else skips[worker[a]!]!++;
  }
  if (answered === count) {
    return { item: item.subarray(0, count), worker: worker.subarray(0, count), label: label.subarray(0, count) };
  }
  const kept = { item: new Int32Array(answered), worker: new Int32Array(answered), label: new Int32Array(answered) };
  for (let a = 0, n = 0; a < count; a++) {
    if (label[a]! < 0) continue;
    kept.item[n] = item[a]!;
    kept.worker[n] = worker[a]!;
    kept.label[n++] = label[a]!;
  }
  return kept;
}
