import { QuorateError, type Audit, type Composition, type Snapshot, type Verdict } from '@quorate/core';
import type { Lock } from '@quorate/host';
import { AuditLog } from '../audit/log.js';
import type { AuditState } from '../audit/report.js';
import { readCheckpoint, writeCheckpoint, type Checkpoint } from '../folder/checkpoint.js';
import { hashOf, readSteps } from '../folder/run-file.js';
import { RunFolder, checkNothingToLose } from '../folder/run-folder.js';
import { ask } from './ask.js';
import { deliver } from './deliver.js';
import type { DeliveredBeliefs } from './delivered.js';
import type { Tell } from './events.js';
import { infer, recordOf } from './infer.js';
import { Journal } from './journal.js';
import { majorityOf, type Majority } from './majority-baseline.js';
import { callPart } from './part-checks.js';
import type { Parts } from './parts.js';
import type { OpenRunRequest, RunFile, RunResult, StepRecord, Stop } from './records.js';
import type { Setting } from './setting.js';
import { unlessAborted } from './unless-aborted.js';
import { WouldStop } from './would-stop.js';

const interrupted = { stopped: 'interrupted', why: 'it was interrupted' } as const;

/** Everything that a run is opened with. */
export interface LoopSetting {
  readonly request: OpenRunRequest;
  readonly composition: Composition;
  readonly parts: Parts;
  readonly setting: Setting;
  readonly runFile: RunFile;
  readonly lock: Lock;
}

/** The online loop over its folder: infers, saves, asks, until nothing is asked any more. `Run` is its public face. */
export class Loop {
  readonly journal: Journal;
  /** Step whose answers are already there; null for a run from the start. */
  readonly resumedFrom: number | null;
  /** What would be delivered after the last step; null before the first. */
  beliefs: DeliveredBeliefs | null = null;
  /** Class of each item as delivered (-1: none) and which of them the expert has looked at; null before the end. */
  delivered: { readonly label: Int32Array; readonly audited: Uint8Array | null } | null = null;
  result: RunResult | null = null;
  readonly #request: OpenRunRequest;
  readonly #composition: Composition;
  readonly #parts: Parts;
  readonly #setting: Setting;
  readonly #runFile: RunFile;
  readonly #files: RunFolder;
  /** What models have answered; null without any. */
  readonly #models: Journal | null;
  readonly #auditLog: AuditLog;
  readonly #tell: Tell;
  /** What the workers remember before the first answer; undefined where they remember nothing. */
  readonly #freshWorkers: Snapshot | undefined;
  #wouldStop!: WouldStop;
  #step = 0;

  constructor({ request, composition, parts, setting, runFile, lock }: LoopSetting, tell: Tell) {
    this.#request = request;
    this.#composition = composition;
    this.#parts = parts;
    this.#setting = setting;
    this.#runFile = runFile;
    this.#tell = tell;
    this.journal = new Journal(setting.dataset, parts.workers.workerIds);
    this.#freshWorkers = callPart('snapshot of the workers', () => parts.workers.snapshot?.());
    const note = request.onNote ?? (() => undefined);
    const checkpoint = request.resume ? readCheckpoint(request.folder, note) : undefined;
    if (checkpoint) this.#checkSame(checkpoint);
    if (!checkpoint) checkNothingToLose(request.folder);
    this.#models = parts.models?.journal ?? null;
    this.#files = new RunFolder(request.folder, runFile, lock, { models: this.#models !== null });
    this.#auditLog = new AuditLog(request.folder, setting.dataset);
    try {
      this.#goTo(checkpoint, note);
    } catch (thrown) {
      this.#files.close();
      throw thrown;
    }
    this.resumedFrom = checkpoint?.step ?? null;
  }

