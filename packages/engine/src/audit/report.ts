import type { Audit, Auditing, Beliefs, Verdict } from '@quorate/core';
import type { Recalibration } from '@quorate/core/numbers';
import type { Truth } from '@quorate/core/truth';
import type { DeliveredBeliefs } from '../run/delivered.js';
import { expectedCalibrationError } from '../run/scores.js';

/** One round of audits. */
export interface AuditRound {
  readonly round: number;
  readonly step: number;
  readonly certified: boolean;
  readonly why: string;
  /** Labels that it was about, those audited in it, and how many of these were wrong. */
  readonly labels: number;
  readonly audits: number;
  readonly errors: number;
  /** Most of the labels, as a share, that were wrong before the audits, with this confidence. */
  readonly bound: number;
  readonly confidence: number;
  readonly recalibration: Recalibration;
  /** Mean confidence in the audited labels before the expert looked; left out where nothing is calibrated. */
  readonly claimed?: number;
}

/** What the audits of a run have shown: `audit.json`. */
export interface AuditReport {
  /** False: the rule only checks labels, to calibrate with them. Left out where it is out for a certificate. */
  readonly certifies?: false;
  readonly certified: boolean;
  /** A sentence without a full stop. */
  readonly why: string;
  /** What was to be certified. */
  readonly maxError: number;
  readonly confidence: number;
  /** All answers of the expert, and how many of them corrected a label. Not among the run's annotations. */
  readonly audits: number;
  readonly errors: number;
  /** Labels that the last round was about; the bound on their errors before, and after its corrections. */
  readonly labels: number;
  readonly bound: number;
  readonly boundCorrected: number;
  /** Delivered labels that neither the certificate nor the expert vouches for. */
  readonly needsReview: number;
  /** How the posterior was recalibrated, which `labels.csv` gives; 1 and 0 where the run's calibration does that instead. */
  readonly recalibration: Recalibration;
  /** What has to be true for this to hold. */
  readonly assumes: readonly string[];
  readonly rounds: readonly AuditRound[];
  /** Where the truth is known: how it really is. */
  readonly truth: {
    /** Share of wrong labels, as delivered: among all, and among those that the last round was about. */
    readonly error: number;
    readonly coveredError: number | null;
    /** Expected calibration error of the labels that were not audited, before and after recalibration. */
    readonly eceBefore: number | null;
    readonly eceAfter: number | null;
  } | null;
}

export function reportOf({
  auditing,
  verdict,
  rounds,
  ...given
}: {
  readonly auditing: Auditing;
  readonly verdict: Verdict;
  readonly rounds: readonly AuditRound[];
  /** As inferred. */
  readonly raw: Beliefs;
  /** As delivered. */
  readonly beliefs: Beliefs;
  readonly label: Int32Array;
  readonly audited: Uint8Array;
  readonly needsReview: Uint8Array;
  readonly truth: Truth | null;
}): AuditReport {
  const last = rounds.at(-1)!;
  const sum = (of: (round: AuditRound) => number): number => rounds.reduce((total, round) => total + of(round), 0);
  return {
    ...(auditing.certifies === false ? { certifies: false } : {}),
    certified: verdict.certified,
    why: verdict.why,
    maxError: auditing.maxError,
    confidence: auditing.confidence,
    audits: sum(({ audits }) => audits),
    errors: sum(({ errors }) => errors),
    labels: last.labels,
    bound: verdict.bound,
    boundCorrected: last.labels > 0 ? verdict.bound - last.errors / last.labels : verdict.bound,
    needsReview: given.needsReview.reduce((total, one) => total + one, 0),
    recalibration: last.recalibration,
    assumes: auditing.assumes,
    rounds: [...rounds],
    truth: given.truth ? truthOf(verdict.covers, given, given.truth) : null,
  };
}

function truthOf(
  covers: Uint8Array,
  { raw, beliefs, label, audited }: { raw: Beliefs; beliefs: Beliefs; label: Int32Array; audited: Uint8Array },
  truth: Truth,
): AuditReport['truth'] {
  const wrong = label.map((k, i) => (k === truth.classOf[i] ? 0 : 1));
  const share = (of: (i: number) => boolean): number | null => {
    const some = wrong.filter((_, i) => truth.classOf[i]! >= 0 && of(i));
    return some.length > 0 ? some.reduce((total, one) => total + one, 0) / some.length : null;
  };
  const rest = [...label.keys()].filter((i) => audited[i] === 0 && truth.classOf[i]! >= 0);
  const right = rest.map((i) => 1 - wrong[i]!);
  const ece = ({ risk }: Beliefs): number | null =>
    expectedCalibrationError(
      rest.map((i) => 1 - risk[i]!),
      right,
    );
  return {
    error: share(() => true) ?? 0,
    coveredError: share((i) => covers[i] === 1),
    eceBefore: ece(raw),
    eceAfter: ece(beliefs),
  };
}

/** What a checkpoint keeps of the audits: what was known when the answers of a step were in. */
export interface AuditState {
  readonly round: number;
  readonly looks: number;
  readonly recalibration: Recalibration | null;
  readonly audits: readonly Audit[];
  readonly rounds: readonly AuditRound[];
}

/** What a run delivers. */
export interface Delivery {
  /** After audits recalibrated; audited items have the expert's class. */
  readonly beliefs: DeliveredBeliefs;
  /** Class of each item, -1 where there is none. */
  readonly label: Int32Array;
  /** Null where no rule audits. */
  readonly review: {
    /** 1 where the expert has looked. */
    readonly audited: Uint8Array;
    /** 1 where neither the expert nor a certificate vouches for the label. */
    readonly needsReview: Uint8Array;
  } | null;
  /** Null where no rule audits, or the audit came to no verdict. */
  readonly report: AuditReport | null;
}
