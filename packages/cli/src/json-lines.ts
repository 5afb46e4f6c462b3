import type { RunFacts } from './terminal/progress.js';
import type { Ending } from './terminal/summary.js';
import type { StepRecord } from '@quorate/engine';

/** First line of `quorate run --json`. */
export interface StartRecord extends Omit<RunFacts, 'title'> {
  readonly type: 'start';
  readonly description: string;
  readonly annotationsPerStep: number;
}

/** One line per step: the line of `steps.jsonl` with a type. */
export type StepLine = { readonly type: 'step' } & StepRecord;

/** Last line of a run that was not broken off by an error. */
export interface EndRecord extends Ending {
  readonly type: 'end';
  readonly folder: string;
  /** Of this process. */
  readonly seconds: number;
}
