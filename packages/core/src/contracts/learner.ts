import type { Annotations } from './annotation-store.js';
import type { Part } from './part.js';
import type { Dataset } from '../data/dataset.js';
import type { Rng } from '../numbers/random.js';

export interface LearnRequest {
  /** Features of items and prototypes, and the prototypes' classes. */
  readonly dataset: Dataset;
  readonly annotations: Annotations;
  /** Current belief, N×K row-major; it may contain what this learner said in the step before. */
  readonly posterior: Float64Array;
  /** R_i, length N. */
  readonly risk: Float64Array;
  readonly riskThreshold: number;
  /**
   * Writes Σ_a ln P_j(z_a | k) over item i's annotations, without prior and learner, in nats, to `out` (length K): for a
   * learner that must leave an item's own answers out.
   */
  annotationLogLikelihood(item: number, out: Float64Array): void;
  /** What models say of the items; left out where none answers. */
  readonly voices?: ModelVoices;
}

/**
 * Writes the likelihood of what models say of an item, as a function of its class, to `out` (length K, the greatest 1), as far as
 * they were believed after the step before; without people's answers to the item. False, and nothing written, where they
 * say nothing. They are not among the annotations: people's answers judge a learner, models' do not.
 */
export type ModelVoices = (item: number, out: Float64Array) => boolean;

export interface LearnerOutput {
  /** P(class | features) of the N items, N×K row-major, rows sum to 1 within 1e-4. Not written to afterwards. */
  readonly probability: Float32Array;
  /** True when item i's own annotations may have shaped row i. */
  readonly includesOwnAnswers: boolean;
}

/**
 * Learns classes from fixed features, the prototypes and the current beliefs.
 *
 * Laws
 * - L1 returns N rows that sum to 1, without NaN, for every valid request: one class missing, one item, duplicate rows,
 *   constant columns, two prototypes. Null means that it has nothing to say (the `none` learner, always).
 * - L2 deterministic for a stream.
 * - L3 pure: the request is left as it was.
 * - L4 resumable: restored from `snapshot` it goes on exactly as the original would.
 * - L5 `lastOutput`, where there is one, is what `fitPredict` returned last, byte for byte, also after `restore`.
 * - L6 leave-one-out: where `includesOwnAnswers` is false, row i does not depend on the answers to item i: not as an example, and
 *   not by what they choose (weights, a temperature). Features of noise then say nothing of an item's own answers.
 */
export interface Learner extends Part {
  fitPredict(request: LearnRequest, rng: Rng): LearnerOutput | null | Promise<LearnerOutput | null>;
  /**
   * What `fitPredict` returned last, in this process or before `restore`; not called where it never was. A learner that
   * can compute it again from its state saves the checkpoint of an optimizer those N×K numbers.
   */
  lastOutput?(): Promise<LearnerOutput | null>;
}
