import { defineComponent, hasAnswered, type Sampler } from '@quorate/core';
import { z } from 'zod';

const options = z.strictObject({
  hitSize: z.int().min(1).default(10).describe('items per HIT'),
  maxAnnotationsPerItem: z.int().min(1).default(5).describe('most annotations of one item'),
});

/**
 * Chooses which items to ask about next, and whom to ask. THE RULE BELOW IS YOURS TO CHANGE.
 *
 * What `plan` receives: N items (i), W workers (j), K classes (k)
 * - `posterior[i * K + k]` P(class k) of item i; `risk[i]` = 1 - its greatest entry; an item at or below `riskThreshold`
 *   is done
 * - `annotations` every answer so far, and counts of them: `perItem[i]`, `perWorker[j]`
 * - `may(j, i)` false where worker j must not be asked about item i: they declined, or the project rules it out
 * - `learner` what the learner says of every item, N×K probabilities; null without a learner
 * - `skill(j, k)` P(worker j is right | class k); `confusions` the same with all wrong answers
 * - `budgetLeft` the most annotations that the plan may ask for
 * - `rng` the only source of chance: same stream, same plan
 *
 * What must hold (the test runs all of it against random little projects): a plan asks no worker for two HITs, an item
 * once per HIT, no worker twice about one item, no item beyond its cap, and nothing beyond the budget; it is empty when
 * nothing is open, and only then: an empty plan ends the run. Nothing that it received is written to.
 */
export default defineComponent({
  kind: 'sampler',
  name: 'my_part',
  summary: 'one HIT of the riskiest open items, for a random worker',
  options,
  create: ({ hitSize, maxAnnotationsPerItem }): Sampler => ({
    annotationsPerStep: hitSize,
    plan: ({ annotations, risk, riskThreshold, budgetLeft, may }, rng) => {
      const isOpen = (i: number): boolean =>
        risk[i]! > riskThreshold && annotations.perItem[i]! < maxAnnotationsPerItem;
      const open = [...risk.keys()].filter(isOpen).sort((a, b) => risk[b]! - risk[a]! || a - b);
      for (const worker of rng.permutation(annotations.workers)) {
        const askable = open.filter((i) => may(worker, i) && !hasAnswered(annotations, i, worker));
        const items = askable.slice(0, Math.min(hitSize, budgetLeft));
        if (items.length > 0) return [{ worker, items: Int32Array.from(items) }];
      }
      return [];
    },
  }),
});
