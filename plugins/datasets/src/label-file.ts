import type { ClassLabel } from '@quorate/core';
import { invalid, isMissing, listed, placeOf, type Table } from '@quorate/tables';
import { findColumns, type NamedColumns } from './columns.js';
import { canonicalLabels } from './label-spelling.js';

/** What a label file says: one entry per row, in the order of the feature rows. */
export interface LabelFile {
  /** Unique, not empty. */
  readonly ids: readonly string[];
  /** Class of each row as the file gives it, null where it has none; null where the file has no label at all. */
  readonly labels: readonly (ClassLabel | null)[] | null;
  /** 1 for a row that the file calls a prototype; null where it has no such column. */
  readonly prototype: Uint8Array | null;
  /** Where a row is, for errors. */
  readonly place: (row: number) => string;
  /** Names of the columns that hold ids and labels. */
  readonly columns: { readonly id: string; readonly label: string | null };
  /** What the user should know of how it was read. */
  readonly notes: readonly string[];
}

export interface LabelRequest {
  readonly named: NamedColumns;
  /** Class names that the run is about: one that reads as "no value" elsewhere, such as None, is a class then. */
  readonly classes: readonly ClassLabel[] | null;
}

/**
 * Ids and labels out of a table. A label that is missing (an empty field, NA, NaN, None, null, N/A, -) is no label. Throws
 * DATA_INVALID with the place: no rows, no ids, an id that is empty or there twice, a label that is no class name, two spellings
 * of a class.
 */
export async function readLabels(table: Table, { named, classes }: LabelRequest): Promise<LabelFile> {
  const places = findColumns(headerOf(table), table.columns, named);
  const isClass = new Set(classes?.map(String));
  const rowOfId = new Map<string, number>();
  const where: string[] = [];
  const labels: (ClassLabel | null)[] = [];
  const marks: unknown[] = [];
  const missing = new Map<string, number>();
  for await (const batch of table.batches()) {
    for (let r = 0; r < batch.rows; r++) {
      const place = placeOf(table, batch, r);
      const id = idOf(place, batch.columns[places.id]![r]);
      const before = rowOfId.get(id);
      if (before !== undefined) {
        const got = `${shown(id)}, also ${where[before]!.replace(`${table.name}:`, 'on line ').replace(`${table.name}, `, 'in ')}`;
        throw invalid(place, 'an id that no other row has', got, 'Rename one of them.');
      }
      rowOfId.set(id, where.length);
      where.push(place);
      const value = places.label < 0 ? null : batch.columns[places.label]![r];
      if (isMissing(value) && !isClass.has(String(value))) {
        const word = typeof value === 'string' && value !== '' ? value : '';
        missing.set(word, (missing.get(word) ?? 0) + 1);
        labels.push(null);
      } else labels.push(labelOf(place, value));
      if (places.prototype >= 0) marks.push(batch.columns[places.prototype]![r]);
    }
  }
  if (where.length === 0)
    throw invalid(table.name, 'one line for each feature row', 'no rows', 'Write a line for each task.');
  const place = (row: number): string => where[row]!;
  const spelled = canonicalLabels(table.name, labels, place);
  const file = {
    ids: [...rowOfId.keys()],
    labels: spelled.labels.some((label) => label !== null) ? spelled.labels : null,
    prototype: null,
    place,
    columns: { id: table.columns[places.id]!, label: places.label < 0 ? null : table.columns[places.label]! },
    notes: [...rolesNote(table, places), ...missingNote(table.name, missing, where.length), ...spelled.notes],
  };
  return places.prototype < 0 ? file : withPrototypes(file, marks, isClass);
}

/** The column of prototypes says yes or no, or which class. */
function withPrototypes(file: LabelFile, marks: readonly unknown[], isClass: ReadonlySet<string>): LabelFile {
  const words = marks.map((mark) => (isMissing(mark) && !isClass.has(String(mark)) ? '' : String(mark).toLowerCase()));
  if (words.every((word) => /^(|true|false|yes|no|y|n|x|0|1|0\.0|1\.0)$/.test(word))) {
    return { ...file, prototype: Uint8Array.from(words, (word) => +/^(true|yes|y|x|1|1\.0)$/.test(word)) };
  }
  const labels = marks.map((mark, row): ClassLabel | null => {
    const own = file.labels?.[row] ?? null;
    if (words[row] === '') return own;
    const label = labelOf(file.place(row), mark);
    if (own === null || String(own) === String(label)) return label;
    throw invalid(
      file.place(row),
      'a prototype of the class that its label names',
      `${shown(label)} and ${shown(own)}`,
      'Correct one.',
    );
  });
  return { ...file, labels, prototype: Uint8Array.from(words, (word) => +(word !== '')) };
}

function headerOf({ name, format }: Table): string {
  return format.startsWith('text') ? `${name}:1` : name;
}

function idOf(place: string, value: unknown): string {
  const id = typeof value === 'number' || typeof value === 'bigint' ? String(value) : value;
  if (typeof id === 'string' && id !== '') return id;
  throw invalid(place, 'an id (a string or a number)', shown(value), 'Give every row an id of its own.');
}

function labelOf(place: string, value: unknown): ClassLabel {
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  throw invalid(place, 'a label that is a string, number or boolean', shown(value), 'Write one class name.');
}

/** Which column was taken for what, where that is not what they are called. */
function rolesNote({ name, columns }: Table, { id, label }: { id: number; label: number }): readonly string[] {
  const others = columns.filter((_, c) => c !== id && c !== label);
  if (
    columns[id]!.toLowerCase() === 'id' &&
    (label < 0 ? others.length === 0 : columns[label]!.toLowerCase() === 'label')
  )
    return [];
  const ids = columns[id] === '' ? 'the first column' : `"${columns[id]}"`;
  const labels = label < 0 ? 'no labels' : `labels from "${columns[label]}"`;
  return [`${name}: ids from ${ids}, ${labels}${others.length > 0 ? `; left alone: ${listed(others)}` : ''}.`];
}

function missingNote(name: string, missing: ReadonlyMap<string, number>, rows: number): readonly string[] {
  const words = [...missing].filter(([word]) => word !== '').map(([word, count]) => `"${word}" in ${count}`);
  if (words.length === 0) return [];
  return [
    `${name}: read as "no label": ${words.join(', ')} of ${rows} rows. List such a word in classes where it is one.`,
  ];
}

/** A value as the user would recognise it, on one line. */
export function shown(value: unknown): string {
  const text =
    value === undefined
      ? 'nothing'
      : typeof value === 'bigint'
        ? String(value)
        : (JSON.stringify(value) ?? typeof value);
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}
