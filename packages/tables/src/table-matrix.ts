import { invalid, listed } from './data-error.js';
import { isMissing, placeOf, type Batch, type Table, type Values } from './table.js';

/** Which columns of a table are features. */
export interface FeatureColumns {
  /** Names as the user gives them, `emb_*` for all that begin so; null to find out. */
  readonly wanted: readonly string[] | null;
  /** Columns that hold something else, by name: the ids, the labels. */
  readonly others: readonly string[];
}

export interface TableMatrix {
  /** rows × columns, row-major. */
  readonly data: Float32Array;
  readonly rows: number;
  readonly columns: number;
  /** Values of the column of ids; null where the table has none. */
  readonly ids: readonly unknown[] | null;
  /** What was taken for the features, for people. */
  readonly taken: string;
}

/** Names under which tables keep ids; the first that a table has counts. */
export const ID_NAMES = [
  'id',
  'task',
  'task_id',
  'image_id',
  'item_id',
  'filename',
  'file_name',
  'image',
  'file',
  'path',
  'key',
];

/** Numbers that describe a row and are no features of it, though they could be read as such. */
const NEVER_FEATURES = new Set([
  '',
  'index',
  'label',
  'labels',
  'class',
  'class_id',
  'target',
  'y',
  'split',
  'fold',
  ...ID_NAMES,
]);

const SAMPLE = 100;

/**
 * Features out of a table: the columns that were named; else the only column that holds a list of numbers in each row; else
 * all columns of numbers, but those of ids, labels and row numbers. Throws DATA_INVALID where that is not clear.
 *
 * @param idColumn Name of the column of ids; null for the usual names.
 */
export async function matrixOfTable(
  table: Table,
  features: FeatureColumns,
  idColumn: string | null,
): Promise<TableMatrix> {
  const ids = idAt(table, idColumn);
  const chunks: Float32Array[] = [];
  const idValues: unknown[] = [];
  let places: readonly number[] | null = null;
  let columns = 0;
  let rows = 0;
  for await (const batch of table.batches()) {
    places ??= featurePlaces(table, batch, features, ids);
    columns ||= places.reduce((sum, c) => sum + widthOf(batch.columns[c]![0]), 0);
    chunks.push(numbersOf(table, batch, places, columns));
    if (ids >= 0) for (let r = 0; r < batch.rows; r++) idValues.push(batch.columns[ids]![r]);
    rows += batch.rows;
  }
  if (places === null || rows === 0)
    throw invalid(table.name, 'rows of features', 'no rows', 'Write a row for each task.');
  const data = chunks.length === 1 ? chunks[0]! : joined(chunks, rows * columns);
  return { data, rows, columns, ids: ids >= 0 ? idValues : null, taken: words(places.map((c) => table.columns[c]!)) };
}

function idAt({ columns }: Table, wanted: string | null): number {
  if (wanted !== null) {
    const at = columns.indexOf(wanted);
    // The labels' file may name its ids otherwise than this one.
    if (at >= 0) return at;
  }
  const lower = columns.map((column) => column.toLowerCase());
  const known = ID_NAMES.map((one) => lower.indexOf(one)).find((at) => at >= 0);
  return known ?? -1;
}

function featurePlaces(table: Table, batch: Batch, { wanted, others }: FeatureColumns, ids: number): readonly number[] {
  const { name, columns } = table;
  if (wanted !== null) return wanted.flatMap((one) => placesNamed(table, one));
  const free = columns.map((_, c) => c).filter((c) => c !== ids && !others.includes(columns[c]!));
  const sampled = (c: number): unknown[] =>
    Array.from({ length: Math.min(SAMPLE, batch.rows) }, (_, r) => batch.columns[c]![r]);
  const lists = free.filter((c) => sampled(c).every((value) => listOf(value) !== null));
  if (lists.length === 1) return lists;
  const fix = `Set dataset.featureColumns to the one that is meant${lists.length > 1 ? '' : ', or to several: \'["a","b"]\''}.`;
  if (lists.length > 1) {
    throw invalid(name, 'one column of lists of numbers', listed(lists.map((c) => columns[c]!)), fix);
  }
  // A gap does not make a column of numbers something else: it is refused by its row.
  const numbers = free.filter((c) => {
    const values = sampled(c);
    const known = values.filter((value) => !isMissing(value));
    return (
      !NEVER_FEATURES.has(columns[c]!.toLowerCase()) &&
      known.length > 0 &&
      known.every((value) => numberOf(value) !== null)
    );
  });
  if (numbers.length > 0) return numbers;
  throw invalid(name, 'columns of numbers, or one of lists of numbers', `the columns ${listed(columns)}`, fix);
}

