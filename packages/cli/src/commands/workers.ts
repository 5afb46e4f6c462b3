import { Flags } from '@oclif/core';
import {
  AnswersCommand,
  aggregatorFlag,
  goldColumnsFlag,
  goldFlag,
  inputFlags,
  seedFlag,
} from '../answers/answers-command.js';

/** Workers of the table without `--all`. */
const MOST = 30;

export default class Workers extends AnswersCommand {
  static override summary = 'How good each worker is, what they mistake, and who answers without looking.';
  static override description = [
    'A worker is judged by what the others say of the same tasks (by their answers alone, weighed as the aggregator found),',
    'never by their own answers. Skill is the share of their answers that are right, with a 95 % credible interval. Flags hold at',
    'an error of 1 % over all workers together: few answers are never flagged.',
    '\n\nExit codes: 0 done, 1 failure, 2 something to correct.',
  ].join(' ');
  static override usage = 'workers ANSWERS... [--all] [--json]';
  static override strict = false;
  static override examples = [
    '<%= config.bin %> workers answers.csv',
    '<%= config.bin %> workers answers.csv --gold gold.csv --json',
  ];
  static override flags = {
    ...inputFlags,
    aggregator: aggregatorFlag,
    seed: seedFlag,
    gold: Flags.string(goldFlag),
    'gold-columns': goldColumnsFlag,
    all: Flags.boolean({ summary: 'Show all workers, not only the most active and the flagged ones.' }),
  };

  async run(): Promise<unknown> {
    const { flags, argv } = await this.parse(Workers);
    const { sources, aggregator: options, format } = this.inputWords(argv);
    const { aggregate } = await import('../answers/aggregate.js');
    const { inferredJson, sizesJson } = await import('../answers/aggregate-json.js');
    const { reportWorkers } = await import('@quorate/consensus');
    const { columns } = await import('../terminal/format.js');
    const { flagLines, skillLine, workerTableLines } = await import('../terminal/workers-view.js');
    const { readingJson, readingLines, readingNotes } = await import('../terminal/reading-view.js');
    const { registry } = await this.found(flags.config);
    const tables = await this.read(sources, registry, flags, format);
    const { consensus, aggregator, badRows, notes } = await aggregate({
      registry,
      tables,
      aggregator: flags.aggregator ?? null,
      options,
      seed: flags.seed ?? null,
      gold: await this.gold(flags, registry, tables),
      probabilities: null,
      state: null,
      stateName: null,
      settle: true,
      force: false,
    });
    const workers = reportWorkers(consensus);
    const told = [...readingNotes(tables), ...notes];
    this.print([
      ...readingLines(tables),
      ...told.flatMap((note) => columns([['note', note]], 80, 2)),
      ...workerTableLines(workers, flags.all ? workers.length : MOST),
      skillLine(workers),
      ...flagLines(workers, flags.all ? workers.length : MOST),
    ]);
    return {
      ...sizesJson(consensus, badRows),
      aggregator,
      ...inferredJson(consensus),
      read: readingJson(tables),
      notes: told,
      workersReport: workers,
    };
  }
}
