import { hitShape } from '@quorate/core';
import { z } from 'zod';

/** Options of the samplers that hand out HITs of randomly drawn items. */
export const hitOptions = z.strictObject({
  ...hitShape,
  allowRepeats: z.boolean().default(false).describe('a worker may be asked again about a task that they have answered'),
  fillHits: z
    .enum(['reopen', 'shrink'])
    .default('shrink')
    .describe('fewer open tasks than a HIT holds: fill up with the riskiest finished ones, or ask for less'),
});
export type HitOptions = z.output<typeof hitOptions>;
