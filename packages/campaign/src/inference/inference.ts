import type { Rng } from '@quorate/core';
import { argmax, makeRng } from '@quorate/core/numbers';
import {
  Journal,
  firstStop,
  hashOf,
  infer,
  labelsCsv,
  openParts,
  planOf,
  readCheckpoint,
  workersCsv,
  writeCheckpoint,
  type DeliveredBeliefs,
  type OpenedParts,
  type PartsRequest,
} from '@quorate/engine';
import type { Connection } from '../journal/database.js';
import { annotationsBetween } from '../journal/statements.js';

/** What inference saw in a step: written to the journal before it begins. */
export interface Step {
  readonly n: number;
  readonly generation: number;
  readonly upto_seq: number;
  readonly tasks: number;
  readonly workers: number;
  readonly seed: string;
  readonly config_hash: string;
  readonly data_hash: string;
  readonly at: number;
}

/** What came of a step. */
export interface StepOutcome {
  readonly n: number;
  readonly annotations: number;
  /** Tasks whose risk is at or below the threshold. */
  readonly valid: number;
  /**
   * Expected share of wrong labels, and its standard deviation: over projects like this one where confidence is calibrated,
   * else as if every risk were right and errors independent.
   */
  readonly error: number;
  readonly deviation: number;
  /** Why no more questions are needed; null while there are. */
  readonly stop: string | null;
}

/** Whom to plan for, and what may not be asked. */
export interface PlanRequest {
  /** Number of the worker, from 1; 0 for whoever comes. */
  readonly worker: number;
  /** Most questions. */
  readonly count: number;
  /** Items that are closed to the worker. */
  readonly closed: Int32Array;
  /** How many more people may have the item, length N. */
  readonly room: Uint8Array;
  readonly budgetLeft: number;
  /** Tells one plan of a step from another. */
  readonly plan: number;
}

