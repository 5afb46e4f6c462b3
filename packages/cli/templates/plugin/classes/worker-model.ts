import {
  defineComponent,
  T,
  type Annotations,
  type Dataset,
  type WorkerConfusions,
  type WorkerModel,
} from '@quorate/core';
import { inject, injectable } from 'inversify';
import { z } from 'zod';

@injectable()
class OwnWorkerModel implements WorkerModel {
  readonly #right: number;
  readonly #wrong: number;
  readonly #classes: number;
  #workers = 0;
  #probability = new Float64Array(0);

  constructor(@inject(Options) { right, wrong }: z.output<typeof options>, @inject(T.Dataset) dataset: Dataset) {
    this.#right = right;
    this.#wrong = wrong;
    this.#classes = dataset.classes.length;
  }

  get confusions(): WorkerConfusions {
    return { workers: this.#workers, classes: this.#classes, probability: this.#probability };
  }

  reset(count: number): void {
    const K = this.#classes;
    this.#workers = count;
    if (this.#probability.length < count * K * K) this.#probability = new Float64Array(count * K * K);
    for (let j = 0; j < count; j++) this.#fill(j, this.#right / (this.#right + this.#wrong));
  }

  update({ firstOfWorker, nextOfWorker, item, label, perWorker }: Annotations, posterior: Float64Array): void {
    const K = this.#classes;
    for (let j = 0; j < this.#workers; j++) {
      let agreed = 0;
      for (let a = firstOfWorker[j]!; a >= 0; a = nextOfWorker[a]!) agreed += posterior[item[a]! * K + label[a]!]!;
      this.#fill(j, (this.#right + agreed) / (this.#right + this.#wrong + perWorker[j]!));
    }
  }

  #fill(j: number, accuracy: number): void {
    const K = this.#classes;
    for (let z = 0; z < K; z++) {
      for (let k = 0; k < K; k++) {
        this.#probability[(j * K + z) * K + k] = z === k ? accuracy : (1 - accuracy) / (K - 1);
      }
    }
  }
}
