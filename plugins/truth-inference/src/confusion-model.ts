import { QuorateError, type Snapshot, type WorkerConfusions } from '@quorate/core';
import type { AnswersByItem, ItemKnowledge } from './answers-by-item.js';
import { estimateClassPrior, type CrowdModel } from './crowd-model.js';
import { PRIOR_FLOOR, TINY } from './probability-floors.js';

/** As many factors >= 1e-18 can be multiplied and stay above the smallest normal double; more need logarithms. */
const LINEAR_FACTORS = 15;

/** Matrices with more entries in all (1 GB, twice) are refused, before the memory is full. */
const MOST_ENTRIES = 2 ** 27;

/** A longer step leaves at least this share of the probability that the M step says. */
const LEAST_SHARE = 0.1;

/**
 * Dawid and Skene's model: P_j(z | k) is any confusion matrix. [DawidSkene79]
 *
 * M step with Dirichlet pseudo-counts, α_kk = strength · accuracy and α_kz = strength · (1 − accuracy) / (K − 1) where
 * z ≠ k, of which `accuracy` is pooled over all answers:
 *
 *     n_j(z, k) = Σ_a y_i(k) [j_a = j, z_a = z],    P_j(z | k) = (n_j(z, k) + α_kz) / (Σ_z' n_j(z', k) + strength)
 *
 * With strength 0 and nothing expected of class k the row is 1/K. No probability is below 1e-18.
 */
export class ConfusionModel implements CrowdModel {
  readonly classes: number;
  readonly classPrior: Float64Array;
  readonly #strength: number;
  #workers: number;
  /** n_j(z, k) and P_j(z | k), both laid out [worker][observed z][true k], W×K×K. */
  #counts: Float64Array;
  #probability: Float64Array;
  #classCount: Float64Array;
  #accuracy: number;

  /** @param strength Pseudo-counts of each row of each worker, >= 0. Throws AGGREGATOR_UNSUITED above 2^27 entries. */
  constructor(workers: number, classes: number, strength: number) {
    if (workers * classes ** 2 > MOST_ENTRIES) throw tooLarge(workers, classes);
    this.classes = classes;
    this.classPrior = new Float64Array(classes).fill(1 / classes);
    this.#strength = strength;
    this.#workers = workers;
    this.#counts = new Float64Array(workers * classes * classes);
    this.#probability = new Float64Array(workers * classes * classes);
    this.#classCount = new Float64Array(classes);
    this.#accuracy = 1 / classes;
  }

  grow(workers: number): void {
    const from = this.#workers;
    if (workers <= from) return;
    const length = workers * this.classes ** 2;
    this.#counts = widened(this.#counts, length);
    this.#probability = widened(this.#probability, length);
    this.#workers = workers;
    for (let j = from; j < workers; j++) this.#maximizeWorker(j);
  }

  expectation(answers: AnswersByItem, { prior, gold }: ItemKnowledge, rows: Float64Array): number {
    const { items, classes: K, start, worker, label } = answers;
    const probability = this.#probability;
    const classPrior = this.classPrior;
    const row = new Float64Array(K);
    const matrixRow = new Int32Array(LINEAR_FACTORS);
    let logLikelihood = 0;
    for (let i = 0; i < items; i++) {
      const from = start[i]!;
      const to = start[i + 1]!;
      const g = gold === null ? -1 : gold[i]!;
      if (from === to && g < 0) continue;
      const at = i * K;
      const n = to - from;
      let sum = 0;
      if (n > LINEAR_FACTORS || g >= 0 || prior !== null) {
        for (let k = 0; k < K; k++) row[k] = prior === null ? classPrior[k]! : Math.max(prior[at + k]!, PRIOR_FLOOR);
        logLikelihood += multiplyMany(answers, probability, from, to, row);
        for (let k = 0; k < K; k++) sum += rows[at + k] = g < 0 || g === k ? row[k]! : 0;
      } else {
        for (let x = 0; x < n; x++) matrixRow[x] = (worker[from + x]! * K + label[from + x]!) * K;
        sum = multiplyFew(probability, matrixRow, n, classPrior, rows, at);
      }
      if (g >= 0) {
        rows[at + g] = 1;
        logLikelihood += Math.log(Math.max(sum, Number.MIN_VALUE));
        continue;
      }
      logLikelihood += Math.log(sum);
      const scale = 1 / sum;
      for (let x = at; x < at + K; x++) rows[x]! *= scale;
    }
    return logLikelihood;
  }

