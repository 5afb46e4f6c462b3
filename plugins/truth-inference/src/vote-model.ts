import { softmax } from '@quorate/core/numbers';
import { type Snapshot, type WorkerConfusions } from '@quorate/core';
import type { AnswersByItem, ItemKnowledge } from './answers-by-item.js';
import { widened } from './confusion-model.js';
import { estimateClassPrior, type CrowdModel } from './crowd-model.js';
import { PRIOR_FLOOR, TINY } from './probability-floors.js';

/** What a rule reads and writes; W×K each, `[worker][observed]`. */
export interface Votes {
  readonly workers: number;
  readonly classes: number;
  /** How often worker j said z, and how often z was right: Σ_a y_i(z) [j_a = j, z_a = z]. */
  readonly said: Float64Array;
  readonly right: Float64Array;
  /** ln P_j(z | not z), and ln P_j(z | z) − ln P_j(z | not z). */
  readonly logWrong: Float64Array;
  readonly logOdds: Float64Array;
}

/** The M step of one model of this family. */
export interface VoteRule {
  /** Is ρ estimated? Else it is uniform. */
  readonly estimatesClassPrior: boolean;
  /** Parameters of workers of whom nothing is known, and the start of those of whom EM knows nothing yet. */
  estimate(votes: Votes, worker: number): number;
  /** See `CrowdModel.pool`. */
  pool(votes: Votes): number;
  skill(votes: Votes, worker: number): number;
  snapshot(): number;
  restore(shared: number): void;
}

/** A full set of matrices is given out only up to this many entries (1 GB). */
const MOST_ENTRIES = 2 ** 27;

/**
 * The models in which an answer z of worker j has one of two probabilities: P_j(z | z) where it is right, and one
 * P_j(z | not z) whatever else the truth is. So an answer adds to one class alone:
 *
 *     ln y_i(k) = ln ρ_k + Σ_a [z_a = k] (ln P_j(z_a | z_a) − ln P_j(z_a | not z_a)) + const
 *
 * No logarithm or exponential per answer; K exponentials an item.
 */
export class VoteModel implements CrowdModel, Votes {
  readonly classes: number;
  readonly classPrior: Float64Array;
  workers: number;
  said: Float64Array;
  right: Float64Array;
  logWrong: Float64Array;
  logOdds: Float64Array;
  #classCount: Float64Array;
  readonly #rule: VoteRule;

  constructor(workers: number, classes: number, rule: VoteRule) {
    const array = (): Float64Array => new Float64Array(workers * classes);
    this.classes = classes;
    this.classPrior = new Float64Array(classes).fill(1 / classes);
    this.workers = workers;
    this.said = array();
    this.right = array();
    this.logWrong = array();
    this.logOdds = array();
    this.#classCount = new Float64Array(classes);
    this.#rule = rule;
  }

  grow(workers: number): void {
    const from = this.workers;
    if (workers <= from) return;
    const length = workers * this.classes;
    this.said = widened(this.said, length);
    this.right = widened(this.right, length);
    this.logWrong = widened(this.logWrong, length);
    this.logOdds = widened(this.logOdds, length);
    this.workers = workers;
    for (let j = from; j < workers; j++) this.#rule.estimate(this, j);
  }

  expectation(answers: AnswersByItem, { prior, gold }: ItemKnowledge, rows: Float64Array): number {
    const { items, classes: K, start, worker, label } = answers;
    const { logWrong, logOdds } = this;
    const logPrior = this.classPrior.map(Math.log);
    const row = new Float64Array(K);
    let logLikelihood = 0;
    for (let i = 0; i < items; i++) {
      const from = start[i]!;
      const to = start[i + 1]!;
      const g = gold === null ? -1 : gold[i]!;
      if (from === to && g < 0) continue;
      const at = i * K;
      if (prior === null) for (let k = 0; k < K; k++) row[k] = logPrior[k]!;
      else for (let k = 0; k < K; k++) row[k] = Math.log(Math.max(prior[at + k]!, PRIOR_FLOOR));
      for (let a = from; a < to; a++) {
        const z = label[a]!;
        const x = worker[a]! * K + z;
        logLikelihood += logWrong[x]!;
        row[z]! += logOdds[x]!;
      }
      logLikelihood += g >= 0 ? row[g]! : softmax(row);
      if (g >= 0) {
        row.fill(0);
        row[g] = 1;
      }
      for (let k = 0; k < K; k++) rows[at + k] = row[k]!;
    }
    return logLikelihood;
  }

