import { AnswerTableBuilder, QuorateError, type AnswerTable, type Registry } from '@quorate/core';
import { openInput, type InputRequest } from './answers-input.js';
import { formatToRead } from './answers-format.js';

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
 * that is missing, empty or in no known format, and for a row that cannot be read unless `skipBadRows`; CONFIG_INVALID for
 * options that the format does not have.
 */
export async function readAnswers(request: ReadAnswersRequest): Promise<AnswerTable> {
  const { loaded, format, options, skipBadRows } = request;
  const { name, head, bytes } = await openInput(request);
  if (head.length === 0) throw withoutAnswers(name, 'an empty file');
  const registry = 'registry' in loaded ? loaded.registry : loaded;
  const part = await formatToRead({ registry, format, options, name, head });
  const table = new AnswerTableBuilder();
  await part.read({ name, bytes, onBadRow: skipBadRows ? () => void table.badRows++ : null }, table);
  const answers = table.build();
  if (answers.taskIds.length === 0) {
    const skipped = answers.badRows > 0 ? `, ${answers.badRows} rows that cannot be read` : '';
    throw withoutAnswers(name, `none${skipped}`);
  }
  return answers;
}

function withoutAnswers(where: string, got: string): QuorateError {
  const fix = 'Give a file with a row for each answer: task,worker,label.';
  return new QuorateError('ANSWERS_INVALID', { where, expected: 'at least one answer', got, fix });
}
