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
  /** Out: P(class | annotations, workers, prior), N×K row-major, overwritten. */
  readonly posterior: Float64Array;
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
 *
 * Cost: O(M·K) beyond the rows that are asked for.
 */
export interface Aggregator extends Part {
  /** True when an item without annotations gets a row of zeros (majority vote). */
  readonly emptyRows: boolean;
  aggregate(request: AggregateRequest): void;
}
