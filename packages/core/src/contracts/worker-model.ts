import type { Annotations } from './annotation-store.js';
import type { Part } from './part.js';
import type { Rng } from '../numbers/random.js';

/** Confusion matrices of all workers, as the E step reads them. */
export interface WorkerConfusions {
  /** W and K. */
  readonly workers: number;
  readonly classes: number;
  /**
   * P_j(z | k), laid out [worker][observed z][true k]: entry (j*K + z)*K + k, so that one annotation multiplies one
   * contiguous row of length K. For every j and k the entries over z sum to 1; all in 0..1. At least W·K·K long.
   */
  readonly probability: Float64Array;
}

/**
 * How workers err: the M step of EM.
 *
 *     P_j(z | k) = (α_kz + Σ_a y_i(k) [j_a = j, z_a = z]) / Σ_z' (same)         soft counts; hard: y replaced by arg max
 *
 * Laws
 * - L1 for every worker and true class the probabilities of the answers sum to 1 within 1e-9 and are >= 0.
 * - L2 `reset` forgets all annotations: what `confusions` shows afterwards depends on the prior alone.
 * - L3 `update` depends on the annotations and the posterior given, not on earlier updates.
 * - L4 symmetric in workers (they may have different priors) and, ties aside, in classes.
 * - L5 pure: annotations and posterior are left as they were; same stream, same result.
 * - L6 a worker without annotations keeps the prior; in a model that pools its workers (the suite's capability `pools`)
 *   the others are their prior, and all workers without annotations are alike.
 *
 * Cost of `update`: O(M·K + W·K²), nothing of size N.
 */
export interface WorkerModel extends Part {
  readonly confusions: WorkerConfusions;
  /** Forgets what the annotations said, and makes room for `workers` workers. */
  reset(workers: number): void;
  update(annotations: Annotations, posterior: Float64Array, rng: Rng): void;
}
