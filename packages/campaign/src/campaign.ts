import { EventEmitter } from 'node:events';
import { makeRng } from '@quorate/core/numbers';
import type { Lock } from '@quorate/host';
import { QuorateError, nearest, type ClassLabel } from '@quorate/core';
import type { Desk, Outcome } from './desk/desk.js';
import type { DeliveredFiles } from './inference/contract.js';
import type { InferenceService } from './inference/service.js';
import { closeDatabase, type Connection } from './journal/database.js';
import type { GroupCommit } from './journal/group-commit.js';
import type { LeaseRow, Role, TaskRow, WorkerRow } from './journal/statements.js';
import { Questions } from './questions.js';
import type { Settings } from './settings.js';
import { statusOf, type CampaignState, type Status } from './status.js';
import type { Steps } from './steps.js';

/** A question as it is put to a worker. Nothing in it tells a gold question from another. */
export interface Question {
  readonly lease: number;
  readonly item: number;
  readonly task: string;
  readonly kind: TaskRow['kind'];
  readonly content: string;
  /** When it is given to somebody else, milliseconds since 1970. */
  readonly expires: number;
}

export interface NextQuestions {
  readonly questions: readonly Question[];
  /** `wait`: others are answering what is left. */
  readonly state: 'ask' | 'wait' | 'paused' | 'done';
  /** Why nothing is asked any more; null while something is. */
  readonly why: string | null;
}

export interface CampaignEvents {
  answer: [{ readonly worker: string; readonly answers: number }];
  step: [Status['step']];
  state: [CampaignState];
  note: [string];
  closed: [];
}

/** Answers after which a full step is due: so many, or this share of those that there are. */
const STEP_ANSWERS = 50;
const STEP_SHARE = 0.01;
/** While auditors look a step is cheap. */
const STEP_AUDITS = 10;
const STEP_MS = 30_000;
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/**
 * A campaign that is open: questions for people, their answers, and what follows from them. One process at a time has a
 * campaign open; within it any number of workers may be served at once.
 */
export class Campaign extends EventEmitter<CampaignEvents> {
  readonly folder: string;
  readonly settings: Settings;
  readonly classes: readonly ClassLabel[];
  /** Internals that the server and the command line share. */
  readonly desk: Desk;
  readonly steps: Steps;
  readonly inference: InferenceService;
  readonly db: Connection;
  readonly clock: () => number;
  readonly #commit: GroupCommit;
  readonly #lock: Lock;
  readonly #questions: Questions;
  readonly #classOf: Map<string, number>;
  #state: CampaignState;
  #timer: NodeJS.Timeout | undefined;
  #sinceStep = 0;
  #closed: Promise<void> | null = null;
  #suggested: { readonly step: number | undefined; readonly top: Int32Array | null } = { step: undefined, top: null };
  /** What each worker has asked for and not been given yet. */
  readonly #asking = new Map<number, Promise<void>>();

