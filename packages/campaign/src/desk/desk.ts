import type { AnnotationIndex } from '@quorate/core';
import { makeRng } from '@quorate/core/numbers';
import type { Connection } from '../journal/database.js';
import type { GroupCommit } from '../journal/group-commit.js';
import {
  annotationsBetween,
  type AnnotationRow,
  type LeaseRow,
  type QuestionKind,
  type Role,
  type Statements,
  type TaskRow,
  type WorkerRow,
} from '../journal/statements.js';
import { Answers } from './answers.js';
import { OpenLeases } from './open-leases.js';

export interface DeskRules {
  /** Most answers to one task, those that are out included. */
  readonly answersPerTask: number;
  /** Most people who have the same task before them at a time. */
  readonly overlap: number;
  /** Most answers of the campaign; Infinity without a budget. */
  readonly budget: number;
  /** Every so many questions of a worker one has a known answer; 0: none. */
  readonly goldEvery: number;
  readonly seed: number | string;
}

/** What became of an answer, a change or a skip. `foreign` and `unknown` look the same to a client. */
export type Outcome = 'stored' | 'repeat' | 'conflict' | 'foreign' | 'unknown';

export interface Answer {
  readonly worker: number;
  readonly lease: number;
  /** Class, 0..K-1. */
  readonly label: number;
  /** Milliseconds that the worker took. */
  readonly ms?: number | null;
}

/**
 * Who has which question, and what was answered: the journal's state in memory, and the rules for changing it. Every
 * method decides and changes that state in one synchronous turn, so that no cap is passed however many ask at once; what
 * it promises is kept once the returned promise resolves, which is when it is on the disk.
 *
 * Items are numbered from 0, workers from 1, as in the database.
 */
export class Desk {
  readonly #db: Connection;
  readonly #commit: GroupCommit;
  readonly #write: Statements;
  readonly #read;
  readonly #clock: () => number;
  readonly #classes: number;
  readonly leases = new OpenLeases();
  rules: DeskRules;
  tasks: TaskRow[] = [];
  readonly itemOf = new Map<string, number>();
  workers: WorkerRow[] = [];
  readonly #workerOf = new Map<string, WorkerRow>();
  answers!: Answers;
  readonly #skippedBy = new Map<number, Set<number>>();
  readonly gold = new Map<number, number>();
  #granted = new Map<number, number>();
  #nextLease = 1;

