import type { Annotations } from './annotation-store.js';
import type { KnownClasses } from '../data/known-classes.js';
import type { Beliefs } from './optimizer.js';
import type { Part } from './part.js';

/** What workers said of prototypes, whose class is known: entry a in 0..count-1. */
export interface PrototypeAnswers {
  readonly count: number;
  /** Prototype index, 0..P-1, worker index and the class that they named. */
  readonly prototype: Int32Array;
  readonly worker: Int32Array;
  readonly label: Int32Array;
}

export interface CalibrateRequest {
  readonly annotations: Annotations;
  /** As inferred: nothing that was delivered ever flows back into them. */
  readonly beliefs: Beliefs;
  readonly known: KnownClasses;
  /** Null where nobody was asked about prototypes. */
  readonly prototypes: PrototypeAnswers | null;
  /** Class of each prototype, length P, 0..K-1. */
  readonly prototypeClass: Int32Array;
}

/** What is delivered in place of the posterior that was inferred. */
export interface CalibratedBeliefs {
  /** N×K row-major, rows sum to 1. */
  readonly posterior: Float64Array;
  /** R_i = 1 - max_k posterior, length N. */
  readonly risk: Float64Array;
  /** Confidence in the most probable class that holds for nine of ten projects like this one, length N; null where there is none. */
  readonly sure: Float64Array | null;
  /**
   * By how much each of the next answers is expected to raise the probability that the item's label is right, length N,
   * where answers to one item depend on each other; null where the part does not know.
   */
  readonly gain: Float64Array | null;
  /** Expected share of right labels with its 90 % interval; null where there is none. */
  readonly accuracy: { readonly mean: number; readonly low: number; readonly high: number } | null;
}

/**
 * Makes confidence honest: how far the posterior that a run has inferred is to be believed before it is delivered. Risk,
 * valid items, sampler and stopping rules use what this returns; EM, worker model and learner continue with the posterior as
 * inferred, since a calibration inside EM feeds on itself.
 *
 * Laws
 * - L1 rows of the posterior sum to 1 within 1e-6, in 0..1; risk is 1 - their maximum; `sure` is at most the confidence
 *   within 1e-6, `gain` and the accuracy are in 0..1, the latter within its interval. No NaN, whatever was annotated.
 * - L2 pure: annotations and beliefs are left as they were, and what is returned shares no memory with them.
 * - L3 without a memory: the same request gives the same result, also after any other request, and in a new process. What
 *   is random in it is drawn from a stream that is always the same, so that confidence does not jump from step to step.
 * - L4 symmetric: renumbering items and workers renumbers the result (within 1e-9); renumbering classes too, but for the
 *   noise of a part that averages over draws (within 0.02).
 * - L5 learns: the more often known items are of a class that was not believed, the more probable that class becomes.
 * - L6 never certain: one answer, or one answer repeated by any number of workers, leaves a risk above 0.
 *
 * L5 and L6 hold for parts that calibrate; one that delivers what was inferred (`calibrates: false`) keeps L1 to L4.
 *
 * Cost: O(M·K + N·K·draws) per call, nothing of size N·W.
 */
export interface Calibration extends Part {
  /** False: what is inferred is delivered as it is, and the run says "not calibrated". */
  readonly calibrates: boolean;
  /** One line for people: what confidence means here. No full stop. */
  readonly meaning: string;
  /** An item with answers of which further ones are each expected to gain less is asked about no more; 0: none is. */
  readonly minGain: number;
  /** How many workers are to be asked about each prototype; 0: none. */
  readonly answersPerPrototype: number;
  calibrate(request: CalibrateRequest): CalibratedBeliefs;
}
