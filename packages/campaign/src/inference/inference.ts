import type { Rng } from '@quorate/core';
import { makeRng } from '@quorate/core/numbers';
import {
  Journal,
  annotationsLeft,
  askModels,
  budgetOf,
  type AuditState,
  firstStop,
  hashOf,
  infer,
  labelsCsv,
  openParts,
  planOf,
  readCheckpoint,
  tryModels,
  workersCsv,
  writeCheckpoint,
  type DeliveredBeliefs,
  type OpenedParts,
  type PartsRequest,
  type Setting,
} from '@quorate/engine';
import type { Connection } from '../journal/database.js';
import { annotationsBetween, auditsBetween } from '../journal/statements.js';
import { AuditPhase } from './audit-phase.js';
import type { DeliveredFiles, DeliveredLabels, PlanRequest, Step, StepOutcome } from './contract.js';
import { expectedError, mostProbable } from './figures.js';
import { auditor } from './people.js';

export interface InferenceRequest extends Omit<PartsRequest, 'expert'> {
  /** Where the checkpoint is. */
  readonly folder: string;
  /** Most answers to one task. */
  readonly answersPerTask: number;
}

/**
 * The parts of a run over the journal of a campaign. State is a function of the seed, the configuration, the data and the
 * steps of the current generation: step n infers over the answers up to its `upto_seq`. The checkpoint saves going
 * through them all again; it is checked against the journal and may be deleted at any time.
 *
 * Answers to gold are annotations of items whose class is known. They are outside budget and caps.
 */
export class Inference {
  readonly #request: InferenceRequest;
  readonly #db: Connection;
  readonly #opened: OpenedParts;
  readonly #journal: Journal;
  /** Item of the database → item of the data set. */
  #itemOf = new Int32Array(0);
  /** And back; -1 for tasks of the data that the campaign does not know. */
  #taskOf = new Int32Array(0);
  #workerIds: string[] = [];
  #seq = 0;
  #auditSeq = 0;
  /** The latest answer in an audit, of every auditor, by item; null where it was taken back. */
  readonly #audited = new Map<number, Map<number, number | null>>();
  /** Class of the gold, by item of the data set. */
  readonly #gold = new Map<number, number>();
  #setting: Setting;
  #audit: AuditPhase;
  #step: Step | null = null;
  #beliefs: DeliveredBeliefs | null = null;

  private constructor(request: InferenceRequest, db: Connection, opened: OpenedParts) {
    this.#request = request;
    this.#db = db;
    this.#opened = opened;
    // Worker 0 is somebody who has not come yet, so that database and journal number workers alike.
    this.#journal = new Journal(opened.setting.dataset, ['']);
    this.#setting = opened.setting;
    this.#audit = new AuditPhase(opened, this.#journal, this.#gold);
  }

  /** @param db A connection of its own, which it only reads. Throws what `openParts` throws. */
  static async open(request: InferenceRequest, db: Connection): Promise<Inference> {
    return new Inference(request, db, await openParts({ ...request, expert: auditor }));
  }

