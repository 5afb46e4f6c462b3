import type { Sample } from '../layout/content.js';
import type { Shape } from '../layout/facts.js';
import type { ColumnsGiven } from '../layout/given.js';
import type { RowReader } from '../rows/row.js';

/** A table that has been opened: its first rows, and a way to read all of them. */
export interface OpenTable {
  readonly sample: Sample;
  /** Reads all rows, those of the sample included. */
  readonly rows: (reader: RowReader) => Promise<void>;
}

export interface TableRequest {
  /** What the user says of the columns; null: nothing. */
  readonly given: ColumnsGiven | null;
  /** Null: decided by names and content. */
  readonly shape: Shape | null;
  /** False for a text that is no label. */
  readonly isLabel?: (text: string) => boolean;
  /** Where each answer of a row begins to be, for errors: the line of the table's header. */
  readonly line?: number;
}
