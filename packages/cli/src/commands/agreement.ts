import { Flags } from '@oclif/core';
import { AnswersCommand, inputFlags } from '../answers/answers-command.js';

export default class Agreement extends AnswersCommand {
  static override summary =
    "How far the answers agree: Krippendorff's alpha, Fleiss' and Cohen's kappa, percent, per class.";
  static override description = [
    'Of several answers of one worker to one task the first counts; tasks that one worker answered say nothing.',
    "Cohen's kappa compares the --max-workers workers with most answers, pairs with --min-tasks tasks in common.",
    '\n\nExit codes: 0 done, 1 failure, 2 something to correct.',
  ].join(' ');
  static override usage = 'agreement ANSWERS... [--json]';
  static override strict = false;
  static override examples = [
    '<%= config.bin %> agreement answers.csv',
    'cat answers.csv | <%= config.bin %> agreement - --json',
  ];
  static override flags = {
    ...inputFlags,
    'max-workers': Flags.integer({ min: 2, max: 500, default: 50, summary: "Workers that Cohen's kappa compares." }),
    'min-tasks': Flags.integer({ min: 1, default: 10, summary: 'Tasks that a pair must have in common.' }),
  };

  async run(): Promise<unknown> {
    const { flags, argv } = await this.parse(Agreement);
    const { sources, format } = this.inputWords(argv);
    const { agreementOf, pairwiseKappa } = await import('@quorate/consensus');
    const { agreementLines } = await import('../terminal/agreement-view.js');
    const { agreementJson } = await import('../answers/aggregate-json.js');
    const { readingJson, readingLines } = await import('../terminal/reading-view.js');
    const { registry } = await this.found(flags.config);
    const { answers, tables, title, badRows, notes } = await this.readAll(sources, registry, flags, format);
    const agreement = agreementOf(answers.index);
    const pairwise = pairwiseKappa(answers.index, { maxWorkers: flags['max-workers'], minTasks: flags['min-tasks'] });
    this.print([...readingLines(tables), ...agreementLines(title, answers, agreement, pairwise, notes)]);
    const { classes, workerIds } = answers;
    return {
      answers: answers.index.count,
      skips: answers.skipped,
      badRows,
      tasks: answers.taskIds.length,
      workers: workerIds.length,
      classes,
      read: readingJson(tables),
      notes,
      agreement: agreementJson(agreement, classes),
      cohen: {
        mean: pairwise.mean,
        workers: pairwise.workers,
        pairs: pairwise.pairs.map(({ workers: [j, l], ...rest }) => ({
          workers: [workerIds[j]!, workerIds[l]!],
          ...rest,
        })),
      },
    };
  }
}
