import type { AnswerTable, AnswerTableBuilder } from '../answer-table.js';
import type { Part } from './part.js';

/** A file, or what comes through a pipe. */
export interface AnswerInput {
  /** As errors name it: a path, or `stdin`. */
  readonly name: string;
  /** The bytes in chunks, gzip already undone. May be read once. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** A row that cannot be read: throw (null), or count it here and skip it. */
  readonly onBadRow: ((problem: BadRow) => void) | null;
}

/** Where and why a row cannot be read. Line and column from 1. */
export interface BadRow {
  readonly line: number;
  readonly column: number;
  readonly expected: string;
  readonly got: string;
}

/** Labels to write: those of the aggregation beside the answers that they came from. */
export interface AnswerOutput {
  readonly answers: AnswerTable;
  /** Label of every task (-1: none) with its confidence in 0..1; null: the answers alone. */
  readonly labels: { readonly label: Int32Array; readonly confidence: Float64Array } | null;
}

/**
 * A file format of crowd answers.
 *
 * Laws
 * - L1 `read` streams: memory beyond the table does not grow with the file, unless the format cannot be streamed.
 * - L2 a row that cannot be read is an ANSWERS_INVALID error with file, line and column, or goes to `onBadRow`.
 * - L3 what `write` wrote, `read` reads back, but for what `drops` names.
 * - L4 any bytes at all end in a table or in a QuorateError, never in another error.
 */
export interface AnswerFormat extends Part {
  /** How sure the format is that this is its own, 0..1, from the first bytes (up to 64 KiB) and the file's name. */
  detect(head: Uint8Array, name: string): number;
  read?(input: AnswerInput, table: AnswerTableBuilder): Promise<void>;
  /** Yields the file in chunks of text or bytes. */
  write?(output: AnswerOutput): AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>;
  /** What of this table the format cannot hold, in words for people; empty when nothing is lost. */
  drops?(output: AnswerOutput): readonly string[];
}
