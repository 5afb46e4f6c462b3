import { rmSync } from 'node:fs';
import {
  QuorateError,
  argmax,
  type Annotations,
  type Beliefs,
  type ClassLabel,
  type Composition,
  type Dataset,
  type Snapshot,
  type Verdict,
} from '@quorate/core';
import { AuditLog } from '../audit/log.js';
import type { AuditReport, AuditState } from '../audit/report.js';
import { readCheckpoint, writeCheckpoint, type Checkpoint } from '../folder/checkpoint.js';
import { deliver } from './deliver.js';
import type { DeliveredBeliefs } from './delivered.js';
import { infer, recordOf } from './infer.js';
import { ask } from './ask.js';
import { type Parts } from './parts.js';
import { type Setting } from './setting.js';
import { type Stop } from './records.js';
import { type StepRecord } from './records.js';
import type { Lock } from '@quorate/host';
import { majorityOf, type Majority } from './majority-baseline.js';
import type { OpenRunRequest } from './records.js';
import { RunFolder, checkNothingToLose } from '../folder/run-folder.js';
import { hashOf, readSteps } from '../folder/run-file.js';
import { type RunFile } from './records.js';
import { Journal } from './journal.js';
import { callPart } from './part-checks.js';
import { WouldStop } from './would-stop.js';

export interface RunResult {
  readonly stopped: Stop['stopped'] | 'interrupted';
  /** A sentence without a full stop. */
  readonly why: string;
  readonly last: StepRecord;
  /** What a stopping rule that audits has found; null where it came to no verdict. Left out where none audits. */
  readonly audit?: AuditReport | null;
  /**
   * What three answers of the same workers for every task, and a majority vote, would have come to. Left out where the
   * workers are not simulated from the truth or fewer than three, and of an interrupted run.
   */
  readonly majority?: Majority;
  /** Where early stopping would have ended the run. Left out where it would not have, or is a rule of the run. */
  readonly earlyStop?: { readonly step: number; readonly annotations: number };
}

