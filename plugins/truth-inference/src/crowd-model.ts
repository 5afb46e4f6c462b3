import type { Inferred, Snapshot, WorkerConfusions } from '@quorate/core';
import { voteShares, type AnswersByItem, type ItemKnowledge } from './answers-by-item.js';
import { ascend, type Ascent, type AscentOptions } from './ascent.js';

/**
 * A model of how a crowd errs whose parameters follow from expected counts of answers: what EM needs of it.
 *
 *     y_i(k) ∝ ρ_k Π_a P_j(z_a | k)           a = (i, j, z) over item i's answers; prior_i(k) instead of ρ_k where given
 */
export interface CrowdModel {
  readonly classes: number;
  /** ρ, length K. */
  readonly classPrior: Float64Array;
  /** Makes room for more workers, of whom nothing is known. */
  grow(workers: number): void;
  /**
   * E step. Rows of items with neither answers nor gold are left alone: they say nothing.
   * @param rows Out, items×K: y. @returns Σ_i ln Σ_k ρ_k Π_a P_j(z_a | k) in nats; of a gold item only its class's term.
   */
  expectation(answers: AnswersByItem, knowledge: ItemKnowledge, rows: Float64Array): number;
  /** Forgets all expected counts. */
  clear(): void;
  /** Adds sign · the expected counts of these answers, if `rows` is what the items are. */
  accumulate(answers: AnswersByItem, knowledge: ItemKnowledge, rows: Float64Array, sign: 1 | -1): void;
  /**
   * M step for all workers, and of ρ. A model may go `step` times as far from its present parameters as the M step says.
   * @returns What the objective has beyond the E step's value (a log prior, −KL), in nats.
   */
  maximize(step: number): number;
  /** M step for some workers, and of ρ where `withClassPrior`. */
  maximizeWorkers(workers: Iterable<number>, withClassPrior: boolean): void;
  /** Re-estimates what the workers share beside ρ. @returns By how much it moved; 0 where there is no such thing. */
  pool(): number;
  /** Skill of each worker in 0..1, length W. */
  skill(): Float64Array;
  confusions(): WorkerConfusions | null;
  /** ln P_j(z | k), for predicting an answer. */
  logProbability(worker: number, observed: number, truth: number): number;
  snapshot(): Snapshot;
  restore(state: Snapshot): void;
}

/** A shared parameter that moves less than this has settled. */
const SETTLED = 1e-6;
/** Each iteration that raises the objective makes the next step so many times longer, up to the longest. */
const LONGER = 1.3;
const LONGEST = 30;

/**
 * EM from the shares of the votes to convergence. While the workers share a parameter (the pooled accuracy), it is
 * re-estimated in each iteration until it has settled; the objective is that of the iterations afterwards, in which it
 * stays: then EM never lowers it.
 *
 * Over-relaxed, since EM creeps where answers are few: M steps grow longer as long as the objective rises, and one that
 * lowers it is taken again at its own length, which never does. R. Salakhutdinov, S. Roweis: Adaptive Overrelaxed Bound
 * Optimization Methods, ICML 2003.
 */
export function fitByEm(
  model: CrowdModel,
  answers: AnswersByItem,
  knowledge: ItemKnowledge,
  rows: Float64Array,
  options: AscentOptions,
): Ascent {
  const count = (): void => {
    model.clear();
    model.accumulate(answers, knowledge, rows, 1);
  };
  const move = (step: number): number => model.maximize(step) + model.expectation(answers, knowledge, rows);
  voteShares(answers, knowledge.gold, rows);
  count();
  model.pool();
  let settling = 0;
  // The first call of `pool` above has set it; a model without shared parameters moves by 0 and settles at once.
  for (let moved = Infinity; moved > SETTLED && settling < options.maxIterations - 1;) {
    move(1);
    count();
    moved = model.pool();
    if (moved > 0) settling++;
  }
  let step = 1;
  let before = -Infinity;
  const ascent = ascend(
    () => {
      let value = move(step);
      if (value < before) {
        value = move(1);
        step = 1;
      } else step = Math.min(LONGEST, step * LONGER);
      before = value;
      count();
      return value;
    },
    { ...options, maxIterations: options.maxIterations - settling },
  );
  return { ...ascent, iterations: ascent.iterations + settling };
}

/** Writes the rows of items with neither answers nor gold: the learner's, else the class prior. */
export function fillUnanswered(
  { items, classes: K, start }: AnswersByItem,
  { prior, gold }: ItemKnowledge,
  classPrior: Float64Array,
  rows: Float64Array,
): void {
  let sum = 0;
  for (let k = 0; k < K; k++) sum += classPrior[k]!;
  for (let i = 0; i < items; i++) {
    if (start[i] !== start[i + 1] || (gold?.[i] ?? -1) >= 0) continue;
    if (prior) normalized(prior, i * K, rows, i * K, K);
    else for (let k = 0; k < K; k++) rows[i * K + k] = classPrior[k]! / sum;
  }
}

function normalized(from: ArrayLike<number>, at: number, to: Float64Array, start: number, K: number): void {
  let sum = 0;
  for (let k = 0; k < K; k++) sum += from[at + k]!;
  for (let k = 0; k < K; k++) to[start + k] = sum > 0 ? from[at + k]! / sum : 1 / K;
}

/** ρ_k = n(k) / Σ_k' n(k'), uniform where nothing is known. @param count n. @param classPrior Out: ρ. */
export function estimateClassPrior(count: Float64Array, classPrior: Float64Array, floor: number): void {
  const K = count.length;
  let total = 0;
  for (let k = 0; k < K; k++) total += Math.max(0, count[k]!);
  for (let k = 0; k < K; k++) classPrior[k] = total > 0 ? Math.max(count[k]! / total, floor) : 1 / K;
}

export type Described = Omit<Inferred, 'notes'>;
