// What goes between a campaign and its inference: plain data, so that inference may run in another thread.

import type { AuditReport } from '@quorate/engine';

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
  /** Audits up to this sequence number are heard. While auditors look, it grows and `upto_seq` stands still. */
  readonly audit_seq: number;
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
  /** Why no more questions are needed; null while there are, and while auditors look. */
  readonly stop: string | null;
  /** Null where no stopping rule audits. */
  readonly audit: AuditProgress | null;
}

/** Where the audits of a campaign are. */
export interface AuditProgress {
  /** Workers are asked; auditors look, and labels stand still; there is a verdict, and labels stand still for good. */
  readonly phase: 'ask' | 'audit' | 'end';
  /** Why workers are asked nothing in the meantime; null while they are. */
  readonly why: string | null;
  readonly round: number;
  readonly rounds: number;
  /** Audits that count so far, and how many of them found a label wrong. */
  readonly audits: number;
  readonly errors: number;
  /** At most this share of the labels was wrong before audits corrected any, with `confidence`; null where nobody can say. */
  readonly bound: number | null;
  readonly maxError: number;
  readonly confidence: number;
  /** Null before the verdict, and of a rule that certifies nothing. */
  readonly certified: boolean | null;
  /** Most audits yet to come; null where the rule has no limit. */
  readonly most: number | null;
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
  /** Answers of models so far, and what they cost; null where none answers. */
  readonly models: { readonly answers: number; readonly spent: number } | null;
}

/** What is delivered, as the files of a run have it. */
export interface DeliveredFiles {
  readonly labels: string;
  readonly workers: string;
  /** What the audits have shown; null before a verdict, and where no rule audits. */
  readonly audit: AuditReport | null;
}