export interface DeliveredLabels {
  /** Class of each item, -1 where nothing is known. */
  readonly label: Int32Array;
  readonly risk: Float64Array;
  /** Mean over classes of P(worker names k | truth is k), by number of the worker; place 0 is a newcomer. */
  readonly skill: Float64Array;
  /** The five most probable classes by the learner for each item, most probable first; null without a learner. */
  readonly suggestions: Int32Array | null;
}

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
  #step: Step | null = null;
  #beliefs: DeliveredBeliefs | null = null;

  private constructor(request: InferenceRequest, db: Connection, opened: OpenedParts) {
    this.#request = request;
    this.#db = db;
    this.#opened = opened;
    // Worker 0 is somebody who has not come yet, so that database and journal number workers alike.
    this.#journal = new Journal(opened.setting.dataset, ['']);
  }

  /** @param db A connection of its own, which it only reads. Throws what `openParts` throws. */
  static async open(request: InferenceRequest, db: Connection): Promise<Inference> {
    return new Inference(request, db, await openParts(request));
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
  get budget(): number {
    return this.#opened.setting.budget;
  }
  get seed(): string {
    return String(this.#request.prepared.config.seed);
  }
  /** Of what the posterior depends on: whom the sampler asks what is in the journal. */
  get configHash(): string {
    const { sampler: _sampler, budget: _budget, ...rest } = this.#request.prepared.config.resolved;
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
      this.#opened.setting.rng.restore(checkpoint.rng);
      this.#indexTasks();
      this.#seq = step.upto_seq;
      this.#step = step;
      from = at + 1;
    }
    let outcome = this.#step ? await this.#infer() : null;
    for (const step of steps.slice(from)) outcome = await this.step(step);
    return outcome;
  }

  /** Infers over the answers up to the step's `upto_seq`. */
  async step(step: Step): Promise<StepOutcome> {
    this.#readWorkers(step.workers);
    this.#indexTasks();
    this.#readAnswers(step);
    this.#step = step;
    this.#save(step);
    return this.#infer();
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

  #indexTasks(): void {
    if (this.#itemOf.length > 0) return;
    const place = new Map(this.taskIds.map((id, i) => [id, i]));
    const rows = this.#db.prepare('SELECT item, id FROM task ORDER BY item').all([]) as { item: number; id: string }[];
    this.#itemOf = Int32Array.from(rows, ({ id }) => place.get(id) ?? -1);
    this.#taskOf = new Int32Array(this.taskIds.length).fill(-1);
    for (const [item, i] of this.#itemOf.entries()) if (i >= 0) this.#taskOf[i] = item;
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
      if (row.kind !== 'ask') continue;
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
    const { composition, setting } = this.#opened;
    const states = composition.parts().flatMap(([key, part]) => {
      return part.snapshot ? [[key, part.snapshot()] as const] : [];
    });
    writeCheckpoint(this.#request.folder, {
      configHash: step.config_hash,
      dataHash: hashOf(step),
      step: step.n,
      journal: this.#journal.snapshot(),
      rng: setting.rng.snapshot(),
      parts: Object.fromEntries(states),
      stepsBytes: 0,
    });
  }

  async #infer(): Promise<StepOutcome> {
    const { parts, setting } = this.#opened;
    const { n } = this.#step!;
    const { beliefs, record } = await infer(parts, setting, this.#journal, n);
    this.#beliefs = beliefs;
    const { error, deviation } = expectedError(beliefs);
    const why = firstStop(parts, setting, this.#journal.view, beliefs, n);
    const stop = why ?? this.#exhausted();
    return { n, annotations: record.annotations, valid: record.valid, error, deviation, stop };
  }

  /** Why nobody could be asked anything, whoever came; null where somebody could. */
  #exhausted(): string | null {
    const left = this.#opened.setting.budget - this.#journal.view.live;
    if (left < 1) return `the budget of ${this.#opened.setting.budget} answers is spent`;
    const gold = new Set(
      (this.#db.prepare('SELECT item FROM gold').all([]) as { item: number }[]).map(({ item }) => item),
    );
    const { perItem } = this.#journal.view;
    const may = (worker: number, i: number): boolean =>
      worker === 0 &&
      this.#taskOf[i]! >= 0 &&
      perItem[i]! < this.#request.answersPerTask &&
      !gold.has(this.#taskOf[i]!);
    const plan = this.#plan(1, makeRng(this.seed).fork('exhausted'), may);
    return plan.length === 0 ? 'no task is open that may be asked about' : null;
  }

  #plan(budgetLeft: number, rng: Rng, may: (worker: number, item: number) => boolean) {
    const { parts, setting } = this.#opened;
    const beliefs = this.#beliefs!;
    return planOf(parts, setting, { view: this.#journal.view, beliefs, step: this.#step!.n, budgetLeft, rng, may });
  }

  /** What the sampler would have a worker asked next: items of the database, in its order. */
  plan({ worker, count, closed, room, budgetLeft, plan }: PlanRequest): Int32Array {
    const rng = makeRng(this.seed).fork('plan').fork(`${this.#step!.n}/${plan}`);
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
    const { posterior, workers, learner, ...beliefs } = this.#beliefs!;
    const K = this.classes.length;
    const N = this.#itemOf.length;
    const label = new Int32Array(N).fill(-1);
    const risk = new Float64Array(N).fill(1);
    const top = learner ? new Int32Array(N * Math.min(5, K)) : null;
    for (let item = 0; item < N; item++) {
      const i = this.#itemOf[item]!;
      if (i < 0) continue;
      risk[item] = beliefs.risk[i]!;
      if (risk[item]! < 1) label[item] = argmax(posterior, i * K, K);
      if (top) mostProbable(learner!.probability.subarray(i * K, (i + 1) * K), top, item * Math.min(5, K));
    }
    const skill = Float64Array.from({ length: this.#workerIds.length + 1 }, (_, j) => {
      let sum = 0;
      for (let k = 0; k < K; k++) sum += workers.probability[(j * K + k) * K + k]!;
      return sum / K;
    });
    return { label, risk, skill, suggestions: top };
  }

  /** `labels.csv` and `workers.csv`, as a run writes them. */
  csv(): { readonly labels: string; readonly workers: string } {
    const { dataset, riskThreshold } = this.#opened.setting;
    const beliefs = this.#beliefs!;
    const delivery = this.#opened.parts.audits.deliver(beliefs);
    return {
      labels: labelsCsv(dataset, this.#journal, delivery, riskThreshold),
      workers: workersCsv(dataset, this.#journal, beliefs).replace(/\n"",.*/, ''),
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

/** A 90 % interval of a normal distribution is so many standard deviations wide. */
const INTERVAL_WIDTH = 2 * 1.645;

/** Mean of the risks, and its standard deviation. */
function expectedError({ risk, calibrated }: DeliveredBeliefs): { error: number; deviation: number } {
  let sum = 0;
  let variance = 0;
  for (const r of risk) {
    sum += r;
    variance += r * (1 - r);
  }
  const interval = calibrated?.accuracy;
  const deviation = interval ? (interval.high - interval.low) / INTERVAL_WIDTH : Math.sqrt(variance) / risk.length;
  return { error: sum / risk.length, deviation };
}

/** Writes the most probable classes, most probable first, to `out` from place `at` on. */
function mostProbable(row: Float32Array, out: Int32Array, at: number): void {
  const count = Math.min(5, row.length);
  for (let x = 0; x < count; x++) {
    let best = -1;
    for (let k = 0; k < row.length; k++) {
      if (out.subarray(at, at + x).includes(k)) continue;
      if (best < 0 || row[k]! > row[best]!) best = k;
    }
    out[at + x] = best;
  }
}
