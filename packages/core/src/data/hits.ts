import { z } from 'zod';
import { QuorateError } from '../errors.js';

/** Options of every sampler that hands out HITs, to be spread into its own schema. */
export const hitShape = {
  hitSize: z.int().min(1).default(40).describe('tasks per HIT, at most the number of tasks'),
  hitsPerStep: z.int().min(1).default(5).describe('HITs per step, each for another worker'),
  maxAnnotationsPerItem: z
    .int()
    .min(1)
    .default(3)
    .describe('a task with this many annotations is not asked about again'),
};

/** Throws CONFIG_INVALID when a plan of this size does not fit the run: N items, W workers. */
export function checkHitOptions(
  { hitSize, hitsPerStep }: { readonly hitSize: number; readonly hitsPerStep: number },
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
