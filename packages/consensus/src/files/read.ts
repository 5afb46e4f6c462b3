import {
  AnswerTableBuilder,
  QuorateError,
  isQuorateError,
  messageOf,
  type AnswerTable,
  type ClassLabel,
  type Registry,
} from '@quorate/core';
import { formatToRead } from './format.js';
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
}

/**
 * Reads a file of crowd answers, or standard input, in any format that a plugin knows. Throws ANSWERS_INVALID for a file
 * that is missing, empty, in no known format or without a word about workers, and for a row that cannot be read unless
 * `skipBadRows`; CONFIG_INVALID for options that the format does not have.
 */
export async function readAnswers(request: ReadAnswersRequest): Promise<AnswerTable> {
  const { name, table } = await readTable(request);
  const answers = table.build();
  const { badRows, count, gold, taskIds } = answers;
  if (taskIds.length === 0) {
    throw withoutAnswers(name, badRows > 0 ? `none in ${badRows} rows that cannot be read` : 'none');
  }
  if (count === 0 && gold !== null) {
    throw withoutAnswers(name, 'labels without a word about who gave them');
  }
  return answers;
}

/**
 * Reads what is known of tasks: a file with a task and a label in each row, or with answers and their gold labels.
 * @returns the true label of each task that has one.
 */
export async function readGold(request: ReadAnswersRequest): Promise<ReadonlyMap<string, ClassLabel>> {
  const labels = await readLabels(request);
  return new Map(Array.from(labels, ([task, { label }]) => [task, label]));
}

/** The same with the confidence that the file gives, 1 where it gives none: `labels.csv` of an aggregation. */
export async function readLabels(
  request: ReadAnswersRequest,
): Promise<ReadonlyMap<string, { readonly label: ClassLabel; readonly confidence: number }>> {
  const { name, table } = await readTable(request);
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
    got: table.count > 0 ? `${table.count} answers of workers` : 'none',
    fix: 'Give a file with the columns task,label, and no worker.',
  });
}

async function readTable(request: ReadAnswersRequest): Promise<{ name: string; table: AnswerTableBuilder }> {
  const { loaded, format, options, skipBadRows } = request;
  const { name, head, bytes } = await openInput(request);
  const table = new AnswerTableBuilder();
  try {
    if (head.length === 0) throw withoutAnswers(name, 'an empty file');
    const registry = 'registry' in loaded ? loaded.registry : loaded;
    const chosen = await formatToRead({ registry, format, options, name, head });
    try {
      await chosen.part.read({ name, bytes, onBadRow: skipBadRows ? () => void table.badRows++ : null }, table);
    } catch (thrown) {
      if (isQuorateError(thrown)) throw thrown;
      throw new QuorateError('PART_FAILED', {
        where: `format "${chosen.name}" with ${name}`,
        expected: 'answers, or an error that says what is wrong with the file',
        got: messageOf(thrown),
        fix: 'Report it to the author of the plugin.',
        cause: thrown,
      });
    } finally {
      await chosen.part.dispose?.();
    }
  } finally {
    await bytes[Symbol.asyncIterator]().return?.();
  }
  return { name, table };
}

function withoutAnswers(where: string, got: string): QuorateError {
  const fix = 'Give a file with a row for each answer: task,worker,label.';
  return new QuorateError('ANSWERS_INVALID', { where, expected: 'at least one answer', got, fix });
}
