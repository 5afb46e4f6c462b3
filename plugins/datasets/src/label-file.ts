import { QuorateError, isQuorateError, messageOf, nearest, type ClassLabel } from '@quorate/core';
import { CsvError, parse as parseCsv } from 'csv-parse/sync';

/** What a label file says: one entry per row, in the order of the feature rows. */
export interface LabelFile {
  /** Unique, not empty. */
  readonly ids: readonly string[];
  /** True class of each row as the file gives it; null where the file has no label at all. */
  readonly labels: readonly ClassLabel[] | null;
  /** Line of the file, from 1, on which each row is. */
  readonly lines: Int32Array;
}

/** One row as a format gives it, before the checks that all formats share. */
interface Row {
  readonly id: unknown;
  readonly label: unknown;
  readonly line: number;
}

/**
 * Parses ids and labels. JSON Lines (a file named `.jsonl`, `.ndjson` or `.json`): an object `{"id": ..., "label": ...}`
 * a line, labels stay strings, numbers or booleans. Anything else is CSV with a header that has `id` and, where truth is
 * known, `label`; other columns are left alone, labels are strings, blanks around a field are dropped unless it is
 * quoted. A label that is missing, empty or null is no label.
 *
 * Throws DATA_INVALID with the line: not UTF-8, no rows, rows that do not parse, an id that is empty or there twice, and
 * a file in which only some rows have a label (such rows could be neither scored nor told from a slip).
 *
 * @param name The file as the user wrote it; errors name it.
 */
export function parseLabelFile(name: string, bytes: Uint8Array): LabelFile {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw invalid(name, 'text in UTF-8', 'other bytes', 'Save it as UTF-8.', cause);
  }
  const rows = /\.(jsonl|ndjson|json)$/i.test(name) ? jsonRows(name, text) : csvRows(name, text);
  if (rows.length === 0) throw invalid(name, 'one line for each feature row', 'no rows', 'Write a line for each task.');
  return checkRows(name, rows);
}

function checkRows(name: string, rows: readonly Row[]): LabelFile {
  const lineOfId = new Map<string, number>();
  const labels: ClassLabel[] = [];
  const lineOfLabel = new Map<string, { readonly label: ClassLabel; readonly line: number }>();
  let unlabelled: number | undefined;
  for (const { id: given, label, line } of rows) {
    const where = `${name}:${line}`;
    const id = typeof given === 'number' ? String(given) : given;
    if (typeof id !== 'string' || id === '') {
      throw invalid(where, 'an id (a string or a number)', shown(given), 'Give every row an id of its own.');
    }
    const before = lineOfId.get(id);
    if (before !== undefined) {
      throw invalid(
        where,
        'an id that no other row has',
        `${shown(id)}, also on line ${before}`,
        'Rename one of them.',
      );
    }
    lineOfId.set(id, line);
    if (label === undefined || label === null || label === '') {
      unlabelled ??= line;
      continue;
    }
    if (!isLabel(label)) {
      throw invalid(where, 'a label that is a string, number or boolean', shown(label), 'Write one class name.');
    }
    const twin = lineOfLabel.get(String(label));
    if (!twin) lineOfLabel.set(String(label), { label, line });
    else if (twin.label !== label) {
      const got = `${shown(label)} here and ${shown(twin.label)} on line ${twin.line}`;
      throw invalid(where, 'class names that print differently', got, 'Write the class in one way.');
    }
    labels.push(label);
  }
  if (unlabelled !== undefined && labels.length > 0) {
    throw invalid(
      `${name}:${unlabelled}`,
      'a label in every row or in none',
      `no label, as in ${rows.length - labels.length} of ${rows.length} rows`,
      'Label these rows, leave them out (of the features too), or remove all labels.',
    );
  }
  return {
    ids: [...lineOfId.keys()],
    labels: labels.length > 0 ? labels : null,
    lines: Int32Array.from(rows, (row) => row.line),
  };
}

function isLabel(x: unknown): x is ClassLabel {
  return typeof x === 'string' || typeof x === 'boolean' || (typeof x === 'number' && Number.isFinite(x));
}

function jsonRows(name: string, text: string): Row[] {
  const rows: Row[] = [];
  for (const [index, source] of text.split('\n').entries()) {
    if (source.trim() === '') continue;
    const line = index + 1;
    let value: unknown;
    try {
      value = JSON.parse(source);
    } catch (cause) {
      throw invalid(
        `${name}:${line}`,
        'one JSON object on a line',
        short(messageOf(cause)),
        'Write JSON Lines.',
        cause,
      );
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw invalid(`${name}:${line}`, 'a JSON object with "id" and "label"', shown(value), 'Write JSON Lines.');
    }
    const { id, label } = value as { id?: unknown; label?: unknown };
    rows.push({ id, label, line });
  }
  return rows;
}

function csvRows(name: string, text: string): Row[] {
  let header: { id: number; label: number } | undefined;
  const rows: Row[] = [];
  const collect = (fields: string[], { lines }: { lines: number }): null => {
    if (header) rows.push({ id: fields[header.id], label: fields[header.label], line: lines });
    else header = columnsOf(`${name}:${lines}`, fields);
    return null;
  };
  try {
    parseCsv(text, { skip_empty_lines: true, trim: true, on_record: collect });
  } catch (cause) {
    if (isQuorateError(cause)) throw cause;
    const line = cause instanceof CsvError ? cause['lines'] : undefined;
    const where = typeof line === 'number' ? `${name}:${line}` : name;
    throw invalid(where, 'CSV with as many fields as the header', short(messageOf(cause)), 'Repair that line.', cause);
  }
  return rows;
}

/** Where the header has the two columns; -1 for `label` where it has none. */
function columnsOf(where: string, columns: readonly string[]): { id: number; label: number } {
  const place = (wanted: 'id' | 'label'): number => {
    const near = nearest(wanted, columns);
    if (columns.includes(wanted) || (wanted === 'label' && near === undefined)) return columns.indexOf(wanted);
    const fix =
      near === undefined ? 'Write the header id,label in the first line.' : `Is ${shown(near)} meant as ${wanted}?`;
    throw invalid(where, `a header with a column "${wanted}" (id,label)`, shown(columns.join(',')), fix);
  };
  return { id: place('id'), label: place('label') };
}

/** A value as the user would recognise it, on one line. */
function shown(value: unknown): string {
  return short(value === undefined ? 'nothing' : JSON.stringify(value));
}

function short(text: string): string {
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

function invalid(where: string, expected: string, got: string, fix: string, cause?: unknown): QuorateError {
  return new QuorateError('DATA_INVALID', { where, expected, got, fix, ...(cause === undefined ? {} : { cause }) });
}
