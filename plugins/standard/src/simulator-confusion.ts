import {
  QuorateError,
  type Dataset,
  type Questions,
  type Rng,
  type WorkerKnowledge,
  type WorkerSimulator,
} from '@quorate/core';
import type { Truth } from '@quorate/core/truth';
import { z } from 'zod';

/** Answers per class of the earlier study that simulated workers claim to have taken part in, together. */
const STUDY_ANSWERS_PER_CLASS = 25;

/** The option that all simulators have. */
export const workersOption = z.int().min(1).default(50).describe('number of workers');

/** `w00`, `w01`, ...: as wide as the last one needs, at least two digits. */
export function workerIdsOf(count: number): string[] {
  const width = Math.max(2, String(count - 1).length);
  return Array.from({ length: count }, (_, j) => `w${String(j).padStart(width, '0')}`);
}

/** Throws DATA_UNAVAILABLE where the truth is not known: there is nothing that a worker could be right about. */
export function knownTruth(truth: Truth | null, simulator: string): Truth {
  if (truth?.classOf.every((k) => k >= 0)) return truth;
  throw new QuorateError('DATA_UNAVAILABLE', {
    where: `workers.use=${simulator}`,
    expected: 'the true class of every task, which simulated workers answer from',
    got: truth ? 'that of some tasks' : 'a dataset without truth',
    fix: 'Label the tasks that are to be simulated; or set simulation=none, which asks nobody and labels from the prototypes.',
  });
}

/**
 * The accuracy of a worker on a class, drawn around a mean: kept between guessing and 0.99, unless the mean itself is
 * outside.
 */
export function plausibleAccuracy(drawn: number, mean: number, classes: number): number {
  return Math.min(Math.max(drawn, Math.min(mean, 1 / classes)), Math.max(mean, 0.99));
}

/** Worker j names z with probability P_j(z | k), where k is the item's true class. */
export class ConfusionSimulator implements WorkerSimulator {
  readonly workerIds: readonly string[];
  readonly knowledge: WorkerKnowledge;
  readonly #confusions: readonly Float64Array[];
  readonly #truth: Truth;
  readonly #classes: number;

  /** @param confusions One matrix a worker, K×K `[true][observed]`, rows sum to 1. */
  constructor(workerIds: readonly string[], confusions: readonly Float64Array[], { classes }: Dataset, truth: Truth) {
    this.workerIds = workerIds;
    this.#confusions = confusions;
    this.#truth = truth;
    this.#classes = classes.length;
    this.knowledge = {
      pooledCounts: expectedCounts(confusions),
      confusion: (worker) => confusions[worker]?.slice() ?? null,
    };
  }

  answer({ count, item, worker }: Questions, labels: Int32Array, rng: Rng): void {
    const K = this.#classes;
    for (let a = 0; a < count; a++) {
      const j = worker[a]!;
      const start = this.#truth.classOf[item[a]!]! * K;
      labels[a] = drawFrom(this.#confusions[j]!, start, K, rng.fork(this.workerIds[j]!).uniform());
    }
  }
}

/** Index k of the entry of a row (which sums to 1) that `uniform` in [0, 1) falls on; never one of probability 0. */
export function drawFrom(rows: Float64Array, start: number, length: number, uniform: number): number {
  let last = 0;
  let rest = uniform;
  for (let k = 0; k < length; k++) {
    const p = rows[start + k]!;
    if (p === 0) continue;
    last = k;
    rest -= p;
    if (rest < 0) break;
  }
  return last;
}

/** What 25 answers about each class, given by workers drawn at random, would count up to on average. */
export function expectedCounts(confusions: readonly Float64Array[]): Float64Array {
  const counts = new Float64Array(confusions[0]!.length);
  for (const confusion of confusions) {
    for (let x = 0; x < counts.length; x++) counts[x]! += (confusion[x]! * STUDY_ANSWERS_PER_CLASS) / confusions.length;
  }
  return counts;
}
