import { defineComponent, T, type Dataset, type Questions, type Rng } from '@quorate/core';
import { TruthToken, type Truth } from '@quorate/core/truth';
import { z } from 'zod';
import { ConfusionSimulator, knownTruth, workerIdsOf, workersOption } from './simulator-confusion.js';

/** They know the class of some items, and decline to answer about the others. */
class PartlyKnowing extends ConfusionSimulator {
  readonly #classOf: Int32Array;

  constructor(ids: readonly string[], confusions: readonly Float64Array[], dataset: Dataset, { classOf }: Truth) {
    super(ids, confusions, dataset, { classOf: classOf.map((k) => Math.max(0, k)) });
    this.#classOf = classOf;
  }

  may(_worker: number, item: number): boolean {
    return this.#classOf[item]! >= 0;
  }

  override answer(questions: Questions, labels: Int32Array, rng: Rng): void {
    super.answer(questions, labels, rng);
    for (let a = 0; a < questions.count; a++) if (!this.may(0, questions.item[a]!)) labels[a] = -1;
  }
}

/** Workers who are always right about what anybody knows. */
export default defineComponent({
  kind: 'workerSimulator',
  name: 'perfect',
  summary: 'workers who are always right',
  options: z.strictObject({ workers: workersOption }),
  needs: () => ['truth'],
  inject: [T.Dataset, TruthToken],
  create: (options, dataset: Dataset, truth: Truth | null) => {
    const K = dataset.classes.length;
    const identity = new Float64Array(K * K);
    for (let k = 0; k < K; k++) identity[k * K + k] = 1;
    const ids = workerIdsOf(options.workers);
    const confusions = ids.map(() => identity);
    if (truth?.classOf.some((k) => k < 0) && truth.classOf.some((k) => k >= 0)) {
      return new PartlyKnowing(ids, confusions, dataset, truth);
    }
    return new ConfusionSimulator(ids, confusions, dataset, knownTruth(truth, 'perfect'));
  },
});
