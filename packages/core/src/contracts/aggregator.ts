import type { ExpectedAccuracy } from '../numbers/calibrated.js';
import type { Calibration } from '../numbers/calibration.js';
import type { Annotations } from './annotation-store.js';
import type { WorkerConfusions } from './worker-model.js';
import type { Part } from './part.js';

export interface AggregateRequest {
  readonly annotations: Annotations;
  /** How workers err. An aggregator that infers skill itself ignores it. */
  readonly workers: WorkerConfusions;
  /** Class probabilities of the learner, N×K row-major, rows sum to 1; null without a learner. */
  readonly prior: Float32Array | Float64Array | null;
  /**
   * Which rows the caller needs: `all` N, or only those of `annotated` items. The others, whose posterior does not
   * depend on workers, are then as an earlier call with the same prior left them.
   */
  readonly rows: 'all' | 'annotated';
  /**
   * True class of item i where it is known, -1 elsewhere; length N, null where none is. It informs skills and class
   * frequencies, and fixes the item's row. Absent in the online loop, where known items are prototypes.
   */
  readonly gold?: Int32Array | null;
  /** Out: P(class | annotations, workers, prior), N×K row-major, overwritten. */
  readonly posterior: Float64Array;
}

/** How an aggregator made the confidence of its rows hold: `Calibration` has the model. */
export interface Calibrated {
  readonly calibration: Calibration;
  /**
   * Length N: the confidence in the most probable class that holds for nine of ten files like this one, so at most the
   * row's; 1 for gold, 0 without answers.
   */
  readonly sure: Float64Array;
  /** Expected share of right labels among the answered items that are not gold; null where there are none. */
  readonly accuracy: ExpectedAccuracy | null;
  /** The gold items that have answers, and what a calibration by the others would have said of each. */
  readonly audit: {
    readonly item: Int32Array;
    readonly truth: Int32Array;
    /** Class, and confidence in it. */
    readonly label: Int32Array;
    readonly confidence: Float64Array;
  };
}

/** What an aggregator that infers skill itself has found out about the workers, in its last call. */
export interface Inferred {
  /** Skill of each worker in 0..1, length W; comparable within one call only. */
  readonly skill: Float64Array;
  /** How they err, in the layout of `WorkerConfusions`; null where the model has no such notion. */
  readonly confusions: WorkerConfusions | null;
  /** Share of each class, length K; null where the model has none. */
  readonly classPrior: Float64Array | null;
  /**
   * Value of what is maximised (a log-likelihood, log posterior or bound, in nats) after each iteration of the last
   * `aggregate`; it never falls. Without those iterations at the start in which it was not the same function yet; empty
   * where nothing is maximised.
   */
  readonly objective: Float64Array;
  /** All iterations of the last `aggregate`; at least the length of `objective`. */
  readonly iterations: number;
  /** False too once answers were absorbed. */
  readonly converged: boolean;
  /** Present where the posterior is calibrated; otherwise its rows are those of the aggregator's own model. */
  readonly calibrated?: Calibrated;
  /** Sentences for people: which model was chosen and by how much, what the data cannot identify, ... */
  readonly notes: readonly string[];
}

/**
 * What is each item, given the annotations and how each worker errs? The E step of EM.
 *
 *     y_i(k) ∝ prior_i(k) Π_a P_j(z_a | k)       a = (i, j, z) runs over item i's annotations   [DawidSkene79, Branson17]
 *
 * Laws
 * - L1 rows of the posterior sum to 1 within 1e-9 and lie in 0..1 (an aggregator that declares `emptyRows` may leave
 *   the row of an item without annotations at zero).
 * - L2 symmetric: renumbering classes, workers or items, or the order of arrival, renumbers the result and no more.
 * - L3 no annotations and no prior: uniform rows (or zero, with `emptyRows`).
 * - L4 deterministic and pure: nothing but `posterior` is written.
 * - L5 survives extremes: 2000 annotations of one item, a worker with one answer, K = 2, a class never named.
 * - L6 `rows: 'annotated'` after `rows: 'all'` with the same prior gives what `rows: 'all'` gives.
 * - L7 gold fixes its rows and nothing is NaN, whatever gold says.
 * - L8 `inferred`: skills in 0..1, one for each worker; matrices and class shares that sum to 1 within 1e-9; an objective
 *   that never falls (by more than 1e-9 of it); what is given out is a copy.
 * - L9 `absorb` changes the rows of touched and new items alone, learns who errs, and survives `snapshot` and `restore`;
 *   the same answers with and without an `absorb` before give the same `aggregate`.
 *
 * Cost: O(M·K) beyond the rows that are asked for.
 */
export interface Aggregator extends Part {
  /** True when an item without annotations gets a row of zeros (majority vote). */
  readonly emptyRows: boolean;
  aggregate(request: AggregateRequest): void;
  /** What the last `aggregate` or `absorb` found; an aggregator that takes `workers` as given does not have it. */
  inferred?(): Inferred;
  /**
   * Takes in annotations `first`..count-1 (new items and workers too) without starting over: `posterior` holds what the
   * last call left, and gets the rows of touched items (and of new ones) brought up to date. Parameters move by what the
   * new answers say. Gold and prior of the other items are those of the last call. Where one of the entries takes an
   * earlier answer back, and before any `aggregate`, it is `aggregate`.
   * Cost: O(annotations of the touched items · K) beyond the work on the touched workers, nothing of size M or N.
   * `aggregate` afterwards gives what it would give without it. A part that has it has `snapshot` and `restore`.
   */
  absorb?(request: AggregateRequest, first: number): void;
}
