import type { Annotations } from './annotation-store.js';
import type { LearnerOutput } from './learner.js';
import type { Part } from './part.js';
import type { WorkerConfusions } from './worker-model.js';
import type { Rng } from '../numbers/random.js';

/** A batch of items given to one worker. */
export interface Hit {
  /** Worker index j, 0..W-1. */
  readonly worker: number;
  /** Item indices, distinct. */
  readonly items: Int32Array;
}

/** What a sampler may see of a step. There is no truth here, and there must never be. */
export interface SampleRequest {
  readonly annotations: Annotations;
  /** P(class | annotations, workers, learner), N×K row-major; rows sum to 1 (majority vote: or to 0). */
  readonly posterior: Float64Array;
  /** R_i = 1 - max_k posterior, length N. Unit: probability of error. */
  readonly risk: Float64Array;
  /** An item with R_i <= riskThreshold is done. 0 < riskThreshold < 1. */
  readonly riskThreshold: number;
  /** Most annotations that this plan may ask for (what is left of the budget); Infinity without a budget. */
  readonly budgetLeft: number;
  /** P(worker j names k | truth is k), as the worker model has it now. */
  skill(worker: number, k: number): number;
  /** The same with all wrong answers: P(worker j names z | truth is k). */
  readonly confusions: WorkerConfusions;
  /** What the learner says of every item: N×K class probabilities. Null without a learner. */
  readonly learner: LearnerOutput | null;
  /**
   * False where the worker must not be asked about the item: they declined, or whoever runs the project rules it out.
   * It says nothing about earlier answers (`hasAnswered`). O(1); one request always gives the same answer.
   */
  readonly may: (worker: number, item: number) => boolean;
  /** Price of an answer of each worker, length >= W, >= 0. Left out where all cost the same. */
  readonly prices?: Float64Array;
}

/**
 * Chooses which items to ask about next, and whom to ask.
 *
 *     open_i  ⇔  R_i > τ  and  n_i < the sampler's cap per item,      R_i = 1 - max_k p(y_i = k | Z, X)     [Liao21]
 *
 * Laws
 * - L1 terminates for every request, also when fewer items are open than one HIT holds.
 * - L2 honest plan: indices are in range, items within a HIT are distinct, no worker serves two HITs of one plan, and
 *   the plan asks for at most `budgetLeft` annotations.
 * - L3 cap: counting the plan's own answers no item gets more annotations than the sampler's cap.
 * - L4 empty means done: the plan is empty when no item is open, and while an item is open and someone may be asked
 *   about it within the budget, the plan is not empty. A sampler may hold an item to be beyond help, which is then not
 *   open, and may ask about items that are not open before it has seen a certain number of annotations; the suite's
 *   capabilities `givesUp` and `minAnnotations` say when.
 * - L5 no repeats: a worker is never asked twice about one item, unless the option `allowRepeats` says so.
 * - L6 deterministic: same request, same state, same stream: same plan.
 * - L7 pure: the request is left as it was.
 * - L8 permitted: nobody is asked about an item that `may` rules out for them. "May be asked" in L4 includes this.
 * - L9 `check` accepts a project that its options fit, and throws nothing but CONFIG_INVALID.
 *
 * Cost: O(N + hits · (N + W)) time, O(N + W) memory; nothing of size N·W.
 */
export interface Sampler extends Part {
  /** Most annotations that one plan asks for: hits per step times items per HIT. */
  readonly annotationsPerStep: number;
  /**
   * Throws CONFIG_INVALID when its options do not fit N items and W workers. Called before the run writes or asks
   * anything.
   */
  check?(run: { readonly items: number; readonly workers: number }): void;
  plan(request: SampleRequest, rng: Rng): readonly Hit[];
}
