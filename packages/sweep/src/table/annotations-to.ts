import type { StepRecord } from '@quorate/engine';

/** Accuracies that a results table says the cost of. */
export const targets = [0.9, 0.95, 0.98] as const;

/**
 * Annotations at the first step from which the accuracy of all labels stays at `target` or above: a first crossing would
 * reward luck. Null where that is never so: the run is censored, and needs more than it had.
 */
export function annotationsTo(steps: readonly StepRecord[], target: number): number | null {
  let found: number | null = null;
  for (const { annotations, aggregate } of steps) {
    const accuracy = aggregate?.all.top1 ?? null;
    if (accuracy === null || accuracy < target) found = null;
    else found ??= annotations;
  }
  return found;
}
