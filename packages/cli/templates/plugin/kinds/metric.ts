import { defineComponent, type Metric } from '@quorate/core';
import { z } from 'zod';

const options = z.strictObject({
  atLeast: z.int().min(0).default(1).describe('annotations that an item must have to count'),
});

/**
 * A number about a step, written to `steps.jsonl` under the metric's name. THE NUMBER BELOW IS YOURS TO CHANGE.
 *
 * What `measure` receives: `dataset`, `annotations`, `beliefs` (`posterior[i * K + k]`, `risk[i]`, the workers, what the
 * learner says) and `riskThreshold`. A metric that needs the truth injects `TruthToken` of `@quorate/core/truth`.
 *
 * What must hold: a finite number, or null where it is not defined; nothing that it received is written to.
 */
export default defineComponent({
  kind: 'metric',
  name: 'my_part',
  summary: 'mean risk of the items that have been asked about',
  options,
  create: ({ atLeast }): Metric => ({
    measure: ({ annotations, beliefs }) => {
      let sum = 0;
      let count = 0;
      for (let i = 0; i < annotations.items; i++) {
        if (annotations.perItem[i]! < atLeast) continue;
        sum += beliefs.risk[i]!;
        count++;
      }
      return count === 0 ? null : sum / count;
    },
  }),
});
