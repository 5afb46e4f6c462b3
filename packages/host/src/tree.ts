/** Plain JSON trees, as they come out of configuration files, presets, variables and words. */
export type Tree = Readonly<Record<string, unknown>>;

/** A map written by a person: not a list, not null, not an instance of a class such as Date. */
export function isTree(x: unknown): x is Tree {
  return typeof x === 'object' && x !== null && Object.prototype.toString.call(x) === '[object Object]';
}

/** Keys that would reach into JavaScript's own objects. Refused everywhere. */
export function isForbiddenKey(key: string): boolean {
  return key === '__proto__' || key === 'constructor' || key === 'prototype';
}

/** What is wrong with a value that is not JSON: `path` is where, `got` what. */
export interface NotPlain {
  readonly path: readonly string[];
  readonly got: string;
  readonly expected: string;
}

const deepest = 64;

/**
 * A deep copy that holds nothing but JSON; undefined entries are left out. What is not JSON (functions, dates, circles,
 * forbidden keys, more than 64 levels) is reported and left out.
 */
export function toPlain(value: unknown, report: (fault: NotPlain) => void): unknown {
  const copy = (x: unknown, path: readonly string[]): unknown => {
    const refuse = (got: string, expected = 'a string, number, true, false, null, list or map'): undefined => {
      report({ path, got, expected });
    };
    if (x === null || typeof x === 'string' || typeof x === 'boolean' || typeof x === 'number') return x;
    if (x === undefined) return undefined;
    if (typeof x !== 'object') return refuse(`a ${typeof x}`);
    if (path.length > deepest) return refuse('a value that goes deeper', `at most ${deepest} levels (no circle)`);
    if (Array.isArray(x)) return x.map((entry, i) => copy(entry, [...path, String(i)]) ?? null);
    if (!isTree(x)) return refuse(x instanceof Date ? 'a date (quote it to keep it a string)' : 'an object of a class');
    const out: Record<string, unknown> = {};
    for (const [key, inner] of Object.entries(x)) {
      if (isForbiddenKey(key)) {
        report({ path: [...path, key], got: `the key ${key}`, expected: 'keys of the configuration' });
        continue;
      }
      const plain = copy(inner, [...path, key]);
      if (plain !== undefined) out[key] = plain;
    }
    return out;
  };
  return copy(value, []);
}

/** Maps merge deeply; lists and scalars of `over` replace those of `under`. */
export function merge(under: Tree, over: Tree): Tree {
  const out: Record<string, unknown> = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const there = Object.hasOwn(out, key) ? out[key] : undefined;
    out[key] = isTree(there) && isTree(value) ? merge(there, value) : value;
  }
  return out;
}

/** The value at a path, or undefined. */
export function valueAt(tree: unknown, path: readonly PropertyKey[]): unknown {
  let node = tree;
  for (const key of path) {
    if (typeof node !== 'object' || node === null || !Object.hasOwn(node, key)) return undefined;
    node = (node as Record<PropertyKey, unknown>)[key];
  }
  return node;
}

/** A copy of the tree with the value at the path; whatever is no map on the way becomes one. */
export function withValue(tree: Tree, path: readonly string[], value: unknown): Tree {
  const [key, ...rest] = path;
  if (key === undefined) return tree;
  const there = Object.hasOwn(tree, key) ? tree[key] : undefined;
  return { ...tree, [key]: rest.length === 0 ? value : withValue(isTree(there) ? there : {}, rest, value) };
}

/** The same value with the keys of every map in code unit order: equal configurations are equal bytes. */
export function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (!isTree(value)) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, sortKeys(value[key])]));
}
