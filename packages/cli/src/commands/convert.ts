import { Flags } from '@oclif/core';
import { INTERRUPTED, listenForInterruption } from '../interruption.js';
import { readingFlags, readingOf } from '../answers/reading-flags.js';
import { QuorateCommand, configFlag } from '../quorate-command.js';
import type { ConvertRecord } from '../convert-answers.js';

export default class Convert extends QuorateCommand {
  static override summary = 'Turn a file of crowd answers into another format.';
  static override description = [
    'The format of IN is guessed from its content, that of OUT from its name; - is standard input or output, .gz is gzip.',
    'Whatever OUT cannot hold is named. OUT is written when all of IN has been read, and replaced at once.',
    '\n\nWords of the form format.key=value set options of the format that is read, to.key=value of the one that is written;',
    'quorate plugins answerFormat/csv describes them.',
    '\n\nExit codes: 0 done, 1 failure, 2 something to correct, 130 interrupted.',
  ].join(' ');
  static override usage =
    'convert IN OUT [--from ID] [--to ID] [--labels FILE] [--columns NAMES] [--skip-bad-rows] [--json]';
  static override strict = false;
  static override examples = [
    '<%= config.bin %> convert export.json answers.csv',
    '<%= config.bin %> convert export.json predictions.json --to label_studio --labels labels.csv',
    '<%= config.bin %> convert answers.txt answers.jsonl --columns task,worker,label,-',
  ];
  static override flags = {
    config: configFlag,
    from: Flags.string({ summary: 'Format of IN. Without it: guessed from the content.' }),
    to: Flags.string({ summary: 'Format of OUT. Without it: by its name.' }),
    labels: Flags.string({
      summary: 'Labels to write along, where OUT has room: a file with task, label, confidence.',
    }),
    columns: Flags.string({
      summary:
        'Columns of a CSV without a header (task,worker,label,-), or which are which (task=HITId,label=Answer.mood).',
    }),
    ...readingFlags,
    'skip-bad-rows': Flags.boolean({ summary: 'Count rows that cannot be read, and skip them.' }),
  };

  async run(): Promise<ConvertRecord> {
    const { flags, argv } = await this.parse(Convert);
    const { splitWords } = await import('../option-words.js');
    const { files, options } = splitWords(argv.map(String), ['format', 'to']);
    const flag = files.find((word) => word.startsWith('-') && word !== '-');
    if (flag !== undefined) this.error(`Nonexistent flag: ${flag}`, { exit: 2 });
    const [source, target, ...more] = files;
    if (source === undefined || target === undefined || more.length > 0) {
      this.error('Name two files: quorate convert IN OUT (- for standard input or output).', { exit: 2 });
    }
    if (target === '-' && this.jsonEnabled()) {
      this.error('--json prints to standard output, which is OUT: name a file.', { exit: 2 });
    }
    const interruption = listenForInterruption(() => undefined);
    // A reader that has gone (`quorate convert a - | head`) ends the command as Ctrl-C does.
    process.stdout.on('error', () => interruption.abort());
    try {
      const { convertAnswers } = await import('../convert-answers.js');
      const told: string[] = [];
      const converted = await convertAnswers({
        source,
        target,
        from: flags.from ?? null,
        to: flags.to ?? null,
        labels: flags.labels ?? null,
        options: flags.columns === undefined ? options.format : { columns: flags.columns, ...options.format },
        targetOptions: options.to,
        skipBadRows: flags['skip-bad-rows'],
        reading: readingOf(flags),
        onRead: (lines) => told.push(...lines),
        config: flags.config,
        signal: interruption.signal,
        onNote: this.note,
      });
      if (!this.jsonEnabled())
        process.stderr.write([...told, ...linesOf(converted)].map((line) => `${line}\n`).join(''));
      return converted;
    } catch (thrown) {
      if (!interruption.signal.aborted) throw thrown;
      process.stderr.write('Interrupted; nothing was written.\n');
      return this.exit(INTERRUPTED);
    } finally {
      interruption.release();
    }
  }
}

/** On standard error, so that standard output has the answers alone. */
function linesOf({ to, format, answers, tasks, workers, classes, badRows, dropped, notes }: ConvertRecord): string[] {
  const counts = `${answers} answers of ${workers} workers to ${tasks} tasks, ${classes.length} classes`;
  return [
    `${to === '-' ? 'stdout' : to} (${format}): ${counts}`,
    ...(badRows > 0 ? [`Skipped: ${badRows} rows that cannot be read`] : []),
    ...dropped.map((what) => `Dropped: ${what}`),
    ...notes.map((note) => `Note: ${note}`),
  ];
}
