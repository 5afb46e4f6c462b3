import { argmax, type Audit, type Beliefs, type KnownClasses, type Verdict } from '@quorate/core';
import type { DeliveredBeliefs } from '../run/delivered.js';
import type { AuditLog } from './log.js';
import type { AuditState, Delivery } from './report.js';

/** What the run does after the expert was asked. */
export interface Ruling {
  /** Ask workers again, end the run, or end it as interrupted. */
  readonly next: 'ask' | 'end' | 'interrupted';
  /** The verdict that ends the run; left out where there is none. */
  readonly verdict?: Verdict;
}

/** What the expert is asked after step `step`, in the look `look` or (null) in the round in hand. */
export interface AuditRequest {
  readonly step: number;
  readonly look: number | null;
  /** What the expert has said before is read there, and what they say is written there. */
  readonly log: Pick<AuditLog, 'recorded' | 'append'>;
  /** Once it aborts the expert is asked nothing more; what is recorded still counts. */
  readonly signal: AbortSignal | undefined;
  /** Told of each audit once it is on the disk. */
  readonly onAudit?: (audit: Audit) => void;
}

/** The audits of a run, between what was inferred and what is shown and delivered. */
export interface Audits {
  /** Answers of the expert so far; null where no rule audits. */
  readonly count: number | null;
  /** What a calibration may know: what the expert said in rounds that are over. A look is none. */
  disclosed(): KnownClasses;
  /** What sampler and stopping rules may know of beliefs. */
  disclose<B extends Beliefs>(beliefs: B): B;
  /** What would be delivered now. */
  correct<B extends Beliefs>(beliefs: B): B;
  /** The look that is due before anything more is asked, begun by this call; null where none is. */
  beginLook(beliefs: Beliefs): number | null;
  /** Nothing more is asked, or a look is due: has the expert look at labels. */
  rule(beliefs: Beliefs, request: AuditRequest): Promise<Ruling>;
  /** What the expert is asked next if everything they look at is right: up to `count` items, in order. */
  ahead(beliefs: Beliefs, request: Pick<AuditRequest, 'step' | 'look'>, count: number): Int32Array;
  /** At most this share of the labels that the round is about is wrong, by the audits so far; null where nobody can say. */
  bound(beliefs: Beliefs, look: number | null): number | null;
  /** Draws the orders of all rounds anew, before anything is asked: another draw for 1, 2, ..., each independent of the first. */
  draw(anew: number): void;
  /** @param beliefs Calibrated with all audits, where the run calibrates. @param verdict The one that ended the run, if any. */
  deliver(beliefs: DeliveredBeliefs, verdict?: Verdict): Delivery;
  /** Null where no rule audits. */
  snapshot(): AuditState | null;
  restore(state: AuditState): void;
}

/** Class of each item, -1 where its row says nothing (a majority vote without a vote). */
export function labelsOf({ posterior, risk }: Beliefs, classes: number): Int32Array {
  return Int32Array.from(risk, (r, i) => (r < 1 ? argmax(posterior, i * classes, classes) : -1));
}

/** A run in which no rule audits: beliefs are delivered as they are. */
export const noAudits: Audits = {
  count: null,
  disclosed: () => ({ item: new Int32Array(0), label: new Int32Array(0) }),
  disclose: (beliefs) => beliefs,
  correct: (beliefs) => beliefs,
  beginLook: () => null,
  rule: async () => ({ next: 'end' }),
  ahead: () => new Int32Array(0),
  bound: () => null,
  draw: () => undefined,
  deliver: (beliefs) => ({
    beliefs,
    label: labelsOf(beliefs, beliefs.posterior.length / beliefs.risk.length),
    review: null,
    report: null,
  }),
  snapshot: () => null,
  restore: () => undefined,
};
