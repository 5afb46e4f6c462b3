/** Values of one column, for the rows of a batch: texts of a CSV, or whatever the format has. */
export type Values = ArrayLike<unknown>;

/** Some rows of a table, column by column, in the order of the table's columns. */
export interface Batch {
  readonly rows: number;
  /** Number of its first row in the table, from 0. */
  readonly first: number;
  readonly columns: readonly Values[];
  /** Line of the file on which each row is; null for formats without lines. */
  readonly lines: ArrayLike<number> | null;
}

/** A table that is read batch by batch. */
export interface Table {
  /** As the user wrote it; errors name it. */
  readonly name: string;
  /** For people: `CSV, separated by semicolons`. */
  readonly format: string;
  /** Names of the columns; '' for a column without one. */
  readonly columns: readonly string[];
  /** What the file says of itself, by key: `huggingface`, `pandas`. Left out where its format has no place for it. */
  readonly metadata?: ReadonlyMap<string, string>;
  /** May be gone through more than once. */
  batches(): AsyncIterable<Batch> | Iterable<Batch>;
}

/** Where a row is, for an error. */
export function placeOf({ name }: Table, { lines, first }: Batch, row: number): string {
  return lines ? `${name}:${lines[row]}` : `${name}, row ${first + row + 1}`;
}

const MISSING = new Set(['', 'NA', 'N/A', 'n/a', 'NaN', 'nan', '-nan', 'None', 'null', 'NULL', '<NA>', '#N/A', '-']);

/** Is this how files write that there is no value? */
export function isMissing(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  return typeof value === 'string' ? MISSING.has(value.trim()) : Number.isNaN(value);
}