  #checkSame(checkpoint: Checkpoint): void {
    if (checkpoint.configHash === hashOf(this.#runFile.config) && checkpoint.dataHash === this.#runFile.data.hash)
      return;
    const data = checkpoint.dataHash !== this.#runFile.data.hash;
    throw new QuorateError('RUN_FOLDER', {
      where: this.#request.folder,
      expected: `a checkpoint of this ${data ? 'data' : 'configuration'}`,
      got: `one of other ${data ? 'data' : 'settings'}`,
      fix: data ? 'The data files have changed since the run was started: bring them back.' : 'Use another --out.',
    });
  }

  #goTo(checkpoint: Checkpoint | undefined, note: (message: string) => void): void {
    if (checkpoint) {
      this.#step = checkpoint.step;
      this.journal.restore(checkpoint.journal);
      const parts = new Map(this.#composition.parts());
      for (const [key, state] of Object.entries(checkpoint.parts)) {
        callPart(`restore of ${key}`, () => parts.get(key)?.restore?.(state));
      }
      this.#setting.rng.restore(checkpoint.rng);
      this.#files.annotations.match(this.journal, note);
      if (checkpoint.models !== undefined) this.#parts.models?.restore(checkpoint.models);
      if (this.#models) this.#files.models?.match(this.#models, note);
      if (checkpoint.audit) {
        const state = JSON.parse(checkpoint.audit) as AuditState;
        this.#parts.audits.restore(state);
        this.#auditLog.goTo(state.audits, note);
      }
    } else {
      if (this.#files.annotations.bytes > 0) note('The run was stopped before its first checkpoint; it starts again.');
      this.#files.annotations.clear();
      this.#files.models?.clear();
    }
    this.#files.steps.truncate(checkpoint?.stepsBytes ?? 0);
    const earlier = checkpoint ? readSteps(this.#request.folder) : [];
    const items = this.#setting.dataset.taskIds.length;
    const { annotationsPerStep } = this.#parts.sampler;
    this.#wouldStop = new WouldStop(this.#request.prepared, { items, annotationsPerStep, earlier });
    this.#files.cutTimings(this.#step);
    if (!checkpoint) this.#files.annotations.append(this.journal, 0);
    if (!checkpoint && this.#models) this.#files.models?.append(this.#models, 0);
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
      const inferred = await infer(this.#parts, this.#setting, this.journal, this.#step);
      const { beliefs } = inferred;
      this.beliefs = beliefs;
      const record = this.#wouldStop.marked(inferred.record);
      if (this.#keeps('beliefs')) {
        await this.#files.writeBeliefs(this.#setting.dataset, this.journal, beliefs, this.#step);
      }
      this.#files.steps.append(`${JSON.stringify(record)}\n`);
      const seconds = (clock() - started) / 1000;
      this.#files.timings.append(`${JSON.stringify({ step: this.#step, seconds, iterations: beliefs.iterations })}\n`);
      this.#tell('step', record);
      yield record;

      if (signal?.aborted) return this.#end(beliefs, record, interrupted);
      const first = this.journal.entries;
      const firstOfModels = this.#models?.entries ?? 0;
      const end = await this.#askOrAudit(beliefs, record, signal);
      if (end) return end;
      this.#step++;
      this.#files.annotations.append(this.journal, first);
      if (this.#models) this.#files.models?.append(this.#models, firstOfModels);
      this.#save();
      this.#tell('annotations', { step: this.#step, first, count: this.journal.entries - first });
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
          ? await unlessAborted(ask(this.#parts, this.#setting, this.journal, seen, this.#step + 1), signal)
          : { stopped: 'rule', why: 'an audit has certified the labels while tasks were open' };
      if (stop === undefined) return this.#end(beliefs, record, interrupted);
      if (!stop) return null;
      const onAudit = (audit: Audit): void => this.#tell('audit', audit);
      const request = { step: this.#step, look, log: this.#auditLog, signal, onAudit };
      const { next, verdict } = await audits.rule(beliefs, request);
      if (next === 'interrupted') return this.#end(beliefs, record, interrupted);
      // What the expert said is known now, to the calibration too.
      beliefs = deliver(this.#parts, this.#setting, this.journal.view, beliefs.inferred);
      if (next === 'end') return this.#end(beliefs, record, stop, verdict);
    }
  }

  #save(): void {
    this.#files.steps.sync();
    const parts = this.#composition.parts().flatMap(([key, part]) => {
      return part.snapshot ? [[key, callPart(`snapshot of ${key}`, () => part.snapshot!())] as const] : [];
    });
    const audit = this.#parts.audits.snapshot();
    writeCheckpoint(this.#request.folder, {
      configHash: hashOf(this.#runFile.config),
      dataHash: this.#runFile.data.hash,
      step: this.#step,
      journal: this.journal.snapshot(),
      rng: this.#setting.rng.snapshot(),
      parts: Object.fromEntries(parts),
      stepsBytes: this.#files.steps.bytes,
      ...(audit ? { audit: JSON.stringify(audit) } : {}),
      ...(this.#parts.models ? { models: this.#parts.models.snapshot() } : {}),
    });
  }

  async #end(
    beliefs: DeliveredBeliefs,
    lastStep: StepRecord,
    { stopped, why }: Omit<RunResult, 'last'>,
    verdict?: Verdict,
  ): Promise<RunResult> {
    const delivery = this.#parts.audits.deliver(beliefs, verdict);
    this.delivered = { label: delivery.label, audited: delivery.review?.audited ?? null };
    this.#files.writeResults(this.#setting.dataset, this.journal, delivery, this.#setting.riskThreshold);
    if (this.#parts.models) this.#files.writeModels(this.#parts.models.report());
    if (this.#keeps('confusions')) this.#files.writeConfusions(this.#setting.dataset, this.journal, delivery.beliefs);
    // A calibration learns from the last audits too: what is delivered is no longer what the step was measured on.
    const last =
      delivery.review && beliefs.calibrated
        ? recordOf(this.#parts, this.#setting, this.journal, delivery.beliefs, this.#step)
        : lastStep;
    const majority = stopped === 'interrupted' ? null : await this.#majority();
    const audit = delivery.review ? { audit: delivery.report } : {};
    const { at } = this.#wouldStop;
    const { costs } = this.#setting;
    this.result = {
      stopped,
      why,
      last,
      ...audit,
      ...(majority ? { majority } : {}),
      ...(at ? { earlyStop: at } : {}),
      ...(costs ? { money: costs.spent(this.#parts, this.journal) } : {}),
    };
    this.#tell('stopped', this.result);
    return this.result;
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
    return majorityOf(this.#parts.workers, truth, this.#setting.dataset.classes.length, seed, this.#freshWorkers);
  }

  close(): void {
    this.#files.close();
    this.#auditLog.close();
  }
}