function placesNamed({ name, columns }: Table, wanted: string): readonly number[] {
  const fits = wanted.endsWith('*')
    ? (column: string): boolean => column.startsWith(wanted.slice(0, -1))
    : (column: string): boolean => column === wanted;
  const places = columns.map((_, c) => c).filter((c) => fits(columns[c]!));
  if (places.length > 0) return places;
  throw invalid(name, `a column "${wanted}"`, `the columns ${listed(columns)}`, 'Correct dataset.featureColumns.');
}

/** The numbers of a batch, rows × columns. */
function numbersOf(table: Table, batch: Batch, places: readonly number[], columns: number): Float32Array {
  const out = new Float32Array(batch.rows * columns);
  for (let r = 0; r < batch.rows; r++) {
    let at = r * columns;
    for (const c of places) {
      const value = batch.columns[c]![r];
      const list = listOf(value);
      if (list !== null) {
        if (at + list.length > (r + 1) * columns) throw ragged(table, batch, r, c, columns);
        for (let d = 0; d < list.length; d++) out[at++] = Number(list[d]);
        continue;
      }
      const number = numberOf(value);
      if (number === null || at >= (r + 1) * columns) {
        const got = typeof value === 'string' && value !== '' ? JSON.stringify(value.slice(0, 60)) : 'no number';
        const where = `${placeOf(table, batch, r)}, column ${JSON.stringify(table.columns[c])}`;
        throw invalid(
          where,
          'a number',
          got,
          'Correct or leave out that row, or name the features (dataset.featureColumns).',
        );
      }
      out[at++] = number;
    }
    if (at !== (r + 1) * columns) throw ragged(table, batch, r, places.at(-1)!, columns);
  }
  return out;
}

function ragged(table: Table, batch: Batch, row: number, column: number, columns: number) {
  const got = `${listOf(batch.columns[column]![row])?.length ?? 1}`;
  const where = `${placeOf(table, batch, row)}, column ${JSON.stringify(table.columns[column])}`;
  return invalid(where, `${columns} numbers, as in the first row`, got, 'Make all rows of one length.');
}

/** A number, however the file writes it: 0,25 is one where commas are no separators. */
function numberOf(value: unknown): number | null {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean' || typeof value === 'bigint') return Number(value);
  if (typeof value !== 'string' || value.trim() === '') return null;
  const number = Number(/^-?\d+,\d+(e[-+]?\d+)?$/i.test(value) ? value.replace(',', '.') : value);
  return Number.isNaN(number) && !/^[-+]?nan$/i.test(value) ? null : number;
}

/** A list of numbers: a list, a typed array, or a text such as "[0.1, 0.2]". */
function listOf(value: unknown): Values | null {
  if (ArrayBuffer.isView(value)) return value as unknown as Values;
  if (Array.isArray(value))
    return value.every((one) => typeof one === 'number' || typeof one === 'bigint') ? value : null;
  if (typeof value !== 'string' || !/^\s*\[[\s\d.,eE+-]*\]\s*$/.test(value)) return null;
  // As Python prints a list, or as NumPy prints an array.
  const parts = value
    .trim()
    .slice(1, -1)
    .trim()
    .split(/[\s,]+/);
  return parts[0] === '' ? [] : parts.map(Number);
}

const widthOf = (value: unknown): number => listOf(value)?.length ?? 1;

function joined(chunks: readonly Float32Array[], length: number): Float32Array {
  const out = new Float32Array(length);
  let at = 0;
  for (const chunk of chunks) {
    out.set(chunk, at);
    at += chunk.length;
  }
  return out;
}

function words(names: readonly string[]): string {
  if (names.length === 1) return `column ${JSON.stringify(names[0])}`;
  return `${names.length} columns, ${JSON.stringify(names[0])} to ${JSON.stringify(names.at(-1))}`;
}
