import {
  defineComponent,
  T,
  type Dataset,
  type Questions,
  type Rng,
  type WorkerKnowledge,
  type WorkerSimulator,
} from '@quorate/core';
import { TruthToken, type Truth } from '@quorate/core/truth';
import { inject, injectable } from 'inversify';
import { z } from 'zod';

@injectable()
class OwnWorkerSimulator implements WorkerSimulator {
  readonly workerIds: readonly string[];
  readonly knowledge: WorkerKnowledge;
  readonly #accuracies: readonly number[];
  readonly #classes: number;
  readonly #truth: Truth | null;

  constructor(
    @inject(Options) { workers, accuracy }: z.output<typeof options>,
    @inject(T.Dataset) dataset: Dataset,
    @inject(TruthToken) truth: Truth | null,
    @inject(T.Rng) setup: Rng,
  ) {
    const K = dataset.classes.length;
    this.#classes = K;
    this.#truth = truth;
    this.workerIds = Array.from({ length: workers }, (_, j) => `w${String(j).padStart(2, '0')}`);
    this.#accuracies = this.workerIds.map(() => Math.min(1, Math.max(0, accuracy + 0.2 * (setup.uniform() - 0.5))));
    // What a study of 100 answers of every class would have counted: worker models build their prior from it.
    const wrong = (100 * (1 - accuracy)) / (K - 1);
    const counts = Float64Array.from({ length: K * K }, (_, x) => (x % (K + 1) === 0 ? 100 * accuracy : wrong));
    this.knowledge = { pooledCounts: counts, confusion: () => null };
  }

  answer({ count, item, worker }: Questions, labels: Int32Array, rng: Rng): void {
    for (let a = 0; a < count; a++) {
      const j = worker[a]!;
      const own = rng.fork(this.workerIds[j]!);
      const right = this.#truth?.classOf[item[a]!] ?? 0;
      const isRight = own.uniform() < this.#accuracies[j]!;
      labels[a] = isRight ? right : (right + 1 + own.int(this.#classes - 1)) % this.#classes;
    }
  }
}
