import {
  AnnotationIndex,
  QuorateError,
  nearest,
  type AnnotationColumns,
  type AnnotationStore,
  type Annotations,
  type Dataset,
  type ExternalAnnotation,
  type Snapshot,
} from '@quorate/core';

/** One entry of the journal, in the user's words. `label` is null where the entry takes an annotation back. */
export interface JournalEntry {
  readonly task: string;
  readonly worker: string;
  readonly label: string | null;
  readonly step: number;
}

/** The annotations of a run: an append-only journal with indexes that grow with it. */
export class Journal implements AnnotationStore {
  readonly #index: AnnotationIndex;
  readonly #dataset: Dataset;
  readonly #workerIds: string[];
  readonly #workerOf: Map<string, number>;
  #itemOf: Map<string, number> | undefined;
  #classOf: Map<string, number> | undefined;
  #step: Int32Array = new Int32Array(64);
  /** By worker: the items that they declined to answer about. */
  readonly #declined = new Map<number, Set<number>>();
  #declinedCount = 0;

  constructor(dataset: Dataset, workerIds: readonly string[]) {
    this.#dataset = dataset;
    this.#workerIds = [...workerIds];
    this.#workerOf = new Map(workerIds.map((id, j) => [id, j]));
    this.#index = new AnnotationIndex(dataset.taskIds.length, workerIds.length, dataset.classes.length);
  }

  get view(): Annotations {
    return this.#index;
  }

  get workerIds(): readonly string[] {
    return this.#workerIds;
  }

  /** Number of journal entries: the sequence number that the next one gets. */
  get entries(): number {
    return this.#index.count;
  }

  collect(answers: AnnotationColumns, step: number): number {
    const { items, workers, classes } = this.#index;
    for (let a = 0; a < answers.count; a++) {
      const label = answers.label[a]!;
      if (inRange(answers.item[a]!, items) && inRange(answers.worker[a]!, workers) && inRange(label, classes)) continue;
      throw new QuorateError('ANNOTATION_INVALID', {
        where: `answer ${a} of step ${step} (item ${answers.item[a]}, worker ${answers.worker[a]})`,
        expected: `an item below ${items}, a worker below ${workers} and a class below ${classes}`,
        got: `class ${label}`,
        fix: 'This is a fault of the worker simulator.',
      });
    }
    const first = this.#index.count;
    for (let a = 0; a < answers.count; a++) {
      this.#stamp(this.#index.append(answers.item[a]!, answers.worker[a]!, answers.label[a]!), step);
    }
    return first;
  }

  add(answers: readonly ExternalAnnotation[], step: number): number {
    this.#itemOf ??= new Map(this.#dataset.taskIds.map((id, i) => [id, i]));
    this.#classOf ??= new Map(this.#dataset.classes.map((label, k) => [String(label), k]));
    const known = answers.map(({ task, worker, label }, a) => {
      const item = this.#itemOf!.get(task);
      const k = this.#classOf!.get(String(label));
      if (worker === '') throw this.#unknown(a, 'worker', worker, 'a worker id', []);
      if (item === undefined) throw this.#unknown(a, 'task', task, 'a task of this run', this.#itemOf!.keys());
      if (k === undefined) throw this.#unknown(a, 'label', String(label), 'a class of this run', this.#classOf!.keys());
      return { item, worker, k };
    });
    const first = this.#index.count;
    for (const { item, worker, k } of known) {
      this.#stamp(this.#index.append(item, this.worker(worker), k), step);
    }
    return first;
  }

