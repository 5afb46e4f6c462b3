import { availableParallelism } from 'node:os';
import { Flags } from '@oclif/core';

/** Flags of the commands that do the runs of sweeps. */
export const executorFlags = {
  executor: Flags.string({
    helpValue: 'NAME',
    summary: 'Who does the runs. Without it: local, or bullmq where a queue is named.',
  }),
  queue: Flags.string({
    helpValue: 'URL',
    summary: 'A queue that machines share: redis://HOST:6379 or postgres://USER@HOST/DATABASE.',
  }),
  jobs: Flags.integer({
    char: 'j',
    min: 0,
    summary: 'Runs at a time on this machine (default: one for each core). 0: all are done by workers elsewhere.',
  }),
};

/** The executor's name, its options and the number of runs at a time. */
export function executorOf(flags: {
  readonly executor: string | undefined;
  readonly queue: string | undefined;
  readonly jobs: number | undefined;
}): { name: string; options: Record<string, unknown>; concurrency: number } {
  const { executor, queue, jobs } = flags;
  return {
    name: executor ?? (queue === undefined ? 'local' : 'bullmq'),
    options: queue === undefined ? {} : { queue },
    concurrency: jobs ?? availableParallelism(),
  };
}