  constructor(
    parts: { db: Connection; commit: GroupCommit; write: Statements },
    options: { rules: DeskRules; classes: number; clock: () => number },
  ) {
    ({ db: this.#db, commit: this.#commit, write: this.#write } = parts);
    ({ rules: this.rules, classes: this.#classes, clock: this.#clock } = options);
    this.#read = {
      lease: this.#db.prepare('SELECT * FROM lease WHERE id = ?'),
      granted: this.#db.prepare('SELECT id FROM lease WHERE item = ? AND worker = ? AND kind = ?'),
    };
    this.load();
  }

  /** Sequence number of the latest entry. */
  get seq(): number {
    return this.answers.seq;
  }

  /** Answers to `ask` questions that count; worker j of the index is worker j + 1 of the database. */
  get index(): AnnotationIndex {
    return this.answers.index;
  }

  /** Reads everything from the journal again. */
  load(): void {
    const all = <R>(sql: string): R[] => this.#db.prepare(sql).all([]) as R[];
    this.tasks = all<TaskRow>('SELECT item, id, kind, content FROM task ORDER BY item');
    this.itemOf.clear();
    for (const { id, item } of this.tasks) this.itemOf.set(id, item);
    this.workers = all<WorkerRow>('SELECT id, name, role, created_at, disabled_at FROM worker ORDER BY id');
    this.#workerOf.clear();
    for (const worker of this.workers) this.#workerOf.set(worker.name, worker);
    this.gold.clear();
    for (const { item, label } of all<{ item: number; label: number }>('SELECT item, label FROM gold')) {
      this.gold.set(item, label);
    }
    this.#skippedBy.clear();
    const skips = all<{ item: number; worker: number }>('SELECT item, worker FROM skip');
    for (const { worker, item } of skips) this.#skip(worker, item);
    this.leases.clear();
    for (const lease of all<LeaseRow>(`SELECT * FROM lease WHERE state = 'open' ORDER BY id`)) this.leases.add(lease);
    const granted = all<{ worker: number; n: number }>(
      `SELECT worker, count(*) AS n FROM lease WHERE kind <> 'audit' GROUP BY worker`,
    );
    this.#granted = new Map(granted.map(({ worker, n }) => [worker, n]));
    const { last } = this.#db.prepare('SELECT coalesce(max(id), 0) AS last FROM lease').get([]) as { last: number };
    this.#nextLease = last + 1;
    this.answers = new Answers(this.tasks.length, this.workers.length, this.#classes);
    for (const row of annotationsBetween(this.#db, 0, Number.MAX_SAFE_INTEGER)) this.answers.take(row);
  }

  worker(name: string): WorkerRow | undefined {
    return this.#workerOf.get(name);
  }

  /** Adds a worker. The name must be new. */
  async addWorker(name: string, role: Role = 'worker', tokenHash: string | null = null): Promise<WorkerRow> {
    const worker = { id: this.workers.length + 1, name, role, created_at: this.#clock(), disabled_at: null };
    this.workers.push(worker);
    this.#workerOf.set(name, worker);
    this.index.addWorker();
    await this.#commit.commit(() => this.#write.insertWorker(worker.id, name, role, tokenHash, worker.created_at));
    return worker;
  }

  /** May this worker be asked about the item now, as far as anybody but the sampler has a say? */
  may(worker: number, item: number): boolean {
    return this.isFree(item) && !this.hasHad(worker, item);
  }

  isFree(item: number): boolean {
    return this.roomOf(item) > 0;
  }

  /** How many more people may have the item before them: none for gold, and none beyond the cap. */
  roomOf(item: number): number {
    if (this.gold.has(item)) return 0;
    const out = this.leases.ofItem(item);
    const { overlap, answersPerTask } = this.rules;
    return Math.max(0, Math.min(255, overlap - out, answersPerTask - this.index.perItem[item]! - out));
  }

  /** Has the worker the item before them, answered it, or skipped it? */
  hasHad(worker: number, item: number): boolean {
    return (
      this.hasSkipped(worker, item) || this.leases.has(worker, item) || this.labelOf(worker, item, 'ask') !== undefined
    );
  }

  /** The items that `hasHad` is true for. */
  had(worker: number): Int32Array {
    const items = this.leases.of(worker).map(({ item }) => item);
    return Int32Array.from([...items, ...this.answers.itemsOf(worker), ...(this.#skippedBy.get(worker) ?? [])]);
  }

  /** The worker's answer that counts, with its sequence number. */
  labelOf(worker: number, item: number, kind: QuestionKind): { seq: number; label: number } | undefined {
    return this.answers.labelOf(worker, item, kind);
  }

  /** Answers that were given or are out, towards the budget. */
  get spent(): number {
    return this.index.live + this.leases.asks;
  }

  /** The gold question that is due to the worker instead of an ordinary one, if any. */
  goldDue(worker: WorkerRow): number | undefined {
    const every = this.rules.goldEvery;
    if (every < 1 || this.gold.size === 0) return undefined;
    const rng = makeRng(this.rules.seed).fork('gold').fork(worker.name);
    const offset = rng.int(every);
    if (((this.#granted.get(worker.id) ?? 0) + offset) % every !== every - 1) return undefined;
    const items = [...this.gold.keys()].sort((a, b) => a - b);
    for (const x of rng.permutation(items.length)) {
      const item = items[x]!;
      const had = this.leases.has(worker.id, item) || this.hasSkipped(worker.id, item);
      if (!had && this.labelOf(worker.id, item, 'gold') === undefined) return item;
    }
    return undefined;
  }

  /** Grants a question for `ms` milliseconds. The caller has checked `may`. */
  async grant(
    worker: number,
    item: number,
    kind: QuestionKind,
    { ms, batch = null }: { ms: number; batch?: string | null },
  ): Promise<LeaseRow> {
    const issued = this.#clock();
    const before = this.#read.granted.get(item, worker, kind) as { id: number } | undefined;
    const id = before?.id ?? this.#nextLease++;
    const lease: LeaseRow = { id, item, worker, kind, issued, expires: issued + ms, state: 'open', batch };
    this.leases.add(lease);
    if (kind !== 'audit') this.#granted.set(worker, (this.#granted.get(worker) ?? 0) + (before ? 0 : 1));
    await this.#commit.commit(() => this.#write.grant(id, item, worker, kind, issued, lease.expires, batch));
    return lease;
  }

  /** Takes back questions whose time is over. */
  expire(): void {
    for (const { id } of this.leases.due(this.#clock())) {
      this.leases.remove(id);
      void this.#commit.commit(() => this.#write.closeLease('expired', id)).catch(() => undefined);
    }
  }

  /** An answer to a question that was granted. A late one counts, unless that worker has answered the task already. */
  async submit({ worker, lease: id, label, ms = null }: Answer): Promise<Outcome> {
    const lease = this.lease(id);
    if (!lease) return 'unknown';
    if (lease.worker !== worker) return 'foreign';
    const known = this.labelOf(worker, lease.item, lease.kind);
    if (known) {
      // It may still be on its way to the disk.
      await this.#commit.commit();
      return known.label === label ? 'repeat' : 'conflict';
    }
    const late = lease.state === 'open' && lease.expires > this.#clock() ? 0 : 1;
    this.leases.remove(id);
    const row = this.#entry({ lease: id, item: lease.item, worker, kind: lease.kind, label, ms, late });
    await this.#commit.commit(() => {
      this.#insert(row);
      this.#write.closeLease('answered', id);
    });
    return 'stored';
  }

  /** Another answer in place of the one to this question; null takes it back. */
  async change({ worker, lease: id, label }: Omit<Answer, 'label'> & { label: number | null }): Promise<Outcome> {
    const lease = this.#closed(id);
    if (!lease) return 'unknown';
    if (lease.worker !== worker) return 'foreign';
    const known = this.labelOf(worker, lease.item, lease.kind);
    if (!known) return label === null ? 'repeat' : 'conflict';
    if (known.label === label) return 'repeat';
    const row = this.#entry({ lease: id, item: lease.item, worker, kind: lease.kind, label });
    await this.#commit.commit(() => this.#insert(row));
    return 'stored';
  }

  /** An answer from elsewhere, to a task that may never have been asked here. The same label again adds nothing. */
  record(answer: {
    item: number;
    worker: number;
    label: number;
    ms?: number | null;
    at?: number;
    file?: number;
    /** An expert's look at the label, instead of an answer to the question. */
    audit?: boolean;
  }): {
    readonly outcome: 'stored' | 'changed' | 'repeat';
    readonly saved: Promise<void>;
  } {
    const { audit = false, ...given } = answer;
    const { item, worker } = given;
    const kind = this.kindOf(item, audit);
    const known = this.labelOf(worker, item, kind);
    if (known?.label === answer.label) return { outcome: 'repeat', saved: Promise.resolve() };
    const row = this.#entry({ ...given, lease: null, kind });
    const lease = audit ? this.leases.auditOf(item) : this.#answeredBy(worker, item);
    if (lease) this.leases.remove(lease.id);
    const saved = this.#commit.commit(() => {
      this.#insert(row);
      if (lease) this.#write.closeLease('answered', lease.id);
    });
    return { outcome: known ? 'changed' : 'stored', saved };
  }

  /** What an answer about the item is that comes from elsewhere. */
  kindOf(item: number, audit: boolean): QuestionKind {
    return audit ? 'audit' : this.gold.has(item) ? 'gold' : 'ask';
  }

  /** May somebody be asked to audit the item: has nobody said what it is, or is saying it now? */
  mayAudit(item: number): boolean {
    return !this.answers.audits.has(item) && !this.leases.auditOf(item);
  }

  /** The worker does not answer the question, and is not asked about the task again. */
  async skip(worker: number, id: number, reason: string): Promise<Outcome> {
    const lease = this.lease(id);
    if (!lease) return 'unknown';
    if (lease.worker !== worker) return 'foreign';
    if (this.labelOf(worker, lease.item, lease.kind)) return 'conflict';
    if (this.hasSkipped(worker, lease.item) && !this.leases.get(id)) {
      await this.#commit.commit();
      return 'repeat';
    }
    this.#skip(worker, lease.item);
    this.leases.remove(id);
    await this.#commit.commit(() => {
      this.#write.insertSkip(lease.item, worker, reason, this.#clock());
      this.#write.closeLease('skipped', id);
    });
    return 'stored';
  }

  /**
   * The question that an answer from elsewhere answers: the worker's own, else one that went out in a file for somebody of
   * whom no answer has ever come. In other tools people go by other names.
   */
  #answeredBy(worker: number, item: number): LeaseRow | undefined {
    const nobody = (id: number): boolean => this.index.perWorker[id - 1] === 0 && !this.#skippedBy.has(id);
    return (
      this.leases.find(worker, item) ??
      this.leases.onItem(item).find((lease) => lease.batch !== null && nobody(lease.worker))
    );
  }

  /** A skip from elsewhere. */
  recordSkip(worker: number, item: number, reason: string): { readonly fresh: boolean; readonly saved: Promise<void> } {
    if (this.hasSkipped(worker, item)) return { fresh: false, saved: Promise.resolve() };
    this.#skip(worker, item);
    const lease = this.#answeredBy(worker, item);
    if (lease) this.leases.remove(lease.id);
    const saved = this.#commit.commit(() => {
      this.#write.insertSkip(item, worker, reason, this.#clock());
      if (lease) this.#write.closeLease('skipped', lease.id);
    });
    return { fresh: true, saved };
  }

  flag(worker: number, item: number, text: string): Promise<void> {
    return this.#commit.commit(() => this.#write.insertFlag(item, worker, text, this.#clock()));
  }

  hasSkipped(worker: number, item: number): boolean {
    return this.#skippedBy.get(worker)?.has(item) ?? false;
  }

  #skip(worker: number, item: number): void {
    const items = this.#skippedBy.get(worker);
    if (items) items.add(item);
    else this.#skippedBy.set(worker, new Set([item]));
  }

  /** A question that was granted, also one that is answered or over. */
  lease(id: number): LeaseRow | undefined {
    return this.leases.get(id) ?? this.#closed(id);
  }

  #closed(id: number): LeaseRow | undefined {
    return this.#read.lease.get([id]) as LeaseRow | undefined;
  }

  /** A new entry of the journal, taken into memory at once. */
  #entry(given: Partial<AnnotationRow> & Pick<AnnotationRow, 'item' | 'worker' | 'kind' | 'label'>): AnnotationRow {
    const { item, worker, kind } = given;
    const row = {
      lease: null,
      ms: null,
      at: this.#clock(),
      late: 0,
      file: null,
      ...given,
      seq: this.answers.seq + 1,
      supersedes: this.answers.lastEntry(worker, item, kind),
    };
    this.answers.take(row);
    return row;
  }

  #insert(row: AnnotationRow): void {
    const { seq, lease, item, worker, kind, label, ms, at, late, file, supersedes } = row;
    this.#write.insertAnnotation(seq, lease, item, worker, kind, label, ms, at, late, file, supersedes);
  }
}