  clear(): void {
    this.#counts.fill(0);
    this.#classCount.fill(0);
  }

  accumulate(answers: AnswersByItem, { gold }: ItemKnowledge, rows: Float64Array, sign: 1 | -1): void {
    const { items, classes: K, start, worker, label } = answers;
    const counts = this.#counts;
    const classCount = this.#classCount;
    const row = new Float64Array(K);
    for (let i = 0; i < items; i++) {
      const from = start[i]!;
      const to = start[i + 1]!;
      if (from === to && (gold === null || gold[i]! < 0)) continue;
      for (let k = 0; k < K; k++) {
        row[k] = sign * rows[i * K + k]!;
        classCount[k]! += row[k]!;
      }
      for (let a = from; a < to; a++) addRow(counts, (worker[a]! * K + label[a]!) * K, row);
    }
  }

  maximize(step: number): number {
    for (let j = 0; j < this.#workers; j++) this.#maximizeWorker(j, step);
    estimateClassPrior(this.#classCount, this.classPrior, TINY);
    return this.#logPrior();
  }

  maximizeWorkers(workers: Iterable<number>, withClassPrior: boolean): void {
    for (const j of workers) this.#maximizeWorker(j);
    if (withClassPrior) estimateClassPrior(this.#classCount, this.classPrior, TINY);
  }

  #maximizeWorker(j: number, step = 1): void {
    const K = this.classes;
    const counts = this.#counts;
    const probability = this.#probability;
    const [on, off] = this.#pseudoCounts();
    for (let k = 0; k < K; k++) {
      const column = j * K * K + k;
      let total = this.#strength;
      for (let z = 0; z < K; z++) total += Math.max(0, counts[column + z * K]!);
      let sum = 0;
      for (let z = 0; z < K; z++) {
        const x = column + z * K;
        let p = total > 0 ? (counts[x]! + (z === k ? on : off)) / total : 1 / K;
        if (step > 1) p = Math.max(p * LEAST_SHARE, probability[x]! + step * (p - probability[x]!));
        sum += probability[x] = p > TINY ? p : TINY;
      }
      if (step > 1) for (let z = 0; z < K; z++) probability[column + z * K]! /= sum;
    }
  }

  /** α_kk and α_kz. */
  #pseudoCounts(): [number, number] {
    const on = this.#strength * (this.classes > 1 ? this.#accuracy : 1);
    return [on, this.classes > 1 ? (this.#strength - on) / (this.classes - 1) : 0];
  }

  /** Σ_j Σ_kz α_kz ln P_j(z | k): the log density of the Dirichlet prior, up to a constant. */
  #logPrior(): number {
    if (this.#strength === 0) return 0;
    const K = this.classes;
    const [on, off] = this.#pseudoCounts();
    let right = 0;
    let wrong = 0;
    for (let x = 0; x < this.#workers * K; x++) {
      const z = x % K;
      for (let k = 0; k < K; k++) {
        const log = Math.log(this.#probability[x * K + k]!);
        if (k === z) right += log;
        else wrong += log;
      }
    }
    return on * right + off * wrong;
  }

  pool(): number {
    if (this.#strength === 0) return 0;
    const K = this.classes;
    let right = 0;
    let total = 0;
    for (let x = 0; x < this.#workers * K; x++) {
      right += this.#counts[x * K + (x % K)]!;
      for (let k = 0; k < K; k++) total += this.#counts[x * K + k]!;
    }
    const before = this.#accuracy;
    this.#accuracy = total > 0 ? right / total : 1 / K;
    return Math.abs(this.#accuracy - before);
  }

  /** Σ_k ρ_k P_j(k | k). */
  skill(): Float64Array {
    const K = this.classes;
    return Float64Array.from({ length: this.#workers }, (_, j) => {
      let right = 0;
      for (let k = 0; k < K; k++) right += this.classPrior[k]! * this.#probability[(j * K + k) * K + k]!;
      return Math.min(1, right);
    });
  }

  confusions(): WorkerConfusions {
    const size = this.#workers * this.classes ** 2;
    return { workers: this.#workers, classes: this.classes, probability: this.#probability.slice(0, size) };
  }

  logProbability(worker: number, observed: number, truth: number): number {
    return Math.log(this.#probability[(worker * this.classes + observed) * this.classes + truth]!);
  }

  snapshot(): Snapshot {
    const size = this.#workers * this.classes ** 2;
    return {
      workers: this.#workers,
      counts: this.#counts.slice(0, size),
      probability: this.#probability.slice(0, size),
      classCount: this.#classCount.slice(),
      classPrior: this.classPrior.slice(),
      accuracy: this.#accuracy,
    };
  }

  restore(state: Snapshot): void {
    const saved = state as unknown as Saved;
    this.#workers = saved.workers;
    this.#counts = Float64Array.from(saved.counts);
    this.#probability = Float64Array.from(saved.probability);
    this.#classCount = Float64Array.from(saved.classCount);
    this.classPrior.set(saved.classPrior);
    this.#accuracy = saved.accuracy;
  }
}

interface Saved {
  readonly workers: number;
  readonly counts: Float64Array;
  readonly probability: Float64Array;
  readonly classCount: Float64Array;
  readonly classPrior: Float64Array;
  readonly accuracy: number;
}

/**
 * The usual case: rows[at + k] = ρ_k Π_x P[matrixRow[x] + k] over the first n entries. Four classes at a time, whose products
 * stay in registers: three times as fast as answer by answer. @returns Σ_k rows[at + k].
 */
function multiplyFew(
  probability: Float64Array,
  matrixRow: Int32Array,
  n: number,
  classPrior: Float64Array,
  rows: Float64Array,
  at: number,
): number {
  const K = classPrior.length;
  let sum = 0;
  let k = 0;
  for (; k + 3 < K; k += 4) {
    let p0 = classPrior[k]!;
    let p1 = classPrior[k + 1]!;
    let p2 = classPrior[k + 2]!;
    let p3 = classPrior[k + 3]!;
    for (let x = 0; x < n; x++) {
      const p = matrixRow[x]! + k;
      p0 *= probability[p]!;
      p1 *= probability[p + 1]!;
      p2 *= probability[p + 2]!;
      p3 *= probability[p + 3]!;
    }
    rows[at + k] = p0;
    rows[at + k + 1] = p1;
    rows[at + k + 2] = p2;
    rows[at + k + 3] = p3;
    sum += p0 + p1 + p2 + p3;
  }
  for (; k < K; k++) {
    let p = classPrior[k]!;
    for (let x = 0; x < n; x++) p *= probability[matrixRow[x]! + k]!;
    sum += rows[at + k] = p;
  }
  return sum;
}

/** counts[at + k] += row[k], four at a time. */
function addRow(counts: Float64Array, at: number, row: Float64Array): void {
  const K = row.length;
  let k = 0;
  for (; k + 3 < K; k += 4) {
    counts[at + k]! += row[k]!;
    counts[at + k + 1]! += row[k + 1]!;
    counts[at + k + 2]! += row[k + 2]!;
    counts[at + k + 3]! += row[k + 3]!;
  }
  for (; k < K; k++) counts[at + k]! += row[k]!;
}

/** The row's product, in logarithms of blocks of 15 factors. @returns ln of what the row was divided by. */
function multiplyMany(
  { worker, label }: AnswersByItem,
  probability: Float64Array,
  from: number,
  to: number,
  row: Float64Array,
): number {
  const K = row.length;
  const log = row.map(Math.log);
  row.fill(1);
  let factors = 0;
  for (let a = from; a < to; a++) {
    const p = (worker[a]! * K + label[a]!) * K;
    for (let k = 0; k < K; k++) row[k]! *= probability[p + k]!;
    if (++factors < LINEAR_FACTORS && a + 1 < to) continue;
    for (let k = 0; k < K; k++) log[k]! += Math.log(row[k]!);
    row.fill(1);
    factors = 0;
  }
  let max = -Infinity;
  for (let k = 0; k < K; k++) if (log[k]! > max) max = log[k]!;
  for (let k = 0; k < K; k++) row[k] = Math.exp(log[k]! - max);
  return max;
}

function tooLarge(workers: number, classes: number): QuorateError {
  return new QuorateError('AGGREGATOR_UNSUITED', {
    where: 'confusion matrices',
    expected: `at most ${MOST_ENTRIES} entries (workers × classes²)`,
    got: `${workers} workers and ${classes} classes`,
    fix: 'Check which column holds the label, or use one_coin or majority_vote.',
  });
}

/** Room for `length` entries and some more: the old ones, and zeros. */
export function widened(old: Float64Array, length: number): Float64Array {
  if (old.length >= length) return old;
  const wide = new Float64Array(length + (length >> 2));
  wide.set(old);
  return wide;
}
