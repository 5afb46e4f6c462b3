import type { AnswerTable, AnswerTableBuilder } from '../data/answer-table.js';
import { QuorateError } from '../errors.js';
import type { Part } from './part.js';

/** A file, or what comes through a pipe. */
export interface AnswerInput {
  /** As errors name it: a path, or `stdin`. */
  readonly name: string;
  /** The bytes in chunks: gzip and byte order mark already undone, UTF-16 already turned into UTF-8. Read once. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** A row that cannot be read: throw (null), or count it here and skip it. */
  readonly onBadRow: ((problem: BadRow) => void) | null;
  /** Who gave the answers of a file that does not say it. */
  readonly worker?: string;
  /** How that is known: `the name of the file`. */
  readonly workerFrom?: string;
  /** Columns or keys to keep for each task beside the answers (`AnswerTableBuilder.carry`). */
  readonly carry?: readonly string[];
  /** What a data set says of its files beside them: the text of Hugging Face's `dataset_info.json`. */
  readonly beside?: string;
  /** Texts that stand for no label beside the usual ones of tables (`NA`, `None`, ...), and usual ones that are classes here. */
  readonly missing?: { readonly also: readonly string[]; readonly keep: readonly string[] };
}

/** Where and why a row cannot be read. Line and column from 1. */
export interface BadRow {
  readonly line: number;
  readonly column: number;
  readonly expected: string;
  readonly got: string;
  /** What to do about it, where the format knows better than "correct the row". */
  readonly fix?: string;
}

/** Labels to write: those of the aggregation beside the answers that they came from. */
export interface AnswerOutput {
  readonly answers: AnswerTable;
  /** Label of every task (-1: none) with its confidence in 0..1; null: the answers alone. */
  readonly labels: { readonly label: Int32Array; readonly confidence: Float64Array } | null;
  /** The file to write, as the user named it, without `.gz`; `stdout`. */
  readonly name: string;
  /** Now, ISO 8601, for formats that say when they were written. */
  readonly date: string;
}

/**
 * A file format of crowd answers.
 *
 * What the columns of a table mean is the same in all formats: an answer without a label is a skip (-1); every row
 * counts, also the second of one worker to one task; a file without a word about workers tells the true classes.
 *
 * Laws
 * - L1 `read` streams: it is done with a chunk of bytes before it asks for the next, whichever way they are cut; memory
 *   beyond the table does not grow with the file, unless the format cannot be streamed.
 * - L2 a row that cannot be read is an ANSWERS_INVALID error with file, line and column, or goes to `onBadRow`.
 * - L3 what `write` wrote, `read` reads back, in any order of tasks, workers, classes and answers, but for what `drops`
 *   names; labels up to `String(label)`.
 * - L4 any bytes at all end in a table or in a QuorateError, never in another error; `detect` never throws.
 * - L5 `detect` is surer of what `write` wrote than of nothing; one table, the same bytes.
 */
export interface AnswerFormat extends Part {
  /** File names that mean this format when writing, with the dot; none where several formats share them (`.json`). */
  readonly extensions?: readonly string[];
  /** How sure the format is that this is its own, 0..1, from the first bytes (up to 64 KiB) and the file's name. */
  detect(head: Uint8Array, name: string): number;
  read?(input: AnswerInput, table: AnswerTableBuilder): Promise<void>;
  /** Yields the file in chunks of text or bytes. Throws ANSWERS_INVALID for what the format cannot be written without. */
  write?(output: AnswerOutput): AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>;
  /** What of this table the format cannot hold, in words for people; empty when nothing is lost. */
  drops?(output: AnswerOutput): readonly string[];
}

/** Skips a row that cannot be read, or throws where the reader of the file did not ask for that. */
export function rejectRow({ name, onBadRow }: Pick<AnswerInput, 'name' | 'onBadRow'>, problem: BadRow): void {
  if (onBadRow) return onBadRow(problem);
  const { line, column, expected, got, fix = 'Correct the row, or skip such rows with --skip-bad-rows.' } = problem;
  throw new QuorateError('ANSWERS_INVALID', { where: `${name}:${line}:${column}`, expected, got, fix });
}
