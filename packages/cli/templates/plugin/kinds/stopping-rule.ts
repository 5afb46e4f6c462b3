import { defineComponent, type StoppingRule } from '@quorate/core';
import { z } from 'zod';

const options = z.strictObject({
  share: z.number().gt(0).max(1).default(0.95).describe('share of valid items at which the run ends'),
});

/**
 * Decides before each step whether the run should end although items are open. THE RULE BELOW IS YOURS TO CHANGE.
 *
 * What `stop` receives: `valid` items (risk at or below the threshold) out of `items`, `annotations` so far, and the most
 * that a step adds. It returns null to go on, or a sentence without a full stop that says why it ends.
 *
 * What must hold: it answers for every request, the first one too; having said stop, it says so again when asked the
 * same; what it remembers from step to step is in `snapshot` and comes back by `restore`.
 */
export default defineComponent({
  kind: 'stoppingRule',
  name: 'my_part',
  summary: 'ends the run when a given share of the items is valid',
  options,
  create: ({ share }): StoppingRule => ({
    stop: ({ valid, items }) =>
      valid >= share * items ? `${valid} of ${items} items are valid, the share that was asked for` : null,
  }),
});
