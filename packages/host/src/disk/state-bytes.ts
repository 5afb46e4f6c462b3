import { serialize } from 'node:v8';

/**
 * A state in V8's structured-clone format, so that equal states are equal bytes: V8 writes a list in one of two ways, by
 * how it was made (a list that was read back is not one that was filled). Throws for what is not plain data.
 */
export function stateBytes(state: unknown): Buffer {
  return serialize(packed(state));
}

/** The same value with lists that V8 writes in one way. */
function packed(value: unknown): unknown {
  if (Array.isArray(value)) {
    const list: unknown[] = [];
    for (const one of value) list.push(packed(one));
    return list;
  }
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, packed(one)]));
}
