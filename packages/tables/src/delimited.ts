import { CsvError, parse } from 'csv-parse/sync';
import { messageOf } from '@quorate/core';
import { invalid } from './data-error.js';
import type { Batch, Table } from './table.js';

export interface DelimitedOptions {
  /** Null: the first line names the columns, unless all of it reads as numbers. A list: there is no such line. */
  readonly header?: readonly string[] | null;
}

const SEPARATORS = { ',': 'commas', ';': 'semicolons', '\t': 'tabs', '|': 'bars', ' ': 'blanks' } as const;
type Separator = keyof typeof SEPARATORS;

/** Rows of a batch: of one, errors and progress; of all, memory. */
const BATCH = 4096;

/** A table of delimited text: the separator is found out, `sep=` in the first line is taken at its word. */
export function delimitedTable(name: string, text: string, { header = null }: DelimitedOptions = {}): Table {
  const told = /^\uFEFF?sep=(.)\r?\n/.exec(text);
  const separator = (told?.[1] as Separator | undefined) ?? separatorOf(text);
  const records = parseRecords(name, told ? text.slice(told[0].length) : text, separator, told ? 1 : 0);
  const [first, second] = records;
  if (!first) throw invalid(name, 'a header and rows', 'no rows', 'Write a line for each task.');
  const named = header === null && !isDataLine(first.fields, second?.fields);
  const rows = named ? records.slice(1) : records;
  const given = named
    ? first.fields.map((field) => field.replaceAll(/\s+/g, ' '))
    : (header ?? first.fields.map((_, c) => `column ${c + 1}`));
  // A separator at the end of every line makes no column.
  const last = given.length - 1;
  const trails = last > 0 && given[last] === '' && rows.every(({ fields }) => (fields[last] ?? '') === '');
  const columns = trails ? given.slice(0, -1) : given;
  for (const { fields, line } of rows) {
    const extra = fields.slice(columns.length).some((field) => field !== '');
    if (extra || fields.length < columns.length) {
      const got = `${fields.length}`;
      throw invalid(`${name}:${line}`, `${columns.length} fields, as in the header`, got, 'Correct that line.');
    }
  }
  return {
    name,
    format: `text, separated by ${SEPARATORS[separator] ?? JSON.stringify(separator)}`,
    columns,
    *batches() {
      for (let at = 0; at < rows.length; at += BATCH) {
        const part = rows.slice(at, at + BATCH);
        yield {
          rows: part.length,
          first: at,
          columns: columns.map((_, c) => part.map(({ fields }) => fields[c]!)),
          lines: part.map(({ line }) => line),
        } satisfies Batch;
      }
    },
  };
}

interface Record {
  readonly fields: string[];
  readonly line: number;
}

function parseRecords(name: string, text: string, separator: Separator, linesBefore: number): Record[] {
  const records: Record[] = [];
  try {
    parse(text, {
      bom: true,
      delimiter: separator,
      trim: true,
      skip_empty_lines: true,
      relax_column_count: true,
      on_record: (fields: string[], { lines }: { lines: number }) => {
        // Numbers in columns of a fixed width have several blanks between them.
        const kept = separator === ' ' ? fields.filter((field) => field !== '') : fields;
        records.push({ fields: kept, line: lines + linesBefore });
        return null;
      },
    });
  } catch (cause) {
    const line = cause instanceof CsvError ? cause['lines'] : undefined;
    const where = typeof line === 'number' ? `${name}:${line + linesBefore}` : name;
    throw invalid(where, 'delimited text', shortened(messageOf(cause)), 'Correct that line.', cause);
  }
  return records;
}

function shortened(text: string): string {
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

/** The separator that splits the first lines into the same number of fields, two or more; the most fields win. */
function separatorOf(text: string): Separator {
  const lines = text
    .slice(0, 65_536)
    .split(/\r\n|\n|\r/)
    .filter((line) => line.trim() !== '')
    .slice(0, 10)
    .map((line) => line.replaceAll(/"(?:[^"]|"")*"/g, 'q'));
  let [best, most]: [Separator, number] = [',', 1];
  for (const separator of [',', ';', '\t', '|'] as const) {
    const counts = lines.map((line) => line.split(separator).length);
    const fewest = Math.min(...counts);
    // A decimal comma is no separator where semicolons, tabs or bars are there as often.
    if (fewest > most || (separator !== ',' && fewest > 1 && fewest >= most && best === ','))
      [best, most] = [separator, fewest];
  }
  if (most > 1) return best;
  // Blanks separate numbers (numpy.savetxt), never names.
  const words = lines.map((line) => line.trim().split(/ +/));
  return words.length > 0 && words.every((fields) => fields.length > 1 && fields.every(isNumber)) ? ' ' : ',';
}

/** Does the first line hold data already: are there numbers where the second has numbers, and not the numbers of columns? */
function isDataLine(first: readonly string[], second: readonly string[] | undefined): boolean {
  const numbers = first.filter(isNumber);
  if (numbers.length === 0) return false;
  const counted = numbers.every((field, at) => Number(field) === Number(numbers[0]) + at && /^[01]$/.test(numbers[0]!));
  if (counted && numbers.length > 1) return false;
  return second === undefined || first.every((field, c) => isNumber(field) === isNumber(second[c] ?? ''));
}

export function isNumber(field: string): boolean {
  return field.trim() !== '' && Number.isFinite(Number(field));
}
