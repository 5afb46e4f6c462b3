import { z } from 'zod';

/** The keys of a run that belong to no part. */
export const runOptions = z.strictObject({
  name: z
    .string()
    .regex(/^(?!\.{1,2}$)[^/\\\0]+$/, 'a name without slashes')
    .nullable()
    .default(null)
    .describe('name of the run and of its folder; null: made from what is run'),
  seed: z.int().default(0).describe('root of all random streams of the run'),
  riskThreshold: z
    .number()
    .gt(0)
    .lt(1)
    .default(0.1)
    .describe('a task is done when the probability that its label is wrong is at most this'),
  budget: z.int().min(1).nullable().default(null).describe('most annotations of the run; null: no limit'),
  earlyStop: z.boolean().default(false).describe('stop when the number of valid tasks no longer grows'),
  keep: z
    .array(z.enum(['beliefs', 'confusions']))
    .nullable()
    .default(null)
    .describe(
      'what the run folder keeps beside the results: beliefs of every task and step (Parquet), confusion matrices of the workers',
    ),
  tuned: z
    .boolean()
    .default(false)
    .describe('take the values that the presets have for the experiment in place of their general ones'),
  classes: z
    .array(z.union([z.string(), z.number(), z.boolean()]))
    .min(2)
    .refine((names) => new Set(names).size === names.length, 'class names that differ')
    .nullable()
    .default(null)
    .describe('class names in order; null: all classes of the dataset'),
});
