import { EventEmitter } from 'node:events';
import { rmSync } from 'node:fs';
import { argmax, type Annotations, type Beliefs, type ClassLabel, type Composition, type Dataset } from '@quorate/core';
import type { RunEvents } from './events.js';
import { Loop, type LoopSetting } from './loop.js';
import type { RunResult, StepRecord } from './records.js';
import type { Setting } from './setting.js';

/**
 * A run that is open: iterate over `steps`, or listen and `finish`, then dispose of it.
 *
 *     run.on('step', ({ step, validShare }) => console.log(step, validShare));
 *     const { why } = await run.finish();
 */
export class Run extends EventEmitter<RunEvents> {
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
  /** What confidence means in this run; null where it is delivered as inferred. */
  readonly calibration: string | null;
  readonly #temporary: boolean;
  readonly #composition: Composition;
  readonly #setting: Setting;
  readonly #loop: Loop;
  #disposed = false;

  /** Use `openRun`. */
  constructor(opened: LoopSetting) {
    super();
    const { request, composition, parts, setting, runFile } = opened;
    const { config } = request.prepared;
    this.#temporary = request.temporary ?? false;
    this.#composition = composition;
    this.#setting = setting;
    this.folder = request.folder;
    this.description = runFile.data.description;
    this.items = setting.dataset.taskIds.length;
    this.classes = setting.dataset.classes.length;
    this.workers = parts.workers.workerIds.length;
    this.budget = config.budget;
    this.annotationsPerStep = parts.sampler.annotationsPerStep;
    this.riskThreshold = setting.riskThreshold;
    const backend = runFile.backends?.at(-1);
    const auto = config.choices.learnerBackend?.[0]?.use === 'auto';
    this.backend = backend === undefined ? null : { name: backend, auto };
    this.calibration = parts.calibration?.calibrates ? parts.calibration.meaning : null;
    this.#loop = new Loop(opened, (event, ...args) => void (this as EventEmitter).emit(event, ...args));
    this.resumedFrom = this.#loop.resumedFrom;
  }

  /** What is labelled, and what is known of it: for comparisons after the run. */
  get data(): Pick<Setting, 'dataset' | 'truth'> {
    return this.#setting;
  }

  /** Class of each item as delivered (-1: none) and which of them the expert has looked at; null before the end. */
  get delivered(): Loop['delivered'] {
    return this.#loop.delivered;
  }

  /** How it ended, also what `steps` returns; null before. The labels are then in `labels.csv` of the folder. */
  get result(): RunResult | null {
    return this.#loop.result;
  }

  /** Tasks, classes, prototypes and features. */
  get dataset(): Dataset {
    return this.#setting.dataset;
  }

  /** The annotations so far, to read, and the ids of their workers; what it shows grows from step to step. */
  get store(): { readonly view: Annotations; readonly workerIds: readonly string[] } {
    const { view, workerIds } = this.#loop.journal;
    return { view, workerIds };
  }

  /**
   * What would be delivered after the last step: posterior (N×K), risk (N) and how workers err (`workers`); null before the
   * first step. To read, and valid until the next step.
   */
  get beliefs(): Pick<Beliefs, 'posterior' | 'risk' | 'workers' | 'learner'> | null {
    return this.#loop.beliefs;
  }

  /** The most probable class of every task after the last step; null where nothing is known, and before the first step. */
  get labels(): readonly (ClassLabel | null)[] {
    const { classes, taskIds } = this.#setting.dataset;
    const { beliefs } = this;
    const K = classes.length;
    return taskIds.map((_, i) =>
      beliefs && beliefs.risk[i]! < 1 ? classes[argmax(beliefs.posterior, i * K, K)]! : null,
    );
  }

  /**
   * Runs step after step and yields the record of each, the one of step 0 (prototypes alone) first. Everything is saved
   * before a record is yielded. After `signal` aborts, the step in hand is finished and the run ends as interrupted;
   * workers who have not answered yet are not waited for, and are asked again when the run is resumed.
   */
  steps(signal?: AbortSignal): AsyncGenerator<StepRecord, RunResult> {
    return this.#loop.steps(signal);
  }

  /** Runs to the end, for those who listen to events. What `steps` says holds. */
  async finish(signal?: AbortSignal): Promise<RunResult> {
    const steps = this.steps(signal);
    for (;;) {
      const { done, value } = await steps.next();
      if (done) return value;
    }
  }

  /** Closes the files and disposes of the parts. Safe to call at any time. */
  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#loop.close();
    try {
      await this.#composition.dispose();
    } finally {
      if (this.#temporary) rmSync(this.folder, { recursive: true, force: true });
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }
}
