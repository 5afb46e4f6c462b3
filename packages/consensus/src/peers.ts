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

/** Called for each answer that can be compared: its number and y_{i,-j}, length K, reused. */
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
 * Answers come item by item (several of a worker to one item together). O(M·K) time, O(W·K²) memory.
 */
export function visitPeers({ annotations, confusions, classPrior, gold }: PeerModel, visit: ComparedAnswer): void {
  const { items, workers: W, classes: K, firstOfItem, nextOfItem, perItem, worker, label } = annotations;
  const log = confusions && Float64Array.from({ length: W * K * K }, (_, x) => floored(confusions.probability[x]!));
  const prior = log && classPrior ? classPrior.map(floored) : new Float64Array(K);
  const total = new Float64Array(K);
  const peers = new Float64Array(K);
  /** How often a worker has answered the item in hand, and whether that has been visited. */
  const times = new Int32Array(W);
  const add = (to: Float64Array, a: number, sign: 1 | -1): void => {
    const z = label[a]!;
    if (!log) to[z]! += sign;
    else for (let k = 0, from = (worker[a]! * K + z) * K; k < K; k++) to[k]! += sign * log[from + k]!;
  };
  for (let i = 0; i < items; i++) {
    const known = gold?.[i] ?? -1;
    total.set(prior);
    for (let a = firstOfItem[i]!; a >= 0; a = nextOfItem[a]!) {
      add(total, a, 1);
      times[worker[a]!]!++;
    }
    for (let a = firstOfItem[i]!; a >= 0; a = nextOfItem[a]!) {
      const j = worker[a]!;
      const own = times[j]!;
      times[j] = 0;
      // Visited with an earlier answer of his to the same item, or nothing to compare with.
      if (own === 0 || (known < 0 && own === perItem[i])) continue;
      const last = own === 1 ? nextOfItem[a]! : -1;
      if (known >= 0) peers.fill(0)[known] = 1;
      else {
        peers.set(total);
        for (let b = a; b !== last && b >= 0; b = nextOfItem[b]!) if (worker[b] === j) add(peers, b, -1);
        if (log) normalizeLogs(peers);
        else majority(peers);
      }
      for (let b = a; b !== last && b >= 0; b = nextOfItem[b]!) if (worker[b] === j) visit(b, peers);
    }
  }
}

function floored(probability: number): number {
  return Math.log(Math.max(FLOOR, probability));
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
