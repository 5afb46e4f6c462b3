import type { StoppingRule } from '@quorate/core';

/** Stops when `valid` has not reached a new maximum for `patience` steps. */
export function referenceRule(patience = 2): StoppingRule {
  let best = -1;
  let since = 0;
  let last = '';
  return {
    stop: (request) => {
      const asked = Object.values(request).join('/');
      // The same question is no new step.
      if (asked !== last) {
        since = request.valid > best ? 0 : since + 1;
        best = Math.max(best, request.valid);
      }
      last = asked;
      return since >= patience ? `no more items became valid in ${since} steps` : null;
    },
    snapshot: () => ({ best, since, last }),
    restore: (state) => {
      ({ best, since, last } = state as { best: number; since: number; last: string });
    },
  };
}
