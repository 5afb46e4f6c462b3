import { defineComponent, type Aggregator } from '@quorate/core';
import { z } from 'zod';

const options = z.strictObject({
  smoothing: z.number().positive().default(1).describe('votes that every class has from the start'),
});

/**
 * What is each item, given the annotations? THE RULE BELOW IS YOURS TO CHANGE.
 *
 * What `aggregate` receives: N items (i), W workers (j), K classes (k)
 * - `annotations` for (let a = firstOfItem[i]; a >= 0; a = nextOfItem[a]) ... worker[a], label[a]
 * - `workers.probability[(j * K + z) * K + k]` P(worker j names z | truth is k)
 * - `prior[i * K + k]` what the learner says, or null; `gold[i]` the class where it is known, else -1, or null
 * - `rows` 'annotated': only the rows of `annotated[0..annotatedCount-1]` are needed
 * and writes `posterior[i * K + k]`, N rows that sum to 1.
 *
 * What must hold: renumbering classes, workers or items, or the order of arrival, renumbers the result and no more; no
 * annotations and no prior give uniform rows; nothing but `posterior` is written; no NaN after 2000 annotations either.
 */
export default defineComponent({
  kind: 'aggregator',
  name: 'my_part',
  summary: 'smoothed shares of the votes, times what the learner says',
  options,
  create: ({ smoothing }): Aggregator => ({
    emptyRows: false,
    aggregate: ({ annotations, prior, gold, rows, posterior }) => {
      const { items, classes: K, firstOfItem, nextOfItem, label, annotated, annotatedCount } = annotations;
      const votes = new Float64Array(K);
      const infer = (i: number): void => {
        votes.fill(smoothing);
        for (let a = firstOfItem[i]!; a >= 0; a = nextOfItem[a]!) votes[label[a]!]!++;
        const known = gold?.[i] ?? -1;
        let sum = 0;
        for (let k = 0; k < K; k++) {
          if (prior) votes[k]! *= prior[i * K + k]! + 1e-8;
          if (known >= 0) votes[k] = k === known ? 1 : 0;
          sum += votes[k]!;
        }
        for (let k = 0; k < K; k++) posterior[i * K + k] = votes[k]! / sum;
      };
      if (rows === 'all') for (let i = 0; i < items; i++) infer(i);
      else for (let x = 0; x < annotatedCount; x++) infer(annotated[x]!);
    },
  }),
});
