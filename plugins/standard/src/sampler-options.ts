import { z } from 'zod';

/** Options of the samplers that hand out HITs of randomly drawn items. */
export const hitOptions = z.strictObject({
  hitSize: z.int().min(1).default(40).describe('items per HIT, at most the number of tasks'),
  hitsPerStep: z.int().min(1).default(5).describe('HITs per step, each for another worker'),
  maxAnnotationsPerItem: z.int().min(1).default(3).describe('an item with so many annotations is asked about no more'),
  allowRepeats: z.boolean().default(false).describe('a worker may be asked about an item that he has answered'),
  fillHits: z
    .enum(['reopen', 'shrink'])
    .default('shrink')
    .describe('fewer open items than a HIT holds: fill up with the riskiest finished ones, or ask for less'),
});
export type HitOptions = z.output<typeof hitOptions>;