  /** Use `openCampaign`. */
  constructor(parts: {
    folder: string;
    settings: Settings;
    db: Connection;
    lock: Lock;
    commit: GroupCommit;
    desk: Desk;
    steps: Steps;
    inference: InferenceService;
    clock: () => number;
  }) {
    super();
    const { desk, steps, inference, clock } = parts;
    ({ folder: this.folder, settings: this.settings, db: this.db } = parts);
    [this.desk, this.steps, this.inference, this.clock, this.#commit] = [desk, steps, inference, clock, parts.commit];
    this.#lock = parts.lock;
    this.classes = inference.facts.classes;
    this.#classOf = new Map(this.classes.map((label, k) => [String(label), k]));
    this.#questions = new Questions({ desk, steps, inference, clock });
    this.#state = (read(this.db, 'state') ?? 'open') as CampaignState;
  }

  get state(): CampaignState {
    return this.#state;
  }

  async setState(state: CampaignState): Promise<void> {
    this.#state = state;
    await this.#commit.commit(() => write(this.db, 'state', state));
    this.emit('state', state);
  }

  /** The worker of a name; somebody new is welcome. Throws ANNOTATION_INVALID for an empty name, and for somebody of another role. */
  async join(name: string, role?: Role, tokenHash: string | null = null): Promise<WorkerRow> {
    if (name.trim() === '') throw invalid('worker', 'a name', '""', 'Give every worker a name of their own.');
    const known = this.desk.worker(name);
    if (!known) return this.desk.addWorker(name, role ?? 'worker', tokenHash);
    // Whoever runs a campaign may label, too.
    if (role === undefined || role === known.role || (role === 'worker' && known.role === 'admin')) return known;
    const fix = 'Whoever audits must not have answered: use another name.';
    throw invalid(`role of "${name}"`, role, known.role, fix);
  }

  /**
   * The next questions of a worker: those that are before them already, oldest first, then new ones. Where nothing is
   * left to ask before the answers that are in have been looked at, a step is computed first.
   * @param patience Milliseconds after which the answer is `wait`, with no questions; Infinity: as long as it takes.
   */
  async next(name: string, count = 1, { patience = Infinity } = {}): Promise<NextQuestions> {
    const worker = await this.join(name);
    // One at a time for each worker: two pages of one person are given the same questions.
    const before = this.#asking.get(worker.id) ?? Promise.resolve();
    const asked = before.then(() => this.#next(worker, count));
    const settled = asked.then(
      () => undefined,
      () => undefined,
    );
    this.#asking.set(worker.id, settled);
    void settled.then(() => this.#asking.get(worker.id) === settled && this.#asking.delete(worker.id));
    return patience === Infinity ? asked : withPatience(asked, patience);
  }

  async #next(worker: WorkerRow, count: number): Promise<NextQuestions> {
    this.desk.expire();
    if (this.#state !== 'open') {
      return { questions: [], state: this.#state === 'paused' ? 'paused' : 'done', why: `it is ${this.#state}` };
    }
    const ms = this.settings.leaseMinutes * MINUTE;
    const mine = this.desk.leases
      .of(worker.id)
      .filter(({ batch }) => batch === null)
      .slice(0, count);
    mine.push(...(await this.#questions.grant(worker, count - mine.length, { ms })));
    if (mine.length === 0 && this.unread > 0 && worker.disabled_at === null) {
      await this.step();
      mine.push(...(await this.#questions.grant(worker, count, { ms })));
    }
    const questions = mine.map((lease) => this.question(lease));
    const stop = this.steps.outcome?.stop ?? null;
    if (questions.length > 0) return { questions, state: 'ask', why: null };
    return { questions, state: stop === null ? 'wait' : 'done', why: stop };
  }

  question({ id, item, expires }: LeaseRow): Question {
    const task = this.desk.tasks[item]!;
    return { lease: id, item, task: task.id, kind: task.kind, content: task.content, expires };
  }

  /**
   * The five classes that the learner finds most probable, most probable first; null without `suggestions: true`, for gold
   * and audits, and for half of the other questions, drawn by lot, so that a question without them tells nothing.
   */
  async suggestions(lease: number): Promise<ClassLabel[] | null> {
    const found = this.settings.suggestions ? this.desk.leases.get(lease) : undefined;
    const chosen = makeRng(this.desk.rules.seed).fork('suggestions').fork(String(lease)).uniform() < 0.5;
    if (found?.kind !== 'ask' || !chosen) return null;
    const step = this.steps.outcome?.n;
    if (this.#suggested.step !== step) this.#suggested = { step, top: (await this.inference.labels()).suggestions };
    const { top } = this.#suggested;
    const each = Math.min(5, this.classes.length);
    return top && Array.from(top.subarray(found.item * each, (found.item + 1) * each), (k) => this.classes[k]!);
  }

  /** Questions that go out in a file, for a worker who need not have come yet; audits, for an auditor. */
  async batch(name: string, count: number, batch: string, role?: Role): Promise<readonly Question[]> {
    const worker = await this.join(name, role);
    this.desk.expire();
    const leases = await this.#questions.grant(worker, count, { ms: this.settings.batchDays * DAY, batch });
    return leases.map((lease) => this.question(lease));
  }

  /** Class number of a label, as it was given or as text. Throws ANNOTATION_INVALID for an unknown one. */
  classOf(label: ClassLabel): number {
    const k = this.#classOf.get(String(label));
    if (k !== undefined) return k;
    const near = nearest(String(label), this.#classOf.keys());
    const fix = near === undefined ? 'Nothing was stored.' : `Did you mean "${near}"? Nothing was stored.`;
    throw invalid('label', `a class of this campaign`, `"${label}"`, fix);
  }

  /** Stores an answer; resolves when it is on the disk. The same again is a `repeat`. */
  async answer(answer: { worker: string; lease: number; label: ClassLabel; ms?: number }): Promise<Outcome> {
    const { worker: name, lease, label, ms = null } = answer;
    const k = this.classOf(label);
    const worker = this.desk.worker(name);
    if (!worker) return 'unknown';
    const outcome = await this.desk.submit({ worker: worker.id, lease, label: k, ms });
    if (outcome === 'stored') this.#answered(worker);
    return outcome;
  }

  /** Another label in place of an earlier answer; null takes it back. */
  async change(answer: { worker: string; lease: number; label: ClassLabel | null }): Promise<Outcome> {
    const label = answer.label === null ? null : this.classOf(answer.label);
    const worker = this.desk.worker(answer.worker);
    if (!worker) return 'unknown';
    const outcome = await this.desk.change({ worker: worker.id, lease: answer.lease, label });
    if (outcome === 'stored') this.#answered(worker);
    return outcome;
  }

  async skip(skip: { worker: string; lease: number; reason: string }): Promise<Outcome> {
    const worker = this.desk.worker(skip.worker);
    return worker ? this.desk.skip(worker.id, skip.lease, skip.reason) : 'unknown';
  }

  /** Says that something is wrong with a task, without answering it. */
  async flag(flag: { worker: string; lease: number; text: string }): Promise<Outcome> {
    const worker = this.desk.worker(flag.worker);
    const lease = this.desk.lease(flag.lease);
    if (!worker || !lease) return 'unknown';
    if (lease.worker !== worker.id) return 'foreign';
    await this.desk.flag(worker.id, lease.item, flag.text);
    return 'stored';
  }

  #answered(worker: WorkerRow): void {
    this.#sinceStep++;
    const due = this.steps.frozen ? STEP_AUDITS : Math.max(STEP_ANSWERS, STEP_SHARE * this.desk.index.live);
    this.emit('answer', { worker: worker.name, answers: this.desk.index.live });
    if (this.unread === 0) return;
    if (this.#sinceStep >= due) this.#stepSoon();
    else this.#timer ??= setTimeout(() => this.#stepSoon(), STEP_MS).unref();
  }

  #stepSoon(): void {
    if (this.#closed || this.steps.running) return;
    this.step().catch((thrown: unknown) => {
      this.emit(
        'note',
        `A step failed and is tried again: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
      );
      this.#timer = setTimeout(() => this.#stepSoon(), STEP_MS).unref();
    });
  }

  /** Infers over all answers so far. Where a step is running, that one is waited for. */
  async step(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const before = this.#sinceStep;
    if (!this.steps.running) this.#sinceStep = 0;
    try {
      await this.steps.step(this.size);
    } catch (thrown) {
      this.#sinceStep += before;
      throw thrown;
    }
    this.#questions.renew();
    this.emit('step', this.steps.outcome);
    if (this.#sinceStep > 0) this.#timer ??= setTimeout(() => this.#stepSoon(), STEP_MS).unref();
  }

  get size(): { seq: number; tasks: number; workers: number } {
    return { seq: this.desk.seq, tasks: this.desk.tasks.length, workers: this.desk.workers.length };
  }

  /** Answers that the next step looks at; while labels stand still, what auditors have said. */
  get unread(): number {
    return this.steps.frozen ? this.desk.answers.audits.since(this.steps.audited) : this.desk.seq - this.steps.upto;
  }

  /** Counts answers that came in from elsewhere; a step is the caller's to ask for. */
  noteAnswers(count: number): void {
    this.#sinceStep += count;
  }

  saved(): Promise<void> {
    return this.#commit.commit();
  }

  /** Writes in the transaction of this moment. */
  commit(write: () => void): Promise<void> {
    return this.#commit.commit(write);
  }

  status(): Promise<Status> {
    return statusOf(this);
  }

  /** The label of every task, as `labels.csv` has it, what is known of the workers, and what the audits have shown. */
  csv(): Promise<DeliveredFiles> {
    return this.inference.csv();
  }

  /** Finishes what is under way and closes the campaign. Safe to call twice. */
  dispose(): Promise<void> {
    return (this.#closed ??= this.#dispose());
  }

  async #dispose(): Promise<void> {
    clearTimeout(this.#timer);
    await this.inference.dispose();
    await this.#commit.end();
    this.emit('closed');
    closeDatabase(this.db);
    this.#lock.release();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }
}

/** The questions, or `wait` where they take longer; those that come later are the first of the next call. */
async function withPatience(asked: Promise<NextQuestions>, ms: number): Promise<NextQuestions> {
  let timer: NodeJS.Timeout | undefined;
  const wait = new Promise<NextQuestions>((done) => {
    timer = setTimeout(() => done({ questions: [], state: 'wait', why: null }), ms);
  });
  return Promise.race([asked, wait]).finally(() => clearTimeout(timer));
}

function invalid(where: string, expected: string, got: string, fix: string): QuorateError {
  return new QuorateError('ANNOTATION_INVALID', { where, expected, got, fix });
}

function read(db: Connection, key: string): string | undefined {
  return (db.prepare('SELECT value FROM campaign WHERE key = ?').get([key]) as { value: string } | undefined)?.value;
}

function write(db: Connection, key: string, value: string): void {
  const sql = 'INSERT INTO campaign VALUES (?, ?) ON CONFLICT(key) DO UPDATE SET value = excluded.value';
  db.prepare(sql).run(key, value);
}
