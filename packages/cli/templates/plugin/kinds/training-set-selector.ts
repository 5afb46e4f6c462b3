import { argmax, defineComponent, type TrainingSetSelector } from '@quorate/core';
import { z } from 'zod';

const options = z.strictObject({
  atLeast: z.number().gt(0).max(1).default(0.6).describe('probability that a class must have to be trained on'),
});

/**
 * Chooses which items a learner trains on, and with which class. THE CHOICE BELOW IS YOURS TO CHANGE.
 *
 * What `select` receives: N items (i), K classes (k)
 * - `posterior[i * K + k]`, `risk[i]` what is believed of the items so far
 * - `annotations` the answers themselves, and counts of them: `perItem[i]`
 * - `dataset` the features of items and prototypes
 * and returns `rows` (items), `labels` (the class of each) and `weights` (of each, or null where all count alike).
 *
 * What must hold: rows are distinct and ascending, weights are above 0, an empty set is allowed; the same request gives
 * the same set; nothing that it received is written to.
 */
export default defineComponent({
  kind: 'trainingSetSelector',
  name: 'my_part',
  summary: 'items with a class that is probable enough, weighted by its probability',
  options,
  create: ({ atLeast }): TrainingSetSelector => ({
    select: ({ dataset, posterior }) => {
      const K = dataset.classes.length;
      const best = dataset.taskIds.map((_, i) => argmax(posterior, i * K, K));
      const sure = (i: number): number => posterior[i * K + best[i]!]!;
      const rows = Int32Array.from([...best.keys()].filter((i) => sure(i) >= atLeast));
      return { rows, labels: rows.map((i) => best[i]!), weights: Float32Array.from(rows, sure) };
    },
  }),
});
