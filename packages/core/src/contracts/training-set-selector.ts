import type { LearnRequest } from './learner.js';
import type { Part } from './part.js';

/** Rows of the features (0..N-1 items) with the class that each is trained on, and its weight. */
export interface TrainingSet {
  readonly rows: Int32Array;
  readonly labels: Int32Array;
  /** Length of `rows`, > 0; null when all count alike. */
  readonly weights: Float32Array | null;
  /** Learn from these rows, too, without a class. A learner that does not know MixMatch trains on `rows` alone. */
  readonly mixMatch?: MixMatch;
}

/**
 * Semi-supervised training [Berthelot19] on feature vectors: the network's own guesses of unlabelled rows, sharpened,
 * and every row of a minibatch mixed with another one.
 *
 *     q ∝ p^(1/temperature),   x' = λx + (1-λ)x_π,  t' = λt + (1-λ)t_π,   λ = max(l, 1-l),  l ~ Beta(alpha, alpha)
 *     loss = mean of H(t', p') over labelled rows + weight · mean over rows and classes of (p' - t')² over unlabelled ones
 */
export interface MixMatch {
  /** Distinct, ascending, 0..N-1, none of the labelled rows. */
  readonly unlabelled: Int32Array;
  /** μ >= 1, unlabelled rows of a minibatch for each labelled one. */
  readonly mu: number;
  /** >= 0; 0 mixes nothing. */
  readonly alpha: number;
  /** > 0; below 1 sharpens a guess. */
  readonly temperature: number;
  /** >= 0, of the unlabelled loss at the end of the training; it grows in proportion to the steps. */
  readonly weight: number;
  /** Normal noise on every row that is trained on, in standard deviations of the column, >= 0. */
  readonly noise: number;
}

/**
 * Chooses which items a learner trains on and with which class: annotated ones, confident ones, ...
 *
 * Laws
 * - L1 rows are distinct, ascending, 0..N-1; labels 0..K-1; weights > 0. An empty set is allowed. Unlabelled rows are
 *   distinct, ascending, 0..N-1, and none of the labelled ones; what else MixMatch needs is in its range.
 * - L2 deterministic and pure.
 */
export interface TrainingSetSelector extends Part {
  select(request: LearnRequest): TrainingSet;
}
