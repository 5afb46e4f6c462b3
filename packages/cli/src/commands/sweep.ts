import { Flags } from '@oclif/core';
import { INTERRUPTED, listenForInterruption } from '../interruption.js';
import { QuorateCommand } from '../quorate-command.js';
import { executorFlags, executorOf } from '../sweep/executor-flags.js';

const clock = (): number => performance.now();

export default class Sweep extends QuorateCommand {
  static override summary = 'Many runs at once: methods, data, seeds and options, into one table.';
  static override description = [
    'Words of the form key=value set keys of every run; with several values, key=a,b or seed=1..5, they make a grid. A file',
    '(--config, else quorate.sweep.* in this folder) can describe it instead: axes, base, paired, exclude. The same command',
    'again does what is not done yet, and what failed.',
    '\n\nExit codes: 0 all done, 1 some runs failed (the others are done), 2 something to correct (nothing was run),',
    '130 interrupted.',
  ].join(' ');
  static override usage =
    'sweep [KEY=VALUE,VALUE ...] [--config FILE] [--out DIR] [--dry-run] [--jobs N] [--shard I/N] [--queue URL] [--json]';
  static override strict = false;
  static override examples = [
    '<%= config.bin %> sweep method=ds_model,lean,quorate seed=1..5 experiment=synthetic',
    '<%= config.bin %> sweep --config study.sweep.yaml --dry-run',
    '<%= config.bin %> sweep --config study.sweep.yaml --shard $SLURM_ARRAY_TASK_ID/8 --out /shared/study',
    '<%= config.bin %> sweep --config study.sweep.yaml --queue redis://queue.lan:6379',
  ];
  static override flags = {
    config: Flags.string({
      char: 'c',
      helpValue: 'FILE',
      summary: 'A file with axes, or the configuration file of every run.',
    }),
    out: Flags.string({ char: 'o', helpValue: 'DIR', summary: 'Folder of the sweep. Without it: sweeps/<its name>.' }),
    'dry-run': Flags.boolean({ summary: 'Say how many runs there are and about how long they take; run nothing.' }),
    force: Flags.boolean({ summary: 'Do runs again that are done.' }),
    shard: Flags.string({
      helpValue: 'I/N',
      summary: 'Only this part of the runs, for arrays of jobs; parts may share a folder.',
    }),
    ...executorFlags,
  };

  async run(): Promise<unknown> {
    const { flags, argv } = await this.parse(Sweep);
    const words = this.words(argv);
    const { name, options, concurrency } = executorOf(flags);
    const { planRequest } = await import('../sweep/plan-request.js');
    const sweep = await import('@quorate/sweep');
    const shard = flags.shard === undefined ? null : sweep.shardOf(flags.shard);
    const request = await planRequest({ words, config: flags.config, out: flags.out });
    if (flags['dry-run']) {
      const { dryRun } = await import('../sweep/dry-run.js');
      const plan = await sweep.planSweep(request);
      const { lines, json } = await dryRun({ plan, shard, concurrency, clock });
      this.print(lines);
      if (this.jsonEnabled()) process.stdout.write(`${JSON.stringify(json)}\n`);
      return;
    }
    const { TerminalSweepView, LogSweepView, JsonSweepView } = await import('../sweep/sweep-view.js');
    const view = this.jsonEnabled()
      ? new JsonSweepView()
      : process.stdout.isTTY
        ? new TerminalSweepView(clock, concurrency)
        : new LogSweepView();
    const interruption = listenForInterruption(() => view.stopping());
    process.stdout.on('error', () => interruption.abort());
    try {
      const plan = await sweep.planSweep(request);
      const executor = sweep.executorNamed(name, plan.registry);
      const mine = sweep.runsOf(plan, shard);
      const before = flags.force ? 0 : mine.filter(({ id }) => sweep.isDone(plan.folder, id)).length;
      view.opened(plan, mine.length, before);
      const started = clock();
      const end = await sweep.runSweep({
        plan,
        executor,
        options,
        concurrency,
        shard,
        force: flags.force,
        cwd: process.cwd(),
        env: process.env,
        builtins: request.prepare.builtins,
        clock,
        signal: interruption.signal,
        onEvent: (event) => view.event(event),
        onNote: (message) => view.note(message),
      });
      view.ended(end, (clock() - started) / 1000);
      if (interruption.signal.aborted) {
        process.stderr.write('\nEverything is saved. Repeat the command to continue.\n');
        process.exitCode = INTERRUPTED;
      } else if (end.failed > 0) process.exitCode = 1;
    } finally {
      view.close();
      interruption.release();
    }
    return;
  }

  /** The lines are written as they come. */
  override logJson(): void {}
}