  clear(): void {
    this.said.fill(0);
    this.right.fill(0);
    this.#classCount.fill(0);
  }

  accumulate(answers: AnswersByItem, { gold }: ItemKnowledge, rows: Float64Array, sign: 1 | -1): void {
    const { items, classes: K, start, worker, label } = answers;
    const { said, right } = this;
    const classCount = this.#classCount;
    for (let i = 0; i < items; i++) {
      const from = start[i]!;
      const to = start[i + 1]!;
      const at = i * K;
      if (from === to && (gold === null || gold[i]! < 0)) continue;
      for (let k = 0; k < K; k++) classCount[k]! += sign * rows[at + k]!;
      for (let a = from; a < to; a++) {
        const z = label[a]!;
        const x = worker[a]! * K + z;
        said[x]! += sign;
        right[x]! += sign * rows[at + z]!;
      }
    }
  }

  maximize(): number {
    let penalty = 0;
    for (let j = 0; j < this.workers; j++) penalty += this.#rule.estimate(this, j);
    this.#estimateClassPrior();
    return penalty;
  }

  maximizeWorkers(workers: Iterable<number>, withClassPrior: boolean): void {
    for (const j of workers) this.#rule.estimate(this, j);
    if (withClassPrior) this.#estimateClassPrior();
  }

  #estimateClassPrior(): void {
    if (this.#rule.estimatesClassPrior) estimateClassPrior(this.#classCount, this.classPrior, TINY);
  }

  pool(): number {
    return this.#rule.pool(this);
  }

  skill(): Float64Array {
    return Float64Array.from({ length: this.workers }, (_, j) => this.#rule.skill(this, j));
  }

  logProbability(worker: number, observed: number, truth: number): number {
    const x = worker * this.classes + observed;
    return this.logWrong[x]! + (observed === truth ? this.logOdds[x]! : 0);
  }

  /** Null above 2^27 entries. */
  confusions(): WorkerConfusions | null {
    const { workers, classes: K } = this;
    if (workers * K * K > MOST_ENTRIES) return null;
    const probability = new Float64Array(workers * K * K);
    for (let j = 0; j < workers; j++) {
      for (let k = 0; k < K; k++) {
        let sum = 0;
        for (let z = 0; z < K; z++) sum += Math.exp(this.logProbability(j, z, k));
        for (let z = 0; z < K; z++) probability[(j * K + z) * K + k] = Math.exp(this.logProbability(j, z, k)) / sum;
      }
    }
    return { workers, classes: K, probability };
  }

  snapshot(): Snapshot {
    const size = this.workers * this.classes;
    return {
      workers: this.workers,
      said: this.said.slice(0, size),
      right: this.right.slice(0, size),
      logWrong: this.logWrong.slice(0, size),
      logOdds: this.logOdds.slice(0, size),
      classCount: this.#classCount.slice(),
      classPrior: this.classPrior.slice(),
      shared: this.#rule.snapshot(),
    };
  }

  restore(state: Snapshot): void {
    const saved = state as unknown as Votes & {
      readonly classCount: Float64Array;
      readonly classPrior: Float64Array;
      readonly shared: number;
    };
    this.workers = saved.workers;
    this.said = Float64Array.from(saved.said);
    this.right = Float64Array.from(saved.right);
    this.logWrong = Float64Array.from(saved.logWrong);
    this.logOdds = Float64Array.from(saved.logOdds);
    this.#classCount = Float64Array.from(saved.classCount);
    this.classPrior.set(saved.classPrior);
    this.#rule.restore(saved.shared);
  }
}

/** Sets P_j(z | z) and P_j(z | not z) of one entry, none below 1e-18. */
export function setProbabilities({ logWrong, logOdds }: Votes, entry: number, right: number, wrong: number): void {
  logWrong[entry] = Math.log(Math.max(wrong, TINY));
  logOdds[entry] = Math.log(Math.max(right, TINY)) - logWrong[entry];
}
