import { QuorateError } from '../errors.js';

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
