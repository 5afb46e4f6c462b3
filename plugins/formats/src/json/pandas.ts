import {
  QuorateError,
  defineComponent,
  messageOf,
  type AnswerFormat,
  type AnswerInput,
  type AnswerTableBuilder,
} from '@quorate/core';
import { z } from 'zod';
import { isLayout, layoutOf } from '../layout/layout.js';
import { roleOf, usualRoleOf } from '../layout/roles.js';
import { className, classNames } from '../table/class-names.js';
import { allBytes } from '../rows/all-bytes.js';
import { tableInMemory } from '../rows/cell-table.js';
import { isText } from '../rows/delimiter.js';
import type { Cell } from '../rows/row.js';
import { columnsGiven, columnsOption } from '../table/csv-options.js';
import { readTable } from '../table/read-table.js';
import { firstRecords } from './json-members.js';
import { isObject, type JsonObject } from './json-record.js';
import { readJson } from './lines.js';
import { answersIn, nestingOf, type Nesting } from './nested.js';
import { rowsOf } from './records.js';

const options = z.strictObject({ columns: columnsOption });

/** What `DataFrame.to_json` writes that is no list of records, and its kin: objects and lists of columns. */
export const pandas = defineComponent({
  kind: 'answerFormat',
  name: 'pandas',
  summary: 'pandas to_json in the orients columns, index, split, table and values; lists of columns; read only',
  options,
  create: (own): AnswerFormat => ({
    detect: (head) => detect(head),
    read: (input, table) => read(input, table, own),
  }),
});

const STRING = '"(?:[^"\\\\]|\\\\.)*"';
const starts = (pattern: string): RegExp =>
  new RegExp(`^\\s*${pattern.replaceAll('STR', STRING).replaceAll(' ', '\\s*')}`, 's');
