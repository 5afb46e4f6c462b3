import {
  argmax,
  defineComponent,
  T,
  type LearnRequest,
  type TrainingSet,
  type TrainingSetSelector,
} from '@quorate/core';
import { inject, injectable } from 'inversify';
import { z } from 'zod';

@injectable()
class OwnTrainingSetSelector implements TrainingSetSelector {
  readonly #atLeast: number;

  constructor(@inject(Options) { atLeast }: z.output<typeof options>) {
    this.#atLeast = atLeast;
  }

  select({ dataset, posterior }: LearnRequest): TrainingSet {
    const K = dataset.classes.length;
    const best = dataset.taskIds.map((_, i) => argmax(posterior, i * K, K));
    const sure = (i: number): number => posterior[i * K + best[i]!]!;
    const rows = Int32Array.from([...best.keys()].filter((i) => sure(i) >= this.#atLeast));
    return { rows, labels: rows.map((i) => best[i]!), weights: Float32Array.from(rows, sure) };
  }
}
