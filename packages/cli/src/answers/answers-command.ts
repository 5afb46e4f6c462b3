import { Flags } from '@oclif/core';
import type { Registry } from '@quorate/core';
import type { CrowdAnswers, GoldLabel } from '@quorate/consensus';
import { configFlag, QuorateCommand } from '../quorate-command.js';
import { splitWords, type SplitWords } from '../option-words.js';
import type { SourceTable } from './read-sources.js';
import { columnsIn, readingFlags, readingOf, type ReadingFlags } from './reading-flags.js';

/** The flags of all commands about answers in files. */
export const inputFlags = {
  config: configFlag,
  format: Flags.string({ summary: 'Format of the files. Without it: guessed from their content.' }),
  columns: Flags.string({
    summary:
      'What the columns are: in their order (task,worker,label,-), or some by name (task=HITId,label=Answer.mood).',
  }),
  ...readingFlags,
  'skip-bad-rows': Flags.boolean({ summary: 'Count and skip rows that cannot be read, instead of refusing the file.' }),
};

export const aggregatorFlag = Flags.string({
  char: 'a',
  summary: 'How labels come out of answers (default: "default", which calibrates its confidence).',
});
export const seedFlag = Flags.integer({ min: 0, summary: 'Seed of everything random (default: 0).' });
export const goldFlag = {
  helpValue: 'FILE',
  summary: 'Known labels, a file with task and label: tasks drawn at random ("quorate gold" does), not the clear ones.',
};
export const goldColumnsFlag = Flags.string({ summary: 'The same as --columns, for the file of --gold.' });

/** What a command about answers is given beside its flags: paths or `-`, and options. */
type InputWords = { readonly sources: readonly string[] } & SplitWords<'aggregator' | 'format'>['options'];

interface Input extends ReadingFlags {
  readonly config: string | undefined;
  readonly format: string | undefined;
  readonly columns: string | undefined;
  readonly 'skip-bad-rows': boolean;
}

/** What commands about answers in files share: words, plugins, reading. */
export abstract class AnswersCommand extends QuorateCommand {
  /** Files and options out of the words. Without a file, what comes through a pipe. */
  protected inputWords(argv: readonly unknown[], needsFile = true): InputWords {
    const words = argv.map(String);
    const flag = words.find((word) => word.startsWith('-') && word !== '-');
    if (flag !== undefined) this.error(`Nonexistent flag: ${flag}`, { exit: 2 });
    const { files: sources, options } = splitWords(words, ['aggregator', 'format', 'calibration']);
    const { calibration, aggregator, format } = options;
    const calibrates = Object.keys(calibration).length > 0;
    const input = { sources, format, aggregator: { ...aggregator, ...(calibrates ? { calibration } : {}) } };
    if (input.sources.length > 0 || !needsFile) return input;
    if (process.stdin.isTTY) this.error('Name a file of answers, or - for standard input.', { exit: 2 });
    return { ...input, sources: ['-'] };
  }

  /** The plugins, and the configuration file that names some of them. */
  protected async found(
    config: string | undefined,
  ): Promise<{ readonly registry: Registry; readonly file: string | null }> {
    const { findPlugins } = await import('@quorate/host');
    const { prepareRequest } = await import('../prepare-request.js');
    return findPlugins(prepareRequest({ words: [], config }));
  }

  protected async read(
    sources: readonly string[],
    registry: Registry,
    flags: Input,
    options: Readonly<Record<string, unknown>>,
  ): Promise<readonly SourceTable[]> {
    const { readSources } = await import('./read-sources.js');
    return readSources({
      sources,
      format: flags.format ?? null,
      formatOptions: flags.columns === undefined ? options : { columns: flags.columns, ...options },
      skipBadRows: flags['skip-bad-rows'],
      registry,
      cwd: process.cwd(),
      stdin: process.stdin,
      ...readingOf(flags),
    });
  }

  /** All answers of some files as one, each once. */
  protected async readAll(
    sources: readonly string[],
    registry: Registry,
    flags: Input,
    options: Readonly<Record<string, unknown>>,
  ): Promise<{
    answers: CrowdAnswers;
    tables: readonly SourceTable[];
    title: string;
    badRows: number;
    notes: readonly string[];
  }> {
    const { gather, takenNote } = await import('./aggregate.js');
    const { readingNotes } = await import('../terminal/reading-view.js');
    const { CrowdAnswers } = await import('@quorate/consensus');
    const tables = await this.read(sources, registry, flags, options);
    const { ledger, taken } = gather({ tables, state: null, force: false });
    const again = taken.filter(({ known, changed }) => known + changed > 0);
    return {
      answers: CrowdAnswers.of(ledger),
      notes: [...readingNotes(tables), ...again.map(takenNote)],
      tables,
      title: tables.map(({ name }) => name).join(', '),
      badRows: tables.reduce((sum, { table }) => sum + table.badRows, 0),
    };
  }

  /** Prints chunks of text, no faster than they are read. */
  protected async printChunks(chunks: Iterable<string>): Promise<void> {
    const { pipeline } = await import('node:stream/promises');
    const { Readable } = await import('node:stream');
    await pipeline(Readable.from(batched(chunks)), process.stdout, { end: false });
  }

  /** What is known of the tasks of some answers. */
  protected async gold(
    {
      gold: file,
      ...flags
    }: Input & { readonly gold: string | undefined; readonly 'gold-columns': string | undefined },
    registry: Registry,
    tables: readonly SourceTable[],
  ): Promise<readonly GoldLabel[]> {
    if (file === undefined) return [];
    const { readGold } = await import('@quorate/consensus');
    const tasks = new Set(tables.flatMap(({ table }) => table.taskIds));
    const { encoding, missing } = readingOf(flags);
    const request = {
      source: file,
      format: null,
      skipBadRows: false,
      encoding,
      missing,
      loaded: registry,
      cwd: process.cwd(),
    };
    const read = async (columns: string | null): Promise<readonly GoldLabel[]> => [
      ...(await readGold({ ...request, options: columns === null ? {} : { columns }, hasTask: (id) => tasks.has(id) })),
    ];
    const own = flags['gold-columns'] ?? null;
    // Where another field than the usual one is the task, it is so in both files.
    const shared = own === null ? columnsIn(flags.columns, 'task') : null;
    if (shared === null) return read(own);
    return read(shared).catch(() => read(null));
  }
}

function* batched(chunks: Iterable<string>): Generator<string, void, undefined> {
  let text = '';
  for (const chunk of chunks) {
    text += chunk;
    if (text.length < 1 << 16) continue;
    yield text;
    text = '';
  }
  yield text;
}
