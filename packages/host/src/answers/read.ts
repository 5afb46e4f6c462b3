import {
  AnswerTableBuilder,
  QuorateError,
  isQuorateError,
  type AnswerInput,
  type AnswerTable,
  type ClassLabel,
  type Registry,
} from '@quorate/core';
import { dirname, join, resolve } from 'node:path';
import { readIfThere } from '../disk/write.js';
import { filesOf, type AnswerFile } from './sources.js';
import { closeFormat, formatError, formatToRead } from './format.js';
import { openInput, type InputRequest } from './input.js';

export interface ReadAnswersRequest extends InputRequest {
  /** Name of a format (`csv`); null: guessed from the content. */
  readonly format: string | null;
  /** Of the format, as the user wrote them: `{columns: 'task,worker,label'}`. */
  readonly options: Readonly<Record<string, unknown>>;
  /** True: rows that cannot be read are counted in the table and skipped. */
  readonly skipBadRows: boolean;
  /** What `findPlugins` or `prepare` returned, or its registry. */
  readonly loaded: Registry | { readonly registry: Registry };
  /** Who gave the answers of a file that does not say it: a name, or that of each file. */
  readonly worker?: string | { readonly from: 'filename' } | null;
  /** Columns to keep for each task beside the answers. */
  readonly carry?: readonly string[];
  /** Texts that stand for no label, and usual ones of these that are classes here. */
  readonly missing?: AnswerInput['missing'];
}

/**
 * Reads crowd answers: a file in any format that a plugin knows, all files of a folder or a pattern as one, or standard
 * input. Throws ANSWERS_INVALID for a file that is missing, empty, in no known format or without a word about workers, and
 * for a row that cannot be read unless `skipBadRows`; CONFIG_INVALID for options that the format does not have.
 */
export async function readAnswers(request: ReadAnswersRequest): Promise<AnswerTable> {
  const [{ table }] = (await readEach({ ...request, sources: [request.source] })) as [SourceTable];
  return table;
}

/** The answers of one source, as people name it: a path, or `stdin`. */
export interface SourceTable {
  readonly name: string;
  readonly table: AnswerTable;
}

export interface ReadEachRequest extends Omit<ReadAnswersRequest, 'source'> {
  /** Paths, folders, patterns, or `-`. */
  readonly sources: readonly string[];
}

/**
 * Reads several sources, each to a table of its own. Where there are several files, and the first has labels and says
 * nothing of workers, each file is of one worker: its name. Throws as `readAnswers` does.
 */
export async function readEach({ sources, ...request }: ReadEachRequest): Promise<readonly SourceTable[]> {
  const all = filesOf(sources, request.cwd);
  let asked: Omit<ReadAnswersRequest, 'source'> = request;
  if (all.length > 1 && (request.worker ?? null) === null && all[0]!.name !== '-') {
    const first = new AnswerTableBuilder();
    await readInto(first, { ...request, source: all[0]!.name }, all[0]!);
    if (first.count === 0 && first.hasGold) asked = { ...request, worker: { from: 'filename' } };
  }
  const tables: SourceTable[] = [];
  let from = 0;
  for (const source of sources) {
    const count = source === '-' ? 1 : filesOf([source], request.cwd).length;
    const builder = new AnswerTableBuilder();
    for (const file of all.slice(from, from + count)) await readInto(builder, { ...asked, source }, file);
    from += count;
    tables.push({ name: source === '-' ? 'stdin' : source, table: built(source === '-' ? 'stdin' : source, builder) });
  }
  return tables;
}

function built(name: string, builder: AnswerTableBuilder): AnswerTable {
  const table = builder.build();
  const { badRows, count, gold, taskIds } = table;
  if (taskIds.length === 0) {
    throw withoutAnswers(name, badRows > 0 ? `none in ${badRows} rows that cannot be read` : 'none');
  }
  if (count === 0 && gold !== null) throw withoutWorkers(name);
  return table;
}

/**
 * Reads what is known of tasks: a file with a task and a label in each row, or with answers and their gold labels.
 * @returns the true label of each task that has one.
 */
export async function readGold(request: GoldRequest): Promise<ReadonlyMap<string, ClassLabel>> {
  const labels = await readLabels(request);
  return new Map(Array.from(labels, ([task, { label }]) => [task, label]));
}

/** The same with the confidence that the file gives, 1 where it gives none: `labels.csv` of an aggregation. */
export async function readLabels(
  request: GoldRequest,
): Promise<ReadonlyMap<string, { readonly label: ClassLabel; readonly confidence: number }>> {
  const name = request.source;
  const table = await readKnown(request);
  const { taskIds, classes, gold } = table.build();
  const labels = new Map<string, { label: ClassLabel; confidence: number }>();
  taskIds.forEach((task, item) => {
    const label = classes[gold?.[item] ?? -1];
    if (label !== undefined) labels.set(task, { label, confidence: table.confidenceOf(item) });
  });
  if (labels.size > 0) return labels;
  throw new QuorateError('ANSWERS_INVALID', {
    where: name,
    expected: 'at least one task with its label',
    got:
      table.count > 0
        ? `${table.count} answers of workers`
        : taskIds.length > 0
          ? `${taskIds.length} tasks without one`
          : 'none',
    fix:
      table.count > 0
        ? 'If these answers are the true classes, leave the workers out: --gold-columns worker=-.'
        : taskIds.length > 0
          ? 'Fill in the labels that you know; empty ones are left out.'
          : 'Give a file with the columns task,label.',
  });
}

