import { cellText, type Cell } from '../rows/row.js';
import { isObject, type JsonObject } from './json-record.js';

/** A record whose objects are taken apart: `{"data": {"id": 7}}` has the key `data.id`. Lists stay as they are. */
export function flat(record: JsonObject): Map<string, unknown> {
  const found = new Map<string, unknown>();
  const put = (value: unknown, key: string, depth: number): void => {
    const inner = isObject(value) && depth < 3 ? Object.entries(value) : [];
    if (inner.length === 0) found.set(key, value);
    for (const [name, one] of inner) put(one, `${key}.${name}`, depth + 1);
  };
  for (const [key, value] of Object.entries(record)) put(value, key, 0);
  return found;
}

/** Keys of some records, in order of first appearance. */
export function keysOf(records: readonly ReadonlyMap<string, unknown>[]): string[] {
  const keys = new Set<string>();
  for (const record of records) for (const key of record.keys()) keys.add(key);
  return [...keys];
}

/** Rows of a table whose names are in the first row. */
export function rowsOf(records: readonly JsonObject[]): Cell[][] {
  const all = records.map(flat);
  const keys = keysOf(all);
  return [keys, ...all.map((record) => keys.map((key) => record.get(key)))];
}

/**
 * The value at a name in a record of a tool: a key, a path (`data.image`), or a key of the objects that hold what is asked
 * about (`data`, `fields`, `metadata`, `meta`, `inputContent`, ...). As text; undefined where there is none.
 */
export function valueAt(record: JsonObject, name: string): string | undefined {
  const holders = ['data', 'fields', 'metadata', 'meta', 'data_row', 'dataObject', 'inputContent', 'subject_data'];
  const tries: unknown[] = [record[name], atPath(record, name)];
  for (const holder of holders)
    if (isObject(record[holder])) tries.push(record[holder][name], atPath(record[holder], name));
  const found = tries.find((value) => value !== undefined && value !== null && value !== '');
  return found === undefined ? undefined : cellText(found);
}

function atPath(record: JsonObject, path: string): unknown {
  let value: unknown = record;
  for (const key of path.split('.')) value = isObject(value) ? value[key] : undefined;
  return value;
}
