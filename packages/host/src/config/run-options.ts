import { z } from 'zod';

const price = z.number().min(0);

/** What answers cost, in a run and in a campaign. */
export const prices = z.strictObject({
  answer: price.default(0).describe('of one answer'),
  audit: price.default(0).describe('of one audit'),
  currency: z.string().default('').describe('EUR, USD, ...'),
  workers: z.record(z.string(), price).optional().describe('of one answer of those who cost otherwise, by worker'),
});
export type Prices = z.output<typeof prices>;

/** A model that answers beside people: a component of `workers` with its options, and what only a model has. */
export const modelOptions = z.looseObject({
  use: z.string().describe('name of a component of workers'),
  price: price.default(0).describe('of one answer'),
  family: z.string().nullable().default(null).describe('models of one family err together: they are one voice'),
});

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
  budget: z
    .union([z.int().min(1), z.strictObject({ money: z.number().gt(0) })])
    .nullable()
    .default(null)
    .describe('most annotations of the run, or budget.money, the most that answers and audits cost; null: no limit'),
  prices: prices.nullable().default(null).describe('what answers and audits cost; null: nobody counts'),
  models: z
    .array(modelOptions)
    .nullable()
    .default(null)
    .describe('models that answer too, each {use, price, family, ...options of that component}'),
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
