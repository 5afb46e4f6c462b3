import type { Annotations } from './annotation-store.js';
import type { KnownClasses } from '../data/known-classes.js';
import type { LearnerOutput, LearnRequest, ModelVoices } from './learner.js';
import type { Part } from './part.js';
import type { WorkerConfusions } from './worker-model.js';
import type { Rng } from '../numbers/random.js';

export interface OptimizeRequest {
  readonly annotations: Annotations;
  /** For a learner that selects its training rows by risk. */
  readonly riskThreshold: number;
  /**
   * Items whose class is known from the start, the same in every step: gold, whose answers tell how workers err. An optimizer
   * that makes no use of it infers them as it does the others; they are delivered with their class all the same.
   */
  readonly known?: KnownClasses;
  /** Called between the phases of a step, for progress and cancellation; may throw to cancel. */
  readonly onPhase?: (phase: string) => void;
  /** What models say of the items. Their answers are not among the annotations. Left out where none is asked. */
  readonly models?: ModelEvidence;
}

/** Answers of models: evidence that people's answers weigh. */
export interface ModelEvidence {
  /**
   * P(class | learner, models), N×K, to be used where the learner's own output is: what the learner says (null: nothing), times
   * what the models say, as far as people's answers support it. The models' answers about item i are weighed
   * without people's answers to item i.
   */
  join(request: LearnRequest, learned: LearnerOutput | null): LearnerOutput | null;
  /** For the learner's request. */
  readonly voices: ModelVoices;
}

export interface Beliefs {
  /** P(class | annotations, workers, learner), N×K row-major. Valid until the next step. */
  readonly posterior: Float64Array;
  /** R_i = 1 - max_k posterior, length N. Valid until the next step. */
  readonly risk: Float64Array;
  readonly workers: WorkerConfusions;
  /** What the learner says of every item, null without one. */
  readonly learner: LearnerOutput | null;
  /** EM iterations of this step, and whether they met the stop test. */
  readonly iterations: number;
  readonly converged: boolean;
}

/**
 * Infers labels and worker skill from the annotations so far, with the aggregator, the worker model and the learner of
 * the run.
 *
 * Laws
 * - L1 no annotations: returns beliefs, with rows of the posterior that sum to 1 (or zero rows of majority vote).
 * - L2 terminates within its number of iterations on every input.
 * - L3 deterministic for a stream; pure in the annotations.
 * - L4 resumable: restored from `snapshot` it goes on exactly as the original would.
 * - L6 models: the learner is told what they say (`voices`), and what `models.join` makes of the learner's output takes its place, in the posterior and in `learner`.
 * - L5 blind: the result does not depend on anything but annotations, prior knowledge of workers, features, prototypes.
 *
 * Cost of a step: O(iterations · M·K) plus a constant number of passes over N×K.
 */
export interface Optimizer extends Part {
  step(request: OptimizeRequest, rng: Rng): Beliefs | Promise<Beliefs>;
}