  get taskIds(): readonly string[] {
    return this.#opened.setting.dataset.taskIds;
  }
  get classes(): readonly (string | number | boolean)[] {
    return this.#opened.setting.dataset.classes;
  }
  get riskThreshold(): number {
    return this.#opened.setting.riskThreshold;
  }
  /** Answers of people that the budgets pay for; Infinity without any. */
  get budget(): number {
    const { parts, setting } = this.#opened;
    return this.#journal.view.live + annotationsLeft(parts, setting, this.#journal);
  }
  get seed(): string {
    return String(this.#request.prepared.config.seed);
  }
  /** Of what the posterior depends on: whom the sampler asks what is in the journal. */
  get configHash(): string {
    const { sampler: _sampler, budget: _budget, prices: _prices, ...rest } = this.#request.prepared.config.resolved;
    return hashOf(rest);
  }
  get dataHash(): string {
    return this.#opened.data.hash;
  }
  get description(): string {
    return this.#opened.data.description;
  }
  /** What confidence means; null where it is not calibrated. */
  get calibration(): string | null {
    const { calibration } = this.#opened.parts;
    return calibration?.calibrates ? calibration.meaning : null;
  }

  /** Throws CONFIG_INVALID where the sampler cannot serve one worker at a time. */
  check(): void {
    this.#opened.parts.sampler.check?.({ items: this.taskIds.length, workers: 1 });
  }

  /**
   * Goes through the steps of a generation, oldest first, from the checkpoint if it is of one of them.
   * @returns what came of the last one.
   */
  async replay(steps: readonly Step[], note: (message: string) => void = () => undefined): Promise<StepOutcome | null> {
    const checkpoint = readCheckpoint(this.#request.folder, note);
    const at = checkpoint ? steps.findIndex((step) => hashOf(step) === checkpoint.dataHash) : -1;
    let from = 0;
    if (checkpoint && at >= 0) {
      const step = steps[at]!;
      const parts = new Map(this.#opened.composition.parts());
      this.#readWorkers(step.workers);
      this.#journal.restore(checkpoint.journal);
      for (const [key, state] of Object.entries(checkpoint.parts)) parts.get(key)?.restore?.(state);
      if (checkpoint.models !== undefined) this.#opened.parts.models?.restore(checkpoint.models);
      this.#setting.rng.restore(checkpoint.rng);
      this.#indexTasks(step.generation);
      if (checkpoint.audit) this.#opened.parts.audits.restore(JSON.parse(checkpoint.audit) as AuditState);
      this.#hear(step.audit_seq);
      this.#seq = step.upto_seq;
      this.#step = step;
      from = at + 1;
    }
    let outcome = this.#step ? await this.#infer() : null;
    for (const step of steps.slice(from)) outcome = await this.step(step);
    return outcome;
  }

  /** Infers over the answers up to the step's `upto_seq`; while auditors look, hears what they have said. */
  async step(step: Step): Promise<StepOutcome> {
    this.#step = step;
    if (this.#audit.frozen) {
      this.#hear(step.audit_seq);
      return this.#conclude();
    }
    this.#readWorkers(step.workers);
    this.#indexTasks(step.generation);
    this.#readAnswers(step);
    this.#hear(step.audit_seq);
    await this.#askModels(step.n);
    this.#save(step);
    return this.#infer();
  }

  /** Models answer by themselves, before inference, what beliefs so far make worth asking them. */
  async #askModels(n: number): Promise<void> {
    const { parts } = this.#opened;
    const { models } = parts;
    if (!models) return;
    const setting = this.#setting;
    const { beliefs } = this.#beliefs ? { beliefs: this.#beliefs } : await infer(parts, setting, this.#journal, n);
    await askModels(models, parts, setting, this.#journal, beliefs, n);
    await tryModels(models, parts, setting, this.#journal, n);
  }

  /** Reads what auditors have said; of several about one item the one who spoke last counts. */
  #hear(upto: number): void {
    for (const { item, worker, label } of auditsBetween(this.#db, this.#auditSeq, upto)) {
      const i = this.#itemOf[item]!;
      const said = this.#audited.get(i) ?? new Map<number, number | null>();
      this.#audited.set(i, said);
      // The last one to speak is the last in the map.
      said.delete(worker);
      said.set(worker, label);
    }
    this.#auditSeq = upto;
    const heard = [...this.#audited].flatMap(([i, said]) => {
      const label = [...said.values()].findLast((one) => one !== null);
      return label == null ? [] : [[i, label] as const];
    });
    this.#audit.hear(new Map(heard));
  }

  #readWorkers(count: number): void {
    const known = this.#workerIds.length;
    if (count <= known) return;
    const rows = this.#db.prepare('SELECT name FROM worker WHERE id > ? AND id <= ? ORDER BY id').all(known, count);
    for (const { name } of rows as { name: string }[]) {
      this.#workerIds.push(name);
      this.#journal.worker(name);
    }
  }

  #indexTasks(generation: number): void {
    if (this.#itemOf.length > 0) return;
    // The first generation has the order of a run.
    if (generation > 1) this.#opened.parts.audits.draw(generation - 1);
    const place = new Map(this.taskIds.map((id, i) => [id, i]));
    const rows = this.#db.prepare('SELECT item, id FROM task ORDER BY item').all([]) as { item: number; id: string }[];
    this.#itemOf = Int32Array.from(rows, ({ id }) => place.get(id) ?? -1);
    this.#taskOf = new Int32Array(this.taskIds.length).fill(-1);
    for (const [item, i] of this.#itemOf.entries()) if (i >= 0) this.#taskOf[i] = item;
    const gold = this.#db.prepare('SELECT item, label FROM gold ORDER BY item').all([]) as Gold[];
    for (const { item, label } of gold) if (this.#itemOf[item]! >= 0) this.#gold.set(this.#itemOf[item]!, label);
    const known = { item: Int32Array.from(this.#gold.keys()), label: Int32Array.from(this.#gold.values()) };
    if (gold.length > 0) this.#setting = { ...this.#opened.setting, known };
  }

  #readAnswers({ upto_seq, n }: Step): void {
    const item: number[] = [];
    const worker: number[] = [];
    const label: number[] = [];
    const flush = (): void => {
      const columns = { item: Int32Array.from(item), worker: Int32Array.from(worker), label: Int32Array.from(label) };
      if (item.length > 0) this.#journal.collect({ count: item.length, ...columns }, n);
      item.length = worker.length = label.length = 0;
    };
    for (const row of annotationsBetween(this.#db, this.#seq, upto_seq)) {
      if (row.kind === 'audit') continue;
      const i = this.#itemOf[row.item]!;
      if (row.supersedes !== null) {
        flush();
        const earlier = this.#latest(i, row.worker);
        if (earlier >= 0) this.#journal.retract(earlier, n);
      }
      if (row.label === null) continue;
      item.push(i);
      worker.push(row.worker);
      label.push(row.label);
    }
    flush();
    this.#seq = upto_seq;
  }

  #latest(item: number, worker: number): number {
    const { view } = this.#journal;
    for (let a = view.firstOfItem[item]!; a >= 0; a = view.nextOfItem[a]!) if (view.worker[a] === worker) return a;
    return -1;
  }

  #save(step: Step): void {
    const { composition, parts } = this.#opened;
    const states = composition.parts().flatMap(([key, part]) => {
      return part.snapshot ? [[key, part.snapshot()] as const] : [];
    });
    const audit = parts.audits.snapshot();
    writeCheckpoint(this.#request.folder, {
      configHash: step.config_hash,
      dataHash: hashOf(step),
      step: step.n,
      journal: this.#journal.snapshot(),
      rng: this.#setting.rng.snapshot(),
      parts: Object.fromEntries(states),
      stepsBytes: 0,
      ...(this.#opened.parts.models ? { models: this.#opened.parts.models.snapshot() } : {}),
      ...(audit ? { audit: JSON.stringify(audit) } : {}),
    });
  }

  async #infer(): Promise<StepOutcome> {
    const { beliefs } = await infer(this.#opened.parts, this.#setting, this.#journal, this.#step!.n);
    this.#beliefs = beliefs;
    return this.#conclude();
  }

  /** What follows from the beliefs: whether workers are asked on, auditors look, or it is over. */
  async #conclude(): Promise<StepOutcome> {
    const { parts } = this.#opened;
    const { n } = this.#step!;
    const { view } = this.#journal;
    const { beliefs, stop } = await this.#audit.advance(this.#beliefs!, n, (seen) => {
      return firstStop(parts, this.#setting, view, seen, n) ?? this.#exhausted(seen);
    });
    this.#beliefs = beliefs;
    const corrected = parts.audits.correct(beliefs);
    const { riskThreshold } = this.#setting;
    const valid = corrected.risk.reduce((sum, r) => sum + (r <= riskThreshold ? 1 : 0), 0);
    const audit = this.#audit.progress(beliefs);
    return { n, annotations: this.#asked, valid, ...expectedError(corrected), stop, audit };
  }

  /** Answers that count towards the budget: all but those to gold. */
  get #asked(): number {
    const { live, perItem } = this.#journal.view;
    let gold = 0;
    for (const item of this.#gold.keys()) gold += perItem[item]!;
    return live - gold;
  }

  /** Why nobody could be asked anything, whoever came; null where somebody could. */
  #exhausted(beliefs: DeliveredBeliefs): string | null {
    const left = this.budget - this.#asked;
    if (left < 1) return `the budget of ${budgetOf(this.#setting, this.#journal)} is spent`;
    const { perItem } = this.#journal.view;
    const may = (worker: number, i: number): boolean =>
      worker === 0 && this.#taskOf[i]! >= 0 && perItem[i]! < this.#request.answersPerTask && !this.#gold.has(i);
    const plan = this.#plan(1, makeRng(this.seed).fork('exhausted'), may, beliefs);
    return plan.length === 0 ? 'no task is open that may be asked about' : null;
  }

  #plan(
    budgetLeft: number,
    rng: Rng,
    may: (worker: number, item: number) => boolean,
    beliefs = this.#opened.parts.audits.disclose(this.#beliefs!),
  ) {
    const { view } = this.#journal;
    return planOf(this.#opened.parts, this.#setting, { view, beliefs, step: this.#step!.n, budgetLeft, rng, may });
  }

  /** Items of the database that auditors are to look at next, in order, if they find nothing wrong before. */
  audits(count: number): Int32Array {
    return this.#audit.wanted(this.#beliefs!, this.#step!.n, count).map((i) => this.#taskOf[i]!);
  }

  /** What the sampler would have a worker asked next: items of the database, in its order. */
  plan({ worker, count, closed, room, budgetLeft, plan }: PlanRequest): Int32Array {
    const rng = makeRng(this.seed).fork('plan').fork(`${this.#step!.n}/${plan}`);
    if (this.#audit.frozen) return new Int32Array(0);
    this.#readWorkers(worker);
    const asked = new Set(closed);
    const items: number[] = [];
    const may = (j: number, i: number): boolean => {
      const item = this.#taskOf[i]!;
      return j === worker && item >= 0 && room[item]! > 0 && !asked.has(item);
    };
    while (items.length < Math.min(count, budgetLeft)) {
      const [hit] = this.#plan(Math.min(count, budgetLeft) - items.length, rng, may);
      if (!hit) break;
      for (const i of hit.items) {
        const item = this.#taskOf[i]!;
        items.push(item);
        asked.add(item);
      }
    }
    return Int32Array.from(items);
  }

  labels(): DeliveredLabels {
    const { workers, learner } = this.#beliefs!;
    const { beliefs, label: delivered } = this.#audit.deliver(this.#beliefs!);
    const K = this.classes.length;
    const N = this.#itemOf.length;
    const label = new Int32Array(N).fill(-1);
    const risk = new Float64Array(N).fill(1);
    const top = learner ? new Int32Array(N * Math.min(5, K)) : null;
    for (let item = 0; item < N; item++) {
      const i = this.#itemOf[item]!;
      if (i < 0) continue;
      risk[item] = beliefs.risk[i]!;
      label[item] = delivered[i]!;
      if (top) mostProbable(learner!.probability.subarray(i * K, (i + 1) * K), top, item * Math.min(5, K));
    }
    const skill = Float64Array.from({ length: this.#workerIds.length + 1 }, (_, j) => {
      let sum = 0;
      for (let k = 0; k < K; k++) sum += workers.probability[(j * K + k) * K + k]!;
      return sum / K;
    });
    const { models } = this.#opened.parts;
    const said = models ? { answers: models.journal.view.live, spent: models.spent } : null;
    return { label, risk, skill, suggestions: top, models: said };
  }

  /** `labels.csv` and `workers.csv`, as a run writes them, and what the audits have shown. */
  csv(): DeliveredFiles {
    const { dataset, riskThreshold } = this.#setting;
    const delivery = this.#audit.deliver(this.#beliefs!);
    return {
      labels: labelsCsv(dataset, this.#journal, delivery, riskThreshold),
      workers: workersCsv(dataset, this.#journal, this.#beliefs!).replace(/\n"",.*/, ''),
      audit: delivery.report,
    };
  }

  /** A copy of the posterior, N×K in the order of the data set. */
  posterior(): Float64Array {
    return this.#beliefs!.posterior.slice();
  }

  dispose(): Promise<void> {
    return this.#opened.composition.dispose();
  }
}

interface Gold {
  readonly item: number;
  readonly label: number;
}
