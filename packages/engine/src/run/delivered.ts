import type { Beliefs, CalibratedBeliefs } from '@quorate/core';

/** Beliefs as everything but inference sees them. */
export interface DeliveredBeliefs extends Beliefs {
  /** As inferred, which nothing that is delivered flows back into. */
  readonly inferred: Beliefs;
  /** Null where what was inferred is delivered as it is. */
  readonly calibrated: CalibratedBeliefs | null;
  /** 1 for an item of which further answers are not expected to help; null where nobody can say. */
  readonly givenUp: Uint8Array | null;
}

/** What was inferred, as it is. */
export function asInferred(inferred: Beliefs): DeliveredBeliefs {
  return { ...inferred, inferred, calibrated: null, givenUp: null };
}

/** What a calibration rests on, what it expects, and what it gives up: for reports. */
export interface CalibrationRecord {
  /** Classes that an expert has said, and answers about prototypes. */
  readonly known: number;
  readonly prototypeAnswers: number;
  /** Expected share of right labels before an expert corrects any, with its 90 % interval; null where there is none. */
  readonly accuracy: CalibratedBeliefs['accuracy'];
  /** Items above the risk threshold of which further answers are not expected to help: an expert is needed. */
  readonly givenUp: number;
}