/** True classes, with what is known of the answers that they are for. */
export interface GoldRequest extends ReadAnswersRequest {
  /** Whether the answers have a task of this id: tells which column of a file without a header has the tasks. */
  readonly hasTask?: (id: string) => boolean;
}

/** Columns of files without a header, in the order in which they are tried. */
const UNNAMED = ['task,label', 'label,task', 'task,label,-', 'task,-,label', '-,task,label', 'label,task,-'];

async function readKnown(request: GoldRequest): Promise<AnswerTableBuilder> {
  try {
    return await readFirst(request);
  } catch (thrown) {
    if (!isQuorateError(thrown) || thrown.code !== 'ANSWERS_INVALID') throw thrown;
    const { expected, fix } = thrown.detail;
    const several = expected.startsWith('a column that says who gave each label');
    throw new QuorateError('ANSWERS_INVALID', {
      ...thrown.detail,
      ...(several ? { expected: 'one label for each task', got: 'tasks with several' } : {}),
      fix: several ? 'Leave one for each task.' : fix.replace(/--columns\b/g, '--gold-columns'),
    });
  }
}

async function readFirst(request: GoldRequest): Promise<AnswerTableBuilder> {
  const read = async (options: ReadAnswersRequest['options'], format = request.format): Promise<AnswerTableBuilder> => {
    const table = new AnswerTableBuilder();
    for (const file of filesOf([request.source], request.cwd))
      await readInto(table, { ...request, options, format }, file);
    return table;
  };
  try {
    return await read(request.options);
  } catch (thrown) {
    const { hasTask, source, options } = request;
    const mayRetry =
      isQuorateError(thrown) && thrown.code === 'ANSWERS_INVALID' && hasTask !== undefined && source !== '-';
    if (!mayRetry || 'columns' in options) throw thrown;
    for (const columns of UNNAMED) {
      const table = await read({ ...options, columns }, 'csv').catch(() => null);
      if (table?.build().taskIds.some(hasTask)) return table;
    }
    throw thrown;
  }
}

async function readInto(table: AnswerTableBuilder, request: ReadAnswersRequest, file: AnswerFile): Promise<void> {
  const { loaded, format, options, skipBadRows, carry, missing } = request;
  const { unpacked, left } = file;
  const { name, head, bytes, encoding } = await openInput({
    ...{ ...request, source: file.name },
    ...(unpacked ? { unpacked } : {}),
  });
  if (left) table.note(`Not read: ${left.join(', ')}.`);
  try {
    if (head.length === 0) throw withoutAnswers(name, 'an empty file');
    const registry = 'registry' in loaded ? loaded.registry : loaded;
    const chosen = await formatToRead({ registry, format, options, name, head });
    const onBadRow = skipBadRows ? badRowsOf(table) : null;
    const input: AnswerInput = {
      ...{ name, bytes, onBadRow, ...workerOf(request, file) },
      ...(carry === undefined ? {} : { carry }),
      ...(missing === undefined ? {} : { missing }),
      ...beside(request.cwd, file),
    };
    try {
      await chosen.part.read(input, table);
      table.took({ format: chosen.name, encoding: encoding() });
    } catch (thrown) {
      await closeFormat(chosen, name).catch(() => undefined);
      throw formatError(chosen.name, name, thrown);
    }
    await closeFormat(chosen, name);
  } finally {
    await bytes[Symbol.asyncIterator]().return?.();
  }
}

/** What a data set of Hugging Face says of the columns of its files. */
function beside(cwd: string, { name, unpacked }: AnswerFile): Pick<AnswerInput, 'beside'> {
  if (unpacked || !/\.(parquet|arrow)$/i.test(name)) return {};
  const folder = dirname(resolve(cwd, name));
  for (const place of [folder, dirname(folder)]) {
    for (const info of ['dataset_info.json', 'dataset_infos.json']) {
      const text = readIfThere(join(place, info));
      if (text !== undefined) return { beside: text };
    }
  }
  return {};
}

function workerOf(
  { worker = null }: ReadAnswersRequest,
  { stem }: AnswerFile,
): Pick<AnswerInput, 'worker' | 'workerFrom'> {
  if (worker === null) return {};
  return typeof worker === 'string'
    ? { worker, workerFrom: '--worker' }
    : { worker: stem, workerFrom: 'the name of the file' };
}

/** Counts rows that cannot be read, and says of the first three why. */
function badRowsOf(table: AnswerTableBuilder): NonNullable<AnswerInput['onBadRow']> {
  return ({ line, expected, got }) => {
    if (table.badRows++ < 3) table.note(`Line ${line} could not be read: expected ${expected}, got ${got}.`);
  };
}

function withoutAnswers(where: string, got: string): QuorateError {
  const fix = 'Give a file with a row for each answer: task,worker,label.';
  return new QuorateError('ANSWERS_INVALID', { where, expected: 'at least one answer', got, fix });
}

function withoutWorkers(where: string): QuorateError {
  return new QuorateError('ANSWERS_INVALID', {
    where,
    expected: 'at least one answer',
    got: 'labels without a word about who gave them',
    fix: 'Say which column has the workers (--columns worker=<name>), or who answered (--worker NAME, --worker-from filename).',
  });
}
