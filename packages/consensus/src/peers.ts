import type { Annotations, WorkerConfusions } from '@quorate/core';

/** What was inferred, as far as it says what an item is without one of its workers. */
export interface PeerModel {
  readonly annotations: Annotations;
  /** How workers err, where the aggregator's model has that; null: answers count alike. */
  readonly confusions: WorkerConfusions | null;
  /** Share of each class, length K; null: all alike. */
  readonly classPrior: Float64Array | null;
  /** True class of item i where it is known, -1 elsewhere; null where none is. */
  readonly gold: Int32Array | null;
}

/** Called for each answer of a worker that can be compared: its number and y_{i,-j}, length K, reused. */
export type ComparedAnswer = (a: number, peers: Float64Array) => void;

/** A probability of 0 would silence all other answers for good; the smallest that an answer is taken to have. */
const FLOOR = 1e-9;

/**
 * What the others say: the class of an item i without the answers of worker j,
 *
 *     y_{i,-j}(k) ∝ π(k) Π_{a of i, j_a ≠ j} P_{j_a}(z_a | k)             where the model has confusion matrices
 *     y_{i,-j}(k) = 1/t for the t classes with the most votes of others    elsewhere: their majority
 *
 * so that a worker is not compared with himself: with few answers a task, half of an agreement would be his own voice.
 * (What remains of it: the matrices of the others were fitted with his answers among the data.) A gold item is its true
 * class. Answers to items that nobody else answered are not compared.
 *
 * Made once, O(N·K + M·K); each worker then costs O(K) an answer.
 */
export class Peers {
  readonly #model: PeerModel;
  /** Per item and class: sum of log-likelihoods, or number of votes. */
  readonly #total: Float64Array;
  /** Log-probabilities in the layout of `WorkerConfusions`; null where votes are counted. */
  readonly #log: Float64Array | null;
  /** Last worker (plus one) that was seen at an item, and how often. */
  readonly #seenBy: Int32Array;
  readonly #times: Int32Array;

  constructor(model: PeerModel) {
    this.#model = model;
    const { annotations, confusions, classPrior } = model;
    const { items, workers, classes: K, count, item, worker, label } = annotations;
    this.#total = new Float64Array(items * K);
    this.#seenBy = new Int32Array(items);
    this.#times = new Int32Array(items);
    this.#log = confusions && new Float64Array(workers * K * K);
    const log = this.#log;
    if (!log) {
      for (let a = 0; a < count; a++) this.#total[item[a]! * K + label[a]!]!++;
      return;
    }
    for (let x = 0; x < log.length; x++) log[x] = Math.log(Math.max(FLOOR, confusions!.probability[x]!));
    if (classPrior) {
      const prior = classPrior.map((share) => Math.log(Math.max(FLOOR, share)));
      for (let i = 0; i < items; i++) this.#total.set(prior, i * K);
    }
    for (let a = 0; a < count; a++) {
      const to = item[a]! * K;
      const from = (worker[a]! * K + label[a]!) * K;
      for (let k = 0; k < K; k++) this.#total[to + k]! += log[from + k]!;
    }
  }

  /** Visits the answers of worker j that can be compared, in order of arrival (several to one item together). */
  visit(j: number, visitor: ComparedAnswer): void {
    const { annotations, gold } = this.#model;
    const { classes: K, firstOfWorker, nextOfWorker, firstOfItem, nextOfItem, perItem, item, worker } = annotations;
    const peers = new Float64Array(K);
    for (let a = firstOfWorker[j]!; a >= 0; a = nextOfWorker[a]!) {
      const i = item[a]!;
      if (this.#seenBy[i] !== j + 1) [this.#seenBy[i], this.#times[i]] = [j + 1, 0];
      this.#times[i]!++;
    }
    for (let a = firstOfWorker[j]!; a >= 0; a = nextOfWorker[a]!) {
      const i = item[a]!;
      const own = this.#times[i]!;
      if (own === 0) continue; // visited with an earlier answer of his to the same item
      const known = gold?.[i] ?? -1;
      if (known < 0 && perItem[i] === own) continue;
      for (let k = 0; k < K; k++) peers[k] = this.#total[i * K + k]!;
      if (own === 1) this.#without(a, peers);
      else {
        for (let b = firstOfItem[i]!; b >= 0; b = nextOfItem[b]!) if (worker[b] === j) this.#without(b, peers);
      }
      if (known >= 0) peers.fill(0).fill(1, known, known + 1);
      else if (this.#log) normalizeLogs(peers);
      else majority(peers);
      if (own === 1) visitor(a, peers);
      else {
        this.#times[i] = 0;
        for (let b = firstOfItem[i]!; b >= 0; b = nextOfItem[b]!) if (worker[b] === j) visitor(b, peers);
      }
    }
  }

  #without(a: number, peers: Float64Array): void {
    const { classes: K, worker, label } = this.#model.annotations;
    const z = label[a]!;
    if (!this.#log) peers[z]!--;
    else {
      const from = (worker[a]! * K + z) * K;
      for (let k = 0; k < K; k++) peers[k]! -= this.#log[from + k]!;
    }
  }
}

/** Votes to equal shares of the classes with the most. */
function majority(votes: Float64Array): void {
  let most = 0;
  for (let k = 0; k < votes.length; k++) if (votes[k]! > most) most = votes[k]!;
  let level = 0;
  for (let k = 0; k < votes.length; k++) if (votes[k] === most) level++;
  for (let k = 0; k < votes.length; k++) votes[k] = votes[k] === most ? 1 / level : 0;
}

/** Log-weights to probabilities; terms below e^-40 of the greatest are nothing and cost no exponential. */
function normalizeLogs(x: Float64Array): void {
  let max = -Infinity;
  for (let k = 0; k < x.length; k++) if (x[k]! > max) max = x[k]!;
  let sum = 0;
  for (let k = 0; k < x.length; k++) {
    const difference = x[k]! - max;
    sum += x[k] = difference > -40 ? Math.exp(difference) : 0;
  }
  for (let k = 0; k < x.length; k++) x[k]! /= sum;
}
