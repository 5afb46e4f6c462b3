import { Flags } from '@oclif/core';
import { AnswersCommand, goldColumnsFlag, goldFlag, inputFlags, seedFlag } from '../answers/answers-command.js';

export default class Compare extends AnswersCommand {
  static override summary =
    'All aggregators on the same answers: how far they agree, and with gold how right they are.';
  static override description = [
    'Gold labels are held out: no aggregator sees them. Accuracy is in expectation over ties, its interval and that of the',
    'difference to the best come from a bootstrap over tasks (seeded, paired). "no difference": the interval reaches 0.',
    'ECE is the expected calibration error: how far the stated confidence is from the share that is right.',
    '\n\nExit codes: 0 done, 1 failure, 2 something to correct.',
  ].join(' ');
  static override usage = 'compare ANSWERS... [--gold FILE] [--json]';
  static override strict = false;
  static override examples = [
    '<%= config.bin %> compare answers.csv',
    '<%= config.bin %> compare answers.csv --gold gold.csv',
  ];
  static override flags = {
    ...inputFlags,
    seed: seedFlag,
    gold: Flags.string(goldFlag),
    'gold-columns': goldColumnsFlag,
  };

  async run(): Promise<unknown> {
    const { flags, argv } = await this.parse(Compare);
    const { sources, format } = this.inputWords(argv);
    const { compareMethods } = await import('../answers/compare-methods.js');
    const { StageView } = await import('../answers/stage-view.js');
    const { compareLines } = await import('../terminal/compare-view.js');
    const { registry } = await this.found(flags.config);
    const view = new StageView(this.jsonEnabled());
    try {
      const { readingJson, readingLines } = await import('../terminal/reading-view.js');
      const { columns } = await import('../terminal/format.js');
      const { answers, tables, title, badRows, notes: told } = await this.readAll(sources, registry, flags, format);
      const comparison = await compareMethods({
        registry,
        answers,
        gold: await this.gold(flags, registry, tables),
        seed: flags.seed ?? 0,
        onMethod: (name) => view.stage(name),
      });
      view.close();
      this.print([
        ...readingLines(tables),
        ...told.flatMap((note) => columns([['note', note]], 80, 2)),
        ...compareLines(title, comparison),
      ]);
      const { methods, agreement, ...rest } = comparison;
      return {
        answers: answers.index.count,
        badRows,
        read: readingJson(tables),
        reading: told,
        methods,
        agreement:
          agreement && methods.map((_, m) => [...agreement.subarray(m * methods.length, (m + 1) * methods.length)]),
        ...rest,
      };
    } finally {
      view.close();
    }
  }
}
