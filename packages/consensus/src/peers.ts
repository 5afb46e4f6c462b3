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
/** As many factors of `FLOOR` stay normal doubles, with the class prior; more answers to an item need logarithms. */
const MOST_FACTORS = 30;

/**
 * What the others say: the class of an item i without the answers of worker j,
 *
 *     y_{i,-j}(k) ∝ π(k) Π_{a of i, j_a ≠ j} P_{j_a}(z_a | k)             where the model has confusion matrices
 *     y_{i,-j}(k) = 1/t for the t classes with the most votes of others    elsewhere: their majority
 *
 * so that a worker is not compared with themselves: with few answers a task, half of an agreement would be their own voice.
 * (What remains of it: the matrices of the others were fitted with their answers among the data.) A gold item is its true
 * class. Answers to items that nobody else answered are not compared.
 *
 * Answers come item by item (several of a worker to one item together). O(M·K) time, O(W + K) memory.
 */
export function visitPeers({ annotations, confusions, classPrior, gold }: PeerModel, visit: ComparedAnswer): void {
  const { items, workers: W, classes: K, firstOfItem, nextOfItem, perItem, worker } = annotations;
  const total = new Float64Array(K);
  const peers = new Float64Array(K);
  const few = confusions ? products(annotations, confusions, classPrior) : votes(annotations);
  const many = confusions ? logProducts(annotations, confusions, classPrior) : few;
  /** How often a worker has answered the item in hand, and whether that has been visited. */
  const times = new Int32Array(W);
  for (let i = 0; i < items; i++) {
    const known = gold?.[i] ?? -1;
    const voices = perItem[i]! <= MOST_FACTORS ? few : many;
    if (known < 0) voices.start(total);
    for (let a = firstOfItem[i]!; a >= 0; a = nextOfItem[a]!) {
      if (known < 0) voices.put(total, a, 1);
      times[worker[a]!]!++;
    }
    for (let a = firstOfItem[i]!; a >= 0; a = nextOfItem[a]!) {
      const j = worker[a]!;
      const own = times[j]!;
      times[j] = 0;
      // Visited with an earlier answer of theirs to the same item, or nothing to compare with.
      if (own === 0 || (known < 0 && own === perItem[i])) continue;
      const last = own === 1 ? nextOfItem[a]! : -1;
      if (known >= 0) peers.fill(0)[known] = 1;
      else {
        peers.set(total);
        for (let b = a; b !== last && b >= 0; b = nextOfItem[b]!) if (worker[b] === j) voices.put(peers, b, -1);
        voices.finish(peers);
      }
      for (let b = a; b !== last && b >= 0; b = nextOfItem[b]!) if (worker[b] === j) visit(b, peers);
    }
  }
}

/** What answers to one item say together, in some scale, length K. */
interface Voices {
  start(all: Float64Array): void;
  /** Puts answer a in, or takes it out again. */
  put(all: Float64Array, a: number, sign: 1 | -1): void;
  /** To probabilities. */
  finish(all: Float64Array): void;
}

function votes({ label }: Annotations): Voices {
  return {
    start: (all) => all.fill(0),
    put: (all, a, sign) => (all[label[a]!]! += sign),
    finish: majority,
  };
}

function products({ worker, label }: Annotations, confusions: WorkerConfusions, prior: Float64Array | null): Voices {
  const { classes: K, probability } = confusions;
  return {
    start(all) {
      for (let k = 0; k < K; k++) all[k] = prior ? floored(prior[k]!) : 1;
    },
    put(all, a, sign) {
      const from = (worker[a]! * K + label[a]!) * K;
      if (sign > 0) for (let k = 0; k < K; k++) all[k]! *= floored(probability[from + k]!);
      else for (let k = 0; k < K; k++) all[k]! /= floored(probability[from + k]!);
    },
    finish(all) {
      let sum = 0;
      for (let k = 0; k < K; k++) sum += all[k]!;
      for (let k = 0; k < K; k++) all[k]! /= sum;
    },
  };
}

function logProducts({ worker, label }: Annotations, confusions: WorkerConfusions, prior: Float64Array | null): Voices {
  const { classes: K, probability } = confusions;
  return {
    start(all) {
      for (let k = 0; k < K; k++) all[k] = prior ? Math.log(floored(prior[k]!)) : 0;
    },
    put(all, a, sign) {
      const from = (worker[a]! * K + label[a]!) * K;
      for (let k = 0; k < K; k++) all[k]! += sign * Math.log(floored(probability[from + k]!));
    },
    finish: normalizeLogs,
  };
}

function floored(probability: number): number {
  return probability > FLOOR ? probability : FLOOR;
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
