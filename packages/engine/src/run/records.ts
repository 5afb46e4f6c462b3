import type { Prepared } from '@quorate/host';
import type { Spent } from './costs.js';
import type { AuditReport } from '../audit/report.js';
import type { CalibrationRecord } from './delivered.js';
import type { Majority } from './majority-baseline.js';
import type { Scores } from './scores.js';

/** What `run.json` says: enough to run the same again, and to notice when something is not the same. */
export interface RunFile {
  readonly format: 1;
  readonly api: string;
  /** The complete configuration, defaults filled in. */
  readonly config: Readonly<Record<string, unknown>>;
  /** The configuration file, relative to the working directory; null without one. */
  readonly configFile: string | null;
  readonly plugins: readonly { readonly name: string; readonly version: string | null }[];
  readonly data: { readonly hash: string; readonly description: string };
  /**
   * The learner backends that computed the run, by name: what `auto` chose, and another one where the run was resumed
   * with it by name. Empty without a learner; absent in the runs of earlier versions.
   */
  readonly backends?: readonly string[];
}

/** One line of `steps.jsonl`. */
export interface StepRecord {
  readonly step: number;
  readonly annotations: number;
  readonly annotationsPerItem: number;
  /** Items whose risk is at or below the threshold, and their share. */
  readonly valid: number;
  readonly validShare: number;
  /** Share of the items that have an annotation. */
  readonly labelled: number;
  /** Null where the truth is not known. */
  readonly aggregate: Scores | null;
  /** Null without a learner, or where the truth is not known. */
  readonly learner: Scores | null;
  /** Extra metrics of the configuration, by name; left out without any. */
  readonly metrics?: Readonly<Record<string, number | null>>;
  /** True at the first step after which early stopping would end the run, where it is no rule of it; else left out. */
  readonly earlyStop?: true;
  /** Questions that workers declined so far, which are no annotations; left out while there are none. */
  readonly declined?: number;
  /** Audits before this step, which are no annotations; left out where no stopping rule audits. */
  readonly audits?: number;
  /** Answers of models so far, which are no annotations; left out where none answers. */
  readonly modelAnswers?: number;
  /** What was spent so far; left out where nobody counts. */
  readonly money?: Spent;
  /** Left out where what is inferred is delivered as it is. */
  readonly calibration?: CalibrationRecord;
}

/** Why a run asks nothing more: every task is done, the budget is spent, or a stopping rule says so. */
export interface Stop {
  readonly stopped: 'done' | 'budget' | 'rule';
  readonly why: string;
}

/** How a run ended. */
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
  /** What was spent in all, audits at the end included; left out where nobody counts. */
  readonly money?: Spent;
}

/** What `openRun` is given. */
export interface OpenRunRequest {
  readonly prepared: Prepared;
  readonly folder: string;
  /** Remove the folder when the run is disposed of. */
  readonly temporary?: boolean;
  /** Continue what the folder holds; without it the folder must be free. */
  readonly resume: boolean;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds; for `timings.jsonl` only. */
  readonly clock: () => number;
  readonly onNote?: (message: string) => void;
  readonly onPhase?: (phase: string) => void;
}
