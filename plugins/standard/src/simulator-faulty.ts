import {
  makeRng,
  type Dataset,
  type Questions,
  type Rng,
  type Snapshot,
  type WorkerKnowledge,
  type WorkerSimulator,
} from '@quorate/core';
import type { Truth } from '@quorate/core/truth';
import { drawFrom, expectedCounts } from './simulator-confusion.js';
import { confusionIn, type Role } from './worker-roles.js';

export interface Faults {
  readonly roles: readonly Role[];
  /** What a worker who fails on an item says of it, length N: a class, K for any, -1 where nobody fails. */
  readonly named: Int32Array;
  /** Probability that a worker fails on a hard item. */
  readonly hardItemError: number;
  /** A worker who has given n answers guesses the next with probability 1 - (1 - drift)^(n/100). */
  readonly drift: number;
}

/**
 * Workers who err in ways that no confusion matrix describes. An honest worker draws from their own stream; one who is
 * copied draws afresh for each item, so that their copiers can say what they say, or would say, without having been there
 * (and they answer the same when asked again). Copiers know them as they were before they tired.
 */
export class FaultySimulator implements WorkerSimulator {
  readonly workerIds: readonly string[];
  readonly knowledge: WorkerKnowledge;
  readonly snapshot?: () => Snapshot;
  readonly restore?: (state: Snapshot) => void;
  readonly #confusions: readonly Float64Array[];
  readonly #faults: Faults;
  readonly #dataset: Dataset;
  readonly #truth: Truth;
  readonly #copied: ReadonlySet<number>;
  /** Root of the streams of the copied workers. */
  readonly #key: string;
  /** Answers given, by worker. */
  readonly #given: Int32Array;

  /** @param confusions One matrix a worker, K×K `[true][observed]`, of the workers as they are without faults. */
  constructor(
    workerIds: readonly string[],
    confusions: readonly Float64Array[],
    faults: Faults,
    dataset: Dataset,
    truth: Truth,
    rng: Rng,
  ) {
    const K = dataset.classes.length;
    this.workerIds = workerIds;
    this.#confusions = faults.roles.map((role, j) => confusionIn(role, j, confusions, K));
    this.#faults = faults;
    this.#dataset = dataset;
    this.#truth = truth;
    this.#copied = new Set(faults.roles.flatMap((role) => (role.kind === 'copier' ? [role.source] : [])));
    this.#key = `copied/${rng.int(2 ** 32)}`;
    this.#given = new Int32Array(workerIds.length);
    this.knowledge = {
      pooledCounts: expectedCounts(this.#confusions),
      confusion: (worker) => this.#confusions[worker]?.slice() ?? null,
    };
    if (faults.drift > 0) {
      this.snapshot = () => this.#given.slice();
      this.restore = (state) => this.#given.set(state as Int32Array);
    }
  }

  answer({ count, item, worker }: Questions, labels: Int32Array, rng: Rng): void {
    for (let a = 0; a < count; a++) {
      const j = worker[a]!;
      labels[a] = this.#answerOf(j, item[a]!, rng.fork(this.workerIds[j]!));
    }
  }

  #answerOf(j: number, i: number, own: Rng): number {
    const role = this.#faults.roles[j]!;
    const K = this.#dataset.classes.length;
    if (role.kind === 'spammer') return own.int(K);
    if (role.kind === 'constant') return role.label;
    if (role.kind === 'copier') return this.#honest(role.source, i, this.#itemStream(role.source, i));
    const label = this.#honest(j, i, this.#copied.has(j) ? this.#itemStream(j, i) : own);
    const { drift } = this.#faults;
    if (drift === 0) return label;
    const guesses = 1 - (1 - drift) ** (this.#given[j]!++ / 100);
    return own.uniform() < guesses ? own.int(K) : label;
  }

  #itemStream(worker: number, item: number): Rng {
    return makeRng(`${this.#key}/${this.workerIds[worker]!}/${this.#dataset.taskIds[item]!}`);
  }

  #honest(j: number, i: number, rng: Rng): number {
    const K = this.#dataset.classes.length;
    const { named, hardItemError } = this.#faults;
    const wrong = named[i]!;
    if (wrong >= 0 && rng.uniform() < hardItemError) return wrong === K ? rng.int(K) : wrong;
    return drawFrom(this.#confusions[j]!, this.#truth.classOf[i]! * K, K, rng.uniform());
  }
}