const TABLE = starts('{ "schema" : { "fields"');
const SPLIT = starts('{ "(columns|index|data|index_names|column_names)" : \\[');
const VALUES = starts('\\[ \\[');
const NESTED = starts('{ (STR) : { (STR) : ("|-?\\d|true|false|null|NaN)');
const KEYED = starts('{ (STR) : \\[? \\{');
const LISTS = starts('{ (STR) : \\[');
const ROWS = /"row_idx"\s*:\s*\d+\s*,\s*"row"\s*:\s*\{/;

function detect(head: Uint8Array): number {
  if (!isText(head)) return 0;
  const text = Buffer.from(head).toString();
  // JSON Lines of nested objects begin as a table by columns does.
  if (firstRecords(head, 2).length === 2 && !/^\s*\[/.test(text)) return 0;
  if (TABLE.test(text)) return 0.96;
  if (SPLIT.test(text) && /"columns"\s*:/.test(text.slice(0, 1 << 14) + (text.length > 1 << 14 ? '"columns":' : '')))
    return 0.9;
  if (VALUES.test(text)) return 0.6;
  if (ROWS.test(text)) return 0.9;
  const nested = NESTED.exec(text);
  if (nested) {
    const [outer, inner] = [nested[1]!, nested[2]!].map((one) => nameIn(one)) as [string, string];
    // peerannot has tasks outside and workers inside; a column goes by a name, and its rows by numbers.
    if (usualRoleOf(outer) !== undefined && /^\d+$/.test(inner)) return 0.95;
    if (usualRoleOf(inner) !== undefined && usualRoleOf(outer) === undefined && namesRoles(text)) return 0.95;
    return 0.3;
  }
  if (KEYED.test(text) && !/"(data|annotations|completed_by|features|rows)"/.test(text.slice(0, 4096))) return 0.3;
  return LISTS.test(text) ? (isLists(head) ? 0.92 : 0.25) : 0;
}

/** Whether a text is one object of equally long lists of values, which are columns. */
function isLists(head: Uint8Array): boolean {
  const [first, second] = firstRecords(head, 2);
  if (second !== undefined) return false;
  if (first === undefined) {
    // More than what is seen: a list of values that fills it is no record.
    return head.length >= 1 << 16 && !Buffer.from(head).toString().trimEnd().includes('\n{');
  }
  const lists = Object.values(first);
  if (!lists.every(Array.isArray) || lists.length < 2) return false;
  const [{ length }] = lists as [unknown[]];
  return (
    length > 1 &&
    lists.every(
      (one: unknown[]) => one.length === length && !one.some((value) => typeof value === 'object' && value !== null),
    )
  );
}

/** The key that a JSON string is; empty for what is none. */
function nameIn(text: string): string {
  try {
    return String(readJson(text));
  } catch {
    return '';
  }
}

/** Whether the first row of an object of rows names a task, a worker or a label at least twice. */
function namesRoles(text: string): boolean {
  const row = /^\s*\{[^{]*\{([^}]*)\}/.exec(text)?.[1] ?? '';
  const names = [...row.matchAll(new RegExp(`(${STRING})\\s*:`, 'g'))].map((match) => nameIn(match[1]!));
  return names.filter((name) => ['task', 'worker', 'label'].includes(usualRoleOf(name) ?? '')).length >= 2;
}

async function read(input: AnswerInput, table: AnswerTableBuilder, own: z.output<typeof options>): Promise<void> {
  const bytes = await allBytes(input);
  let value: unknown;
  try {
    value = readJson(bytes.toString());
  } catch (thrown) {
    throw unlike(input.name, messageOf(thrown));
  }
  const rows = tableOf(value, input);
  if (rows === null) throw unlike(input.name, 'JSON of another form');
  await readTable(input, table, tableInMemory(rows), { given: columnsGiven(own), shape: null });
}

/** Rows, the names in the first; null for what is no table. */
function tableOf(value: unknown, input: AnswerInput): Cell[][] | null {
  if (Array.isArray(value)) {
    if (value.every(Array.isArray)) return value as Cell[][];
    return value.every(isObject) && value.length > 0 ? rowsOf(unnested(value)) : null;
  }
  if (!isObject(value)) return null;
  const { columns, data, schema } = value;
  if (Array.isArray(columns) && Array.isArray(data) && data.every(Array.isArray)) {
    return [columns.map((name) => (Array.isArray(name) ? name.join('.') : String(name))), ...(data as Cell[][])];
  }
  if (isObject(schema) && Array.isArray(data) && data.every(isObject)) return rowsOf(data);
  const viewed = viewerRows(value);
  if (viewed) return rowsOf(viewed);
  const entries = Object.entries(value);
  if (entries.length === 0) return null;
  const lists = entries.filter(([, one]) => Array.isArray(one) && one.length > 0 && one.every(isObject)) as [
    string,
    JsonObject[],
  ][];
  if (lists.length === 1) return rowsOf(unnested(lists[0]![1]));
  // `{"t1": [{"worker": "ann", "label": "cat"}, ...], ...}`: the key is what all in its list have in common.
  if (lists.length > 1) {
    if (entries.some(([, one]) => !Array.isArray(one))) return null;
    return rowsOf(keyed(entries.flatMap(([key, one]) => (one as unknown[]).map((row) => [key, row] as const))));
  }
  if (entries.every(([, one]) => Array.isArray(one))) {
    const lists = entries.map(([, one]) => one as Cell[]);
    if (lists.some((one) => one.length !== lists[0]!.length)) return null;
    return [entries.map(([name]) => name), ...lists[0]!.map((_, row) => lists.map((one) => one[row]))];
  }
  if (!entries.every(([, one]) => isObject(one))) return null;
  const records = entries.map(([, one]) => one as JsonObject);
  const nesting = nestingOf(records);
  if (nesting)
    return rowsOf(
      keyed(entries.flatMap(([key, one]) => all(one as JsonObject, nesting).map((row) => [key, row] as const))),
    );
  const byColumn = columnsOf(entries as [string, JsonObject][]);
  const byRow = rowsOf(records);
  const fits = (rows: Cell[][]): boolean => isLayout(layoutOf(tableInMemory(rows).sample, null, null, input));
  const isColumns = entries.some(([name]) => usualRoleOf(name) !== undefined);
  return isColumns || !fits(byRow) ? byColumn : byRow;
}

/** Rows of the dataset viewer of Hugging Face, with the names of classes in place of their numbers; null for what is none. */
function viewerRows({ features, rows }: JsonObject): JsonObject[] | null {
  if (!Array.isArray(rows) || rows.length === 0 || !rows.every((one) => isObject(one) && isObject(one['row'])))
    return null;
  const types = Array.isArray(features) ? features.filter(isObject) : [];
  const names = classNames(Object.fromEntries(types.map(({ name, type }) => [String(name), type])));
  return rows.map((one: JsonObject) => {
    const row = one['row'] as JsonObject;
    return Object.fromEntries(Object.entries(row).map(([key, value]) => [key, className(names.get(key), value)]));
  });
}

const unnested = (records: readonly JsonObject[]): JsonObject[] => {
  const nesting = nestingOf(records);
  return records.flatMap((record) => all(record, nesting));
};

/** Throws where a record cannot be taken apart: there is no line to skip in such a file. */
function all(record: JsonObject, nesting: Nesting | null): readonly JsonObject[] {
  const answers = answersIn(record, nesting);
  if (typeof answers !== 'string') return answers;
  throw new QuorateError('ANSWERS_INVALID', {
    where: 'a record',
    expected: 'lists of one length',
    got: answers,
    fix: 'Correct the record.',
  });
}

/** Rows, each with the key that it was found at: a worker where the rows name tasks, else a task; no column where they name both. */
function keyed(rows: readonly (readonly [string, unknown])[]): JsonObject[] {
  const names = new Set(rows.flatMap(([, row]) => (isObject(row) ? Object.keys(row) : [])).map((name) => roleOf(name)));
  const role = !names.has('task') ? 'task' : !names.has('worker') ? 'worker' : null;
  return rows.map(([key, row]) => ({ ...(role ? { [role]: key } : {}), ...(isObject(row) ? row : { value: row }) }));
}

/** `{column: {row: value}}`, in the order of the rows. */
function columnsOf(entries: readonly (readonly [string, JsonObject])[]): Cell[][] {
  const ids = new Set(entries.flatMap(([, column]) => Object.keys(column)));
  return [entries.map(([name]) => name), ...[...ids].map((id) => entries.map(([, column]) => column[id]))];
}

function unlike(where: string, got: string): QuorateError {
  return new QuorateError('ANSWERS_INVALID', {
    where: `${where}:1:1`,
    expected: 'a table as pandas writes it to JSON',
    got,
    fix: 'Write it as records: df.to_json("answers.jsonl", orient="records", lines=True).',
  });
}
