import { resolve } from 'node:path';
import { Flags } from '@oclif/core';
import { listenForInterruption } from '../interruption.js';
import { QuorateCommand, configFlag } from '../quorate-command.js';
import { executorFlags, executorOf } from '../sweep/executor-flags.js';

export default class WorkerCommand extends QuorateCommand {
  static override summary = 'Do the runs of sweeps that other machines started, until Ctrl-C.';
  static override description = [
    'Start it on every machine that helps, with the queue that quorate sweep names. It needs the same versions and the same',
    'data files at the same paths; where they differ, a run fails at once and says how. In a folder that all machines share',
    '(--out, the folder of the sweep) a run that is taken over goes on where it was; else it starts again.',
    '\n\nExit codes: 0 ended by Ctrl-C, 1 failure, 2 something to correct.',
  ].join(' ');
  static override usage = 'worker --queue URL [--jobs N] [--out DIR]';
  static override examples = ['<%= config.bin %> worker --queue redis://queue.lan:6379'];
  static override flags = {
    config: configFlag,
    out: Flags.string({
      char: 'o',
      helpValue: 'DIR',
      default: 'sweeps/worker',
      summary: 'Folder of the runs done here.',
    }),
    ...executorFlags,
    jobs: Flags.integer({ char: 'j', min: 1, summary: 'Runs at a time (default: one for each core).' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(WorkerCommand);
    const { name, options, concurrency } = executorOf(flags);
    const { executorNamed, work } = await import('@quorate/sweep');
    const { findPlugins } = await import('@quorate/host');
    const { prepareRequest } = await import('../prepare-request.js');
    const request = prepareRequest({ words: [], config: flags.config });
    const { registry } = await findPlugins(request);
    const executor = executorNamed(name, registry);
    const interruption = listenForInterruption(() => this.note('Stopping: the runs in hand are saved and go back.'));
    try {
      this.note(`Working for ${flags.queue ?? name}, ${concurrency} at a time. Ctrl-C ends it.`);
      await work({
        executor,
        options,
        concurrency,
        folder: resolve(flags.out),
        cwd: process.cwd(),
        env: process.env,
        builtins: request.builtins,
        signal: interruption.signal,
        onNote: this.note,
      });
    } finally {
      interruption.release();
    }
  }
}
