import type { Annotations } from './annotation-store.js';
import type { PrototypeAnswers } from './calibration.js';
import type { Part } from './part.js';
import type { Hit } from './sampler.js';
import type { Rng } from '../numbers/random.js';

/** What is known of the workers before the first answer: from a study, a qualification test, or the simulation. */
export interface WorkerKnowledge {
  /**
   * Answer counts summed over the workers of an earlier study, K×K `[true][observed]`. The worker model builds its
   * homogeneous priors from it. Null where nothing is known.
   */
  readonly pooledCounts: Float64Array | null;
  /**
   * Worker j's true confusion matrix, K×K `[true][observed]`, rows sum to 1: oracle knowledge, for the heterogeneous
   * priors and for `known` workers only. Null where nothing is known.
   */
  confusion(worker: number): Float64Array | null;
}

/** Questions, entry a in 0..count-1. */
export interface Questions {
  readonly count: number;
  readonly item: Int32Array;
  readonly worker: Int32Array;
}

/**
 * Workers who answer: simulated, replayed or real.
 *
 * Laws
 * - L1 every answer is a class, 0..K-1, or -1 where the worker declines the question.
 * - L2 deterministic: the same stream and the same questions in the same order give the same answers; each worker
 *   draws from a stream of its own, so that what one is asked does not change what another answers.
 * - L3 resumable: with its streams and its snapshot restored it goes on exactly as it would have.
 * - L4 knowledge is honest: rows of `confusion` sum to 1, counts are >= 0, and neither depends on the items' truth.
 * - L5 assigned: `assign` hands out items of the plan, none more often than the plan has it, none twice to one worker or to
 *   one who has answered it, and what it hands out is answered; where `may` allows an item, one question about it is left.
 *
 * Simulators inject `TruthToken` of `@quorate/core/truth`.
 */
export interface WorkerSimulator extends Part {
  /** Ids of the W workers, unique, stable for a seed: `w00`, `w01`, ... */
  readonly workerIds: readonly string[];
  readonly knowledge: WorkerKnowledge;
  /**
   * Writes the class that each asked worker names to `labels` (length >= count), or -1 where they decline. A declined
   * question costs nothing, and that worker is not asked about that item again. Draws come from `rng.fork(workerId)`.
   */
  answer(questions: Questions, labels: Int32Array, rng: Rng): void | Promise<void>;
  /**
   * False where nobody can say anything of the item, or this worker cannot: an expert who knows some items only, recorded
   * answers that are spent. Left out: anyone may be asked about anything.
   */
  may?(worker: number, item: number, annotations: Annotations): boolean;
  /**
   * Where a record says who answers: the plan with every item given to a worker whose answer to it is left, at most one
   * HIT for each worker; what nobody can answer any more is left out. Left out: those answer whom the sampler chose.
   */
  assign?(plan: readonly Hit[], annotations: Annotations): readonly Hit[];
  /**
   * The class probabilities behind a worker's answer about an item: K numbers that sum to 1. False, and nothing written,
   * where there are none. Depends on the item and the worker alone, in every process. Left out: these workers name classes only.
   */
  probabilities?(worker: number, item: number, out: Float64Array): boolean;
  /** What up to `each` workers say of every prototype. Left out: they cannot be asked about prototypes. */
  askPrototypes?(each: number): PrototypeAnswers;
}