/** What the promise gives, or undefined as soon as the signal aborts: people may take their time. */
async function unlessAborted<V>(promise: Promise<V>, signal?: AbortSignal): Promise<V | undefined> {
  if (!signal) return promise;
  let stop: () => void = () => undefined;
  const aborted = new Promise<undefined>((resolve) => {
    stop = () => resolve(undefined);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
    promise.catch(() => undefined);
  }
}

const interrupted = { stopped: 'interrupted', why: 'it was interrupted' } as const;

/** A run that is open: iterate over `steps`, then dispose of it. */
export class Run {
  readonly folder: string;
  readonly description: string;
  readonly items: number;
  readonly classes: number;
  readonly workers: number;
  readonly budget: number | null;
  readonly annotationsPerStep: number;
  readonly riskThreshold: number;
  /** Step whose answers are already there; null for a run from the start. */
  readonly resumedFrom: number | null;
  /** Where the learner computes, and whether that was left to `auto`; null without a learner. */
  readonly backend: { readonly name: string; readonly auto: boolean } | null;
  readonly #request: OpenRunRequest;
  readonly #composition: Composition;
  readonly #parts: Parts;
  readonly #setting: Setting;
  readonly #runFile: RunFile;
  readonly #files: RunFolder;
  readonly #journal: Journal;
  readonly #auditLog: AuditLog;
  /** What the workers remember before the first answer; undefined where they remember nothing. */
  readonly #freshWorkers: Snapshot | undefined;
  #wouldStop!: WouldStop;
  #step = 0;
  #disposed = false;
  #result: RunResult | null = null;
  #beliefs: DeliveredBeliefs | null = null;
  #delivered: Run['delivered'] = null;

  /** Use `openRun`. */
  constructor(
    request: OpenRunRequest,
    composition: Composition,
    parts: Parts,
    setting: Setting,
    runFile: RunFile,
    lock: Lock,
  ) {
    this.#request = request;
    this.#composition = composition;
    this.#parts = parts;
    this.#setting = setting;
    this.#runFile = runFile;
    this.folder = request.folder;
    this.description = runFile.data.description;
    this.items = setting.dataset.taskIds.length;
    this.classes = setting.dataset.classes.length;
    this.workers = parts.workers.workerIds.length;
    this.budget = request.prepared.config.budget;
    this.annotationsPerStep = parts.sampler.annotationsPerStep;
    this.riskThreshold = setting.riskThreshold;
    const backend = runFile.backends?.at(-1);
    const auto = request.prepared.config.choices.learnerBackend?.[0]?.use === 'auto';
    this.backend = backend === undefined ? null : { name: backend, auto };
    this.#journal = new Journal(setting.dataset, parts.workers.workerIds);
    this.#freshWorkers = callPart('snapshot of the workers', () => parts.workers.snapshot?.());
    const note = request.onNote ?? (() => undefined);
    const checkpoint = request.resume ? readCheckpoint(request.folder, note) : undefined;
    if (checkpoint) this.#checkSame(checkpoint);
    if (!checkpoint) checkNothingToLose(request.folder);
    this.#files = new RunFolder(request.folder, runFile, lock);
    this.#auditLog = new AuditLog(request.folder, setting.dataset);
    try {
      this.#goTo(checkpoint, note);
    } catch (thrown) {
      this.#files.close();
      throw thrown;
    }
    this.resumedFrom = checkpoint?.step ?? null;
  }

  /** What is labelled, and what is known of it: for comparisons after the run. */
  get data(): Pick<Setting, 'dataset' | 'truth'> {
    return this.#setting;
  }

  /** Class of each item as delivered (-1: none) and which of them the expert has looked at; null before the end. */
  get delivered(): { readonly label: Int32Array; readonly audited: Uint8Array | null } | null {
    return this.#delivered;
  }

  /** What confidence means in this run; null where it is delivered as inferred. */
  get calibration(): string | null {
    const { calibration } = this.#parts;
    return calibration?.calibrates ? calibration.meaning : null;
  }

  /** How it ended, also what `steps` returns; null before. The labels are then in `labels.csv` of the folder. */
  get result(): RunResult | null {
    return this.#result;
  }

  /** Tasks, classes, prototypes and features. */
  get dataset(): Dataset {
    return this.#setting.dataset;
  }

  /** The annotations so far, to read, and the ids of their workers; what it shows grows from step to step. */
  get store(): { readonly view: Annotations; readonly workerIds: readonly string[] } {
    return { view: this.#journal.view, workerIds: this.#journal.workerIds };
  }

  /**
   * What would be delivered after the last step: posterior (N×K), risk (N) and how workers err (`workers`); null before the
   * first step. To read, and valid until the next step.
   */
  get beliefs(): Pick<Beliefs, 'posterior' | 'risk' | 'workers' | 'learner'> | null {
    return this.#beliefs;
  }

  /** The most probable class of every task after the last step; null where nothing is known, and before the first step. */
  get labels(): readonly (ClassLabel | null)[] {
    const { classes, taskIds } = this.#setting.dataset;
    const beliefs = this.#beliefs;
    const K = classes.length;
    return taskIds.map((_, i) =>
      beliefs && beliefs.risk[i]! < 1 ? classes[argmax(beliefs.posterior, i * K, K)]! : null,
    );
  }

  #checkSame(checkpoint: Checkpoint): void {
    if (checkpoint.configHash === hashOf(this.#runFile.config) && checkpoint.dataHash === this.#runFile.data.hash)
      return;
    const data = checkpoint.dataHash !== this.#runFile.data.hash;
    throw new QuorateError('RUN_FOLDER', {
      where: this.folder,
      expected: `a checkpoint of this ${data ? 'data' : 'configuration'}`,
      got: `one of other ${data ? 'data' : 'settings'}`,
      fix: data ? 'The data files have changed since the run was started: bring them back.' : 'Use another --out.',
    });
  }

  #goTo(checkpoint: Checkpoint | undefined, note: (message: string) => void): void {
    if (checkpoint) {
      this.#step = checkpoint.step;
      this.#journal.restore(checkpoint.journal);
      const parts = new Map(this.#composition.parts());
      for (const [key, state] of Object.entries(checkpoint.parts)) {
        callPart(`restore of ${key}`, () => parts.get(key)?.restore?.(state));
      }
      this.#setting.rng.restore(checkpoint.rng);
      this.#files.matchAnnotations(this.#journal, note);
      if (checkpoint.audit) {
        const state = JSON.parse(checkpoint.audit) as AuditState;
        this.#parts.audits.restore(state);
        this.#auditLog.goTo(state.audits, note);
      }
    } else {
      if (this.#files.annotations.bytes > 0) note('The run was stopped before its first checkpoint; it starts again.');
      this.#files.annotations.truncate(0);
    }
    this.#files.steps.truncate(checkpoint?.stepsBytes ?? 0);
    const earlier = checkpoint ? readSteps(this.folder) : [];
    const { items, annotationsPerStep } = this;
    this.#wouldStop = new WouldStop(this.#request.prepared, { items, annotationsPerStep, earlier });
    this.#files.cutTimings(this.#step);
    if (!checkpoint) this.#files.appendAnnotations(this.#journal, 0);
  }

  /**
   * Runs step after step and yields the record of each, the one of step 0 (prototypes alone) first. Everything is saved
   * before a record is yielded. After `signal` aborts, the step in hand is finished and the run ends as interrupted;
   * workers who have not answered yet are not waited for, and are asked again when the run is resumed.
   */
  async *steps(signal?: AbortSignal): AsyncGenerator<StepRecord, RunResult> {
    const { clock } = this.#request;
    for (;;) {
      const started = clock();
      const inferred = await infer(this.#parts, this.#setting, this.#journal, this.#step);
      const { beliefs } = inferred;
      this.#beliefs = beliefs;
      const record = this.#wouldStop.marked(inferred.record);
      if (this.#keeps('beliefs')) {
        await this.#files.writeBeliefs(this.#setting.dataset, this.#journal, beliefs, this.#step);
      }
      this.#files.steps.append(`${JSON.stringify(record)}\n`);
      const seconds = (clock() - started) / 1000;
      this.#files.timings.append(`${JSON.stringify({ step: this.#step, seconds, iterations: beliefs.iterations })}\n`);
      yield record;

      if (signal?.aborted) return this.#end(beliefs, record, interrupted);
      const first = this.#journal.entries;
      const end = await this.#askOrAudit(beliefs, record, signal);
      if (end) return end;
      this.#step++;
      this.#files.appendAnnotations(this.#journal, first);
      this.#save();
    }
  }

  /**
   * Asks, and where nothing is asked any more, or the rule wants a look, audits; after a failed round, or a look, there may
   * be something to ask.
   */
  async #askOrAudit(inferred: DeliveredBeliefs, record: StepRecord, signal?: AbortSignal): Promise<RunResult | null> {
    const { audits } = this.#parts;
    let beliefs = inferred;
    for (;;) {
      const seen = audits.disclose(beliefs);
      const look = audits.beginLook(seen);
      const stop: Stop | null | undefined =
        look === null
          ? await unlessAborted(ask(this.#parts, this.#setting, this.#journal, seen, this.#step + 1), signal)
          : { stopped: 'rule', why: 'an audit has certified the labels while tasks were open' };
      if (stop === undefined) return this.#end(beliefs, record, interrupted);
      if (!stop) return null;
      const request = { step: this.#step, look, log: this.#auditLog, signal };
      const { next, verdict } = await audits.rule(beliefs, request);
      if (next === 'interrupted') return this.#end(beliefs, record, interrupted);
      // What the expert said is known now, to the calibration too.
      beliefs = deliver(this.#parts, this.#setting, this.#journal.view, beliefs.inferred);
      if (next === 'end') return this.#end(beliefs, record, stop, verdict);
    }
  }

  #save(): void {
    this.#files.steps.sync();
    const parts = this.#composition.parts().flatMap(([key, part]) => {
      return part.snapshot ? [[key, callPart(`snapshot of ${key}`, () => part.snapshot!())] as const] : [];
    });
    const audit = this.#parts.audits.snapshot();
    writeCheckpoint(this.folder, {
      configHash: hashOf(this.#runFile.config),
      dataHash: this.#runFile.data.hash,
      step: this.#step,
      journal: this.#journal.snapshot(),
      rng: this.#setting.rng.snapshot(),
      parts: Object.fromEntries(parts),
      stepsBytes: this.#files.steps.bytes,
      ...(audit ? { audit: JSON.stringify(audit) } : {}),
    });
  }

  async #end(
    beliefs: DeliveredBeliefs,
    lastStep: StepRecord,
    { stopped, why }: Omit<RunResult, 'last'>,
    verdict?: Verdict,
  ): Promise<RunResult> {
    const delivery = this.#parts.audits.deliver(beliefs, verdict);
    this.#delivered = { label: delivery.label, audited: delivery.review?.audited ?? null };
    this.#files.writeResults(this.#setting.dataset, this.#journal, delivery, this.riskThreshold);
    if (this.#keeps('confusions')) this.#files.writeConfusions(this.#setting.dataset, this.#journal, delivery.beliefs);
    // A calibration learns from the last audits too: what is delivered is no longer what the step was measured on.
    const last =
      delivery.review && beliefs.calibrated
        ? recordOf(this.#parts, this.#setting, this.#journal, delivery.beliefs, this.#step)
        : lastStep;
    const majority = stopped === 'interrupted' ? null : await this.#majority();
    const audit = delivery.review ? { audit: delivery.report } : {};
    const { at } = this.#wouldStop;
    this.#result = {
      stopped,
      why,
      last,
      ...audit,
      ...(majority ? { majority } : {}),
      ...(at ? { earlyStop: at } : {}),
    };
    return this.#result;
  }

  #keeps(what: 'beliefs' | 'confusions'): boolean {
    return this.#request.prepared.config.keep?.includes(what) ?? false;
  }

  async #majority(): Promise<Majority | null> {
    const { truth } = this.#setting;
    const reached = this.#composition.reach(['workerSimulator']);
    const simulator = reached.find(({ component }) => component.kind === 'workerSimulator');
    if (!truth || !simulator) return null;
    const { component, options } = simulator;
    const needs = callPart(`needs of ${component.kind} "${component.name}"`, () => component.needs?.(options) ?? []);
    if (!needs.includes('truth')) return null;
    const { seed } = this.#request.prepared.config;
    return majorityOf(this.#parts.workers, truth, this.classes, seed, this.#freshWorkers);
  }

  /** Closes the files and disposes of the parts. Safe to call at any time. */
  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#files.close();
    this.#auditLog.close();
    try {
      await this.#composition.dispose();
    } finally {
      if (this.#request.temporary) rmSync(this.folder, { recursive: true, force: true });
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }
}
