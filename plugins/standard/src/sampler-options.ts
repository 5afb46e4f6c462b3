import { QuorateError } from '@quorate/core';
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

/** Throws CONFIG_INVALID when a plan of this size does not fit the run: N items, W workers. */
export function checkHitOptions(
  { hitSize, hitsPerStep }: HitOptions,
  { items, workers }: { readonly items: number; readonly workers: number },
): void {
  if (hitSize > items) {
    throw new QuorateError('CONFIG_INVALID', {
      where: 'sampler.hitSize',
      expected: `at most ${items}, the number of tasks`,
      got: String(hitSize),
      fix: `Set sampler.hitSize=${items} or less, or label more tasks.`,
    });
  }
  if (hitsPerStep > workers) {
    throw new QuorateError('CONFIG_INVALID', {
      where: 'sampler.hitsPerStep',
      expected: `at most ${workers}, the number of workers, since no worker serves two HITs of one step`,
      got: String(hitsPerStep),
      fix: `Set sampler.hitsPerStep=${workers} or less, or have more workers.`,
    });
  }
}
