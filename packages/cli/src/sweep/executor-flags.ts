import { availableParallelism } from 'node:os';
import { Flags } from '@oclif/core';
import { QuorateError } from '@quorate/core';

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
  option: Flags.string({
    helpValue: 'KEY=VALUE',
    multiple: true,
    multipleNonGreedy: true,
    summary: 'An option of the executor, for instance lockSeconds=30.',
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
  readonly option: readonly string[] | undefined;
  readonly jobs: number | undefined;
}): { name: string; options: Record<string, unknown>; concurrency: number } {
  const { executor, queue, option = [], jobs } = flags;
  return {
    name: executor ?? (queue === undefined ? 'local' : 'bullmq'),
    options: { ...(queue === undefined ? {} : { queue }), ...Object.fromEntries(option.map(pairOf)) },
    concurrency: jobs ?? availableParallelism(),
  };
}

function pairOf(text: string): [string, unknown] {
  const at = text.indexOf('=');
  if (at <= 0) {
    throw new QuorateError('CONFIG_INVALID', {
      where: '--option',
      expected: 'key=value',
      got: JSON.stringify(text),
      fix: 'Write for instance --option lockSeconds=30.',
    });
  }
  const value = text.slice(at + 1);
  return [text.slice(0, at), /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value];
}
