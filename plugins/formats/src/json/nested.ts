import { roleOf, type Role } from '../layout/roles.js';
import { isObject, type JsonObject } from './json-record.js';
import { flat } from './records.js';

/**
 * How records hold several answers each: in a list of objects (`"annotations": [{"worker": ..., "label": ...}]`), or in lists
 * side by side (`"labels": [...], "annotators": [...]`).
 */
export type Nesting =
  { readonly by: 'objects'; readonly key: string } | { readonly by: 'lists'; readonly keys: readonly string[] };

const rolesOf = (record: JsonObject): ReadonlySet<Role | undefined> =>
  new Set([...flat(record)].filter(([, value]) => !Array.isArray(value)).map(([key]) => roleOf(lastOf(key))));
const lastOf = (key: string): string => key.slice(key.lastIndexOf('.') + 1);

/** The nesting that some records have in common; null where each of them is one answer, or it is not clear. */
export function nestingOf(records: readonly JsonObject[]): Nesting | null {
  for (const record of records) {
    const found = nestingIn(record);
    if (found) return found;
  }
  return null;
}

function nestingIn(record: JsonObject): Nesting | null {
  const outer = rolesOf(record);
  const entries = Object.entries(record);
  const lists = entries.filter(([, value]) => Array.isArray(value) && value.length > 0) as [string, unknown[]][];
  const found = lists.filter(([, value]) => {
    if (!value.every(isObject)) return false;
    const inner = rolesOf(value[0] as JsonObject);
    // A task in the outer record, whatever it is called, is what the answers are about.
    return (
      inner.has('label') && (inner.has('worker') ? !outer.has('worker') : outer.has('worker') && inner.has('task'))
    );
  });
  if (found.length > 0) return found.length === 1 ? { by: 'objects', key: found[0]![0] } : null;
  if (outer.has('label') || outer.has('worker')) return null;
  const plain = lists.filter(([, value]) => !value.some((one) => typeof one === 'object' && one !== null));
  const of = (role: Role): string[] => plain.filter(([key]) => roleOf(key) === role).map(([key]) => key);
  const [labels, workers] = [of('label'), of('worker')];
  if (labels.length !== 1 || workers.length !== 1) return null;
  const [length] = [labels[0]!, workers[0]!].map((key) => (record[key] as unknown[]).length);
  if ((record[workers[0]!] as unknown[]).length !== length) return null;
  const beside = plain.filter(([, value]) => value.length === length).map(([key]) => key);
  const roles = beside.filter((key) => roleOf(key) !== undefined && roleOf(key) !== 'task');
  return { by: 'lists', keys: roles };
}

/**
 * The answers in a record, each with what is known of all of them; the record itself where it has none of its own. A text
 * where its lists are of other lengths, and nobody can say what belongs together.
 */
export function answersIn(record: JsonObject, nesting: Nesting | null): readonly JsonObject[] | string {
  if (!nesting) return [record];
  if (nesting.by === 'objects') {
    const { [nesting.key]: list, ...rest } = record;
    if (!Array.isArray(list) || list.length === 0) return [rest];
    return list.map((one: unknown) =>
      isObject(one)
        ? {
            ...rest,
            ...Object.fromEntries(
              Object.entries(one).map(([key, value]) => [key in rest ? `${nesting.key}.${key}` : key, value]),
            ),
          }
        : { ...rest, [nesting.key]: one },
    );
  }
  const lists = nesting.keys.map((key) => [key, record[key]] as const);
  const lengths = new Set(lists.map(([, list]) => (Array.isArray(list) ? list.length : -1)));
  const [length] = lengths;
  if (lengths.size > 1 || length === undefined || length < 0) {
    return lists.map(([key, list]) => `${key} ${Array.isArray(list) ? list.length : 'no list'}`).join(', ');
  }
  const rest = Object.fromEntries(Object.entries(record).filter(([key]) => !nesting.keys.includes(key)));
  if (length === 0) return [rest];
  return Array.from({ length }, (_, at) => ({
    ...rest,
    ...Object.fromEntries(lists.map(([key, list]) => [key, (list as unknown[])[at]])),
  }));
}
