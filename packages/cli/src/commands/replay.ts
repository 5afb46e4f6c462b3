import { Flags } from '@oclif/core';
import type { AnswerTable, Registry } from '@quorate/core';
import { goldFlag } from '../answers/answers-command.js';
import { configFlag } from '../quorate-command.js';
import { RunningCommand } from '../running-command.js';

export default class Replay extends RunningCommand {
  static override summary = 'What a method would have saved on answers that you already have.';
  static override description = [
    'The method chooses the tasks, the file says who answered: each recorded answer is used at most once, none is invented.',
    'Afterwards: as many answers in random order, by majority vote, Dawid-Skene, and logistic regression with features.',
    'Words of the form key=value set any key of the configuration. With gold, --audits has it play the expert for so many',
    'random tasks, and confidence is calibrated with what it says.',
    '\n\nExit codes: 0 done, 1 failure, 2 something to correct (files, configuration, folder), 130 interrupted.',
  ].join(' ');
  static override usage = 'replay ANSWERS [--gold FILE] [--features FILE] [--audits N] [KEY=VALUE ...]';
  static override strict = false;
  static override examples = [
    '<%= config.bin %> replay answers.csv',
    '<%= config.bin %> replay answers.csv --gold gold.csv --audits 100',
    '<%= config.bin %> replay answers.csv --gold gold.csv --features features.npy method=efficient_annotation',
  ];
  static override flags = {
    config: configFlag,
    gold: Flags.string({
      ...goldFlag,
      summary: `${goldFlag.summary} Without it a column of the answers, if there is one.`,
    }),
    features: Flags.string({
      helpValue: 'FILE',
      summary: 'Features of the tasks, as "quorate features" writes them; their ids are in the .csv of the same name.',
    }),
    audits: Flags.integer({ min: 1, summary: 'How many random tasks the gold, as an expert, checks.' }),
    seed: Flags.integer({ min: 0, summary: 'Seed of everything random (default: 0).' }),
    format: Flags.string({ summary: 'Format of the answers. Without it: guessed from their content.' }),
    columns: Flags.string({ summary: 'What the columns of the answers are, for instance task,worker,label.' }),
    out: Flags.string({ char: 'o', summary: 'Folder of the run. Without it: runs/<name of the run>.' }),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Replay);
    const words = this.words(argv);
    const [answers, ...more] = words.filter((word) => !word.includes('='));
    if (answers === undefined || more.length > 0) {
      const got = answers === undefined ? 'none was named' : `got ${[answers, ...more].join(', ')}`;
      this.error(`Name one file of recorded answers: quorate replay answers.csv (${got}).`, { exit: 2 });
    }
    const short = (name: string): string | undefined =>
      words.findLast((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
    const given = words.filter((word) => word.includes('=') && !/^(features|gold|audits)=/.test(word));
    const audits = flags.audits ?? (short('audits') === undefined ? null : Number(short('audits')));
    if (flags.seed !== undefined) given.unshift(`seed=${flags.seed}`);
    const files = {
      answers,
      gold: flags.gold ?? short('gold') ?? null,
      features: flags.features ?? short('features') ?? null,
      format: flags.format ?? null,
      columns: flags.columns ?? null,
      audits,
    };
    let table: AnswerTable | undefined;
    let registry: Registry | undefined;
    let seed = 0;
    await this.runToEnd({
      out: flags.out,
      resume: false,
      prepared: async () => {
        const { findPlugins, prepare, readAnswers } = await import('@quorate/host');
        const { prepareRequest } = await import('../prepare-request.js');
        const { replayWords } = await import('../replay/replay-words.js');
        ({ registry } = await findPlugins(prepareRequest({ words: [], config: flags.config })));
        table = await readAnswers({
          source: answers,
          cwd: process.cwd(),
          format: files.format,
          options: files.columns === null ? {} : { columns: files.columns },
          skipBadRows: false,
          loaded: registry,
        });
        const hasGold = files.gold !== null || table.gold !== null || given.some((word) => word.startsWith('dataset.'));
        if (audits !== null && !hasGold) {
          this.error('Audits need gold, which plays the expert: add --gold FILE.', { exit: 2 });
        }
        const prepared = await prepare(
          prepareRequest({ words: replayWords(files, table, given), config: flags.config }),
        );
        seed = prepared.config.seed;
        return prepared;
      },
      compare: async (run) => {
        const { savedBy } = await import('../replay/saved.js');
        const { savedLines } = await import('../replay/saved-lines.js');
        const saved = await savedBy(run, table!, registry!, seed);
        const method = given.findLast((word) => word.startsWith('method='))?.slice('method='.length) ?? 'quorate';
        return { lines: savedLines(method, saved), json: { replay: saved } };
      },
    });
  }
}
