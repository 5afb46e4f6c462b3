import { z } from 'zod';

export const options = z.strictObject({
  queue: z
    .string({ error: 'expected --queue redis://HOST:6379 or postgres://USER@HOST/DATABASE' })
    .regex(/^(rediss?|postgres(ql)?):\/\//, 'expected redis://HOST:6379 or postgres://USER@HOST/DATABASE')
    .describe('where the queue is: redis://HOST:6379 or postgres://USER@HOST/DATABASE'),
  name: z.string().min(1).default('quorate').describe('name of the queue there'),
  lockSeconds: z
    .number()
    .min(1)
    .default(60)
    .describe('seconds without a sign of life after which another worker takes a run over'),
});

export type Options = z.output<typeof options>;