  #unknown(a: number, what: string, got: string, expected: string, all: Iterable<string>): QuorateError {
    const near = nearest(got, all);
    return new QuorateError('ANNOTATION_INVALID', {
      where: `${what} of answer ${a + 1}`,
      expected,
      got: `"${got}"`,
      fix: near === undefined ? 'None of these answers was stored.' : `Did you mean "${near}"? Nothing was stored.`,
    });
  }

  /** The index of a worker, who may not have answered yet; a new one where the id is. */
  worker(id: string): number {
    let j = this.#workerOf.get(id);
    if (j === undefined) {
      j = this.#index.addWorker();
      this.#workerIds.push(id);
      this.#workerOf.set(id, j);
    }
    return j;
  }

  retract(sequence: number, step: number): void {
    this.#checkLatest(sequence);
    const { item, worker } = this.#index;
    this.#index.remove(sequence);
    this.#stamp(this.#index.appendSilent(item[sequence]!, worker[sequence]!), step);
  }

  replace(sequence: number, label: number, step: number): number {
    if (!inRange(label, this.#index.classes)) {
      throw this.#unknown(0, 'label', String(label), `a class below ${this.#index.classes}`, []);
    }
    this.retract(sequence, step);
    const a = this.#index.append(this.#index.item[sequence]!, this.#index.worker[sequence]!, label);
    this.#stamp(a, step);
    return a;
  }

  /** Only a worker's latest answer to an item can be taken back, so that the journal needs no numbers to be replayed. */
  #checkLatest(sequence: number): void {
    const index = this.#index;
    let latest = -1;
    if (inRange(sequence, index.count)) {
      const worker = index.worker[sequence]!;
      for (let a = index.firstOfItem[index.item[sequence]!]!; a >= 0; a = index.nextOfItem[a]!) {
        if (index.worker[a] === worker) latest = a;
      }
    }
    if (latest >= 0 && latest === sequence) return;
    throw new QuorateError('ANNOTATION_INVALID', {
      where: `annotation ${sequence}`,
      expected: "a worker's latest answer to its task, not retracted yet",
      got: latest < 0 ? 'none that counts' : `an earlier one than annotation ${latest}`,
      fix: latest < 0 ? 'Nothing to take back.' : `Retract annotation ${latest} first.`,
    });
  }

  /** Questions that workers declined, each counted once. */
  get declined(): number {
    return this.#declinedCount;
  }

  /** Questions that one worker declined. */
  declinedBy(worker: number): number {
    return this.#declined.get(worker)?.size ?? 0;
  }

  hasDeclined(worker: number, item: number): boolean {
    return this.#declined.get(worker)?.has(item) ?? false;
  }

  /** The worker declined to answer about the item: it is no annotation, and they are not asked about it again. */
  decline(worker: number, item: number): void {
    let items = this.#declined.get(worker);
    if (!items) this.#declined.set(worker, (items = new Set()));
    if (!items.has(item)) this.#declinedCount++;
    items.add(item);
  }

  #stamp(a: number, step: number): void {
    if (a >= this.#step.length) {
      const wide = new Int32Array(2 * this.#step.length);
      wide.set(this.#step);
      this.#step = wide;
    }
    this.#step[a] = step;
  }

  /** The journal's entry `a`, 0 <= a < entries. */
  entry(a: number): JournalEntry {
    const label = this.#index.label[a]!;
    return {
      task: this.#dataset.taskIds[this.#index.item[a]!]!,
      worker: this.#workerIds[this.#index.worker[a]!]!,
      label: label < 0 ? null : String(this.#dataset.classes[label]!),
      step: this.#step[a]!,
    };
  }

  snapshot(): Snapshot {
    const { item, worker, label, count } = this.#index;
    return {
      workerIds: [...this.#workerIds],
      item: item.slice(0, count),
      worker: worker.slice(0, count),
      label: label.slice(0, count),
      step: this.#step.slice(0, count),
      ...(this.#declinedCount > 0 ? { declined: this.#declinedPairs() } : {}),
    };
  }

  #declinedPairs(): { readonly worker: Int32Array; readonly item: Int32Array } {
    const pairs = [...this.#declined].flatMap(([j, items]) => Array.from(items, (i) => [j, i] as const));
    return { worker: Int32Array.from(pairs, ([j]) => j), item: Int32Array.from(pairs, ([, i]) => i) };
  }

  /** Replays a snapshot into this (empty) journal. */
  restore(state: Snapshot): void {
    const saved = state as {
      workerIds: string[];
      item: Int32Array;
      worker: Int32Array;
      label: Int32Array;
      step: Int32Array;
      declined?: { worker: Int32Array; item: Int32Array };
    };
    for (const id of saved.workerIds) this.worker(id);
    for (let a = 0; a < saved.item.length; a++) {
      const step = saved.step[a]!;
      if (saved.label[a]! >= 0) {
        this.#stamp(this.#index.append(saved.item[a]!, saved.worker[a]!, saved.label[a]!), step);
      } else this.retract(this.#latest(saved.item[a]!, saved.worker[a]!), step);
    }
    saved.declined?.worker.forEach((j, x) => this.decline(j, saved.declined!.item[x]!));
  }

  #latest(item: number, worker: number): number {
    let latest = -1;
    for (let a = this.#index.firstOfItem[item]!; a >= 0; a = this.#index.nextOfItem[a]!) {
      if (this.#index.worker[a] === worker) latest = a;
    }
    return latest;
  }
}

function inRange(x: number, end: number): boolean {
  return Number.isInteger(x) && x >= 0 && x < end;
}
