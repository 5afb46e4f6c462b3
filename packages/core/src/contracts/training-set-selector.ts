import type { LearnRequest } from './learner.js';
import type { Part } from './part.js';

/** Rows of the features (0..N-1 items) with the class that each is trained on, and its weight. */
export interface TrainingSet {
  readonly rows: Int32Array;
  readonly labels: Int32Array;
  /** Length of `rows`, > 0; null when all count alike. */
  readonly weights: Float32Array | null;
}

/**
 * Chooses which items a learner trains on and with which class: annotated ones, confident ones, ...
 *
 * Laws
 * - L1 rows are distinct, ascending, 0..N-1; labels 0..K-1; weights > 0. An empty set is allowed.
 * - L2 deterministic and pure.
 */
export interface TrainingSetSelector extends Part {
  select(request: LearnRequest): TrainingSet;
}
