import { resolve } from 'node:path';
import { availableParallelism } from 'node:os';
import { Flags } from '@oclif/core';
import type { Need } from '@quorate/plan';
import { INTERRUPTED, listenForInterruption } from '../interruption.js';
import { QuorateCommand, configFlag } from '../quorate-command.js';

export default class Plan extends QuorateCommand {
  static override summary = 'How many answers labels of a wanted accuracy will take: people, days and money.';
  static override description = [
    'From a pilot, a random sample of the tasks with features and labels (500 to 2,000 of them): methods are run on parts of it with',
    'simulated workers, and what they need is extrapolated to all tasks (--tasks), with 95 % intervals. Say how good your people',
    'are, workers.accuracy=0.8, or give answers of theirs (--answers). Words of the form key=value set any key of the configuration.',
    '\n\nExit codes: 0 done, 1 some runs failed, 2 something to correct, 130 interrupted (the same command goes on).',
  ].join(' ');
  static override usage = 'plan [KEY=VALUE ...] [--tasks N] [--target SHARE] [--price P] [--people N] [--json]';
  static override strict = false;
  static override examples = [
    '<%= config.bin %> plan dataset.use=files dataset.features=pilot.npy dataset.labels=pilot.csv --tasks 50000 --price 0.03',
    '<%= config.bin %> plan experiment=synthetic workers.accuracy=0.8 --target 0.95',
  ];
  static override flags = {
    config: configFlag,
    tasks: Flags.integer({
      min: 1,
      summary: 'How many tasks are to be labelled in all (default: those of the pilot).',
    }),
    method: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      summary: 'A method to plan with (default: ds_model and quorate).',
    }),
    target: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'SHARE',
      summary: 'Share of right labels (default: 0.9, 0.95, 0.98).',
    }),
    answers: Flags.string({
      helpValue: 'FILE',
      summary: 'Answers that your people have given: how good they are is taken from them.',
    }),
    price: Flags.string({ helpValue: 'P', summary: 'What an answer costs.' }),
    people: Flags.integer({ min: 1, default: 5, summary: 'How many people answer.' }),
    hours: Flags.integer({ min: 1, default: 4, summary: 'Hours a day that each of them answers.' }),
    seconds: Flags.integer({ min: 1, default: 5, summary: 'Seconds that an answer takes.' }),
    repeats: Flags.integer({ min: 2, default: 3, summary: 'Runs on each part of the pilot.' }),
    jobs: Flags.integer({ char: 'j', min: 1, summary: 'Runs at a time (default: one for each core).' }),
    out: Flags.string({ char: 'o', helpValue: 'DIR', default: 'sweeps/plan', summary: 'Folder of the runs.' }),
  };

  async run(): Promise<unknown> {
    const { flags, argv } = await this.parse(Plan);
    const words = this.words(argv);
    const targets = (flags.target ?? ['0.9', '0.95', '0.98']).map((text) => {
      const share = Number(text);
      if (!(share > 0 && share < 1))
        this.error(`--target: expected a share between 0 and 1, got ${text}.`, { exit: 2 });
      return share;
    });
    const price = flags.price === undefined ? null : Number(flags.price);
    if (price !== null && !(price >= 0))
      this.error(`--price: expected a number of at least 0, got ${flags.price}.`, { exit: 2 });
    const { budgetOf, planPilot } = await import('@quorate/plan');
    const { prepareRequest } = await import('../prepare-request.js');
    const { planLines } = await import('../terminal/plan-view.js');
    const { overrides: _overrides, ...prepare } = prepareRequest({ words: [], config: flags.config });
    const given = words.filter((word) => !word.startsWith('method='));
    if (flags.answers !== undefined) {
      const { workersOf } = await import('../plan/workers-of.js');
      const { findPlugins } = await import('@quorate/host');
      const { registry } = await findPlugins({ ...prepare, overrides: [] });
      const known = await workersOf(flags.answers, registry);
      // What the user says of the workers counts more.
      given.unshift(...known.words);
      this.note(known.sentence);
    }
    const methods = flags.method ?? ['ds_model', 'quorate'];
    const interruption = listenForInterruption(() => this.note('Stopping: the runs in hand are saved.'));
    const live = process.stderr.isTTY && !this.jsonEnabled();
    try {
      const plan = await planPilot({
        prepare,
        words: given,
        methods,
        targets,
        tasks: flags.tasks ?? null,
        repeats: flags.repeats,
        folder: resolve(flags.out),
        concurrency: flags.jobs ?? availableParallelism(),
        clock: () => performance.now(),
        signal: interruption.signal,
        onEvent: (event, done, of) => {
          if (live && event.type !== 'progress') process.stderr.write(`\r${done} of ${of} runs on parts of the pilot `);
        },
        onNote: this.note,
      });
      if (live) process.stderr.write('\r\x1b[K');
      if (plan.interrupted && interruption.signal.aborted) {
        this.note('Everything is saved. Go on with the same command.');
        process.exitCode = INTERRUPTED;
        return { interrupted: true };
      }
      if (plan.failed.length > 0) {
        for (const failure of new Set(plan.failed)) this.note(`A run failed: ${failure}`);
        process.exitCode = 1;
      }
      const staffing = { seconds: flags.seconds, people: flags.people, hours: flags.hours, price };
      const rows = plan.needs.map((one) => ({ ...one, budget: one.need && budgetOf(one.need, plan.tasks, staffing) }));
      this.print(planLines({ ...plan, staffing, rows }));
      const range = ({ perTask, low, high }: Need): object => ({ estimate: perTask, low, high });
      return {
        pilot: plan.pilot,
        tasks: plan.tasks,
        staffing,
        needs: rows.map(({ method, target, need, best, budget }) => ({
          method,
          target,
          best,
          perTask: need && range(need),
          answers: budget && range(budget.answers),
          days: budget && range(budget.days),
          money: budget?.money ? range(budget.money) : null,
        })),
      };
    } finally {
      interruption.release();
    }
  }
}
