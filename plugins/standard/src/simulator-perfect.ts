import { defineComponent, T, type Dataset } from '@quorate/core';
import { TruthToken, type Truth } from '@quorate/core/truth';
import { z } from 'zod';
import { ConfusionSimulator, knownTruth, workerIdsOf, workersOption } from './simulator-confusion.js';

/** Workers who are always right. */
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
    return new ConfusionSimulator(
      ids,
      ids.map(() => identity),
      dataset,
      knownTruth(truth, 'perfect'),
    );
  },
});
