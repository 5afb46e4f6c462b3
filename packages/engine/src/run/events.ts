import type { Audit } from '@quorate/core';
import type { RunResult, StepRecord } from './records.js';

/** What a run tells while it goes: the arguments of the listeners, by the name of the event. All of it is saved by then. */
export interface RunEvents {
  /** A step is over: its line of `steps.jsonl`. */
  readonly step: [record: StepRecord];
  /** The answers to the questions after step `step - 1` are in: annotations `first` to `first + count - 1` of `run.store.view`. */
  readonly annotations: [arrived: { readonly step: number; readonly first: number; readonly count: number }];
  /** The expert has looked at a label. When a run is resumed, what was asked since the last step is told again. */
  readonly audit: [audit: Audit];
  /** The run is over or interrupted, and its results are written. */
  readonly stopped: [result: RunResult];
}

/** Tells the listeners of a run. */
export type Tell = <E extends keyof RunEvents>(event: E, ...args: RunEvents[E]) => void;
