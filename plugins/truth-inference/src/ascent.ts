import { z } from 'zod';

/** Options of every method that iterates. */
export const ascentOptions = {
  maxIterations: z.int().min(1).default(2000).describe('most iterations'),
  tolerance: z
    .number()
    .min(0)
    .default(1e-7)
    .describe('converged when an iteration raises the objective by less than this share of it'),
};

export interface AscentOptions {
  readonly maxIterations: number;
  readonly tolerance: number;
}

export interface Ascent {
  /** Value after each iteration, in nats unless the method says otherwise. */
  readonly objective: Float64Array;
  readonly iterations: number;
  readonly converged: boolean;
}

export const noAscent: Ascent = { objective: new Float64Array(0), iterations: 0, converged: true };

/** Iterates until the objective rises by less than `tolerance` · max(1, |objective|), or `maxIterations`. */
export function ascend(iterate: () => number, { maxIterations, tolerance }: AscentOptions): Ascent {
  const objective: number[] = [];
  let converged = false;
  while (!converged && objective.length < maxIterations) {
    const value = iterate();
    const before = objective.at(-1);
    objective.push(value);
    converged = before !== undefined && value - before <= tolerance * Math.max(1, Math.abs(value));
  }
  return { objective: Float64Array.from(objective), iterations: objective.length, converged };
}
