import { serialize } from 'node:v8';

/**
 * A state in V8's structured-clone format, so that equal states are equal bytes. V8 itself writes a list or a whole number in
 * one of two ways, by how it came to be: a list that was read back is not one that was filled, and a 1 that stood where
 * fractions stood before is written as a fraction. Throws for what is not plain data.
 */
export function stateBytes(state: unknown): Buffer {
  return serialize(packed(state));
}

/** The same value in the form that V8 writes in one way: tagged slots everywhere, whole numbers as such. */
function packed(value: unknown): unknown {
  if (typeof value === 'number') return (value | 0) === value && !Object.is(value, -0) ? value | 0 : value;
  if (Array.isArray(value)) {
    // A list that has held a text keeps slots for anything.
    const list: unknown[] = [''];
    list.pop();
    for (const one of value) list.push(packed(one));
    return list;
  }
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  // Without a prototype an object is a dictionary, whose slots take no form from other objects with the same keys.
  const copy = Object.create(null) as Record<string, unknown>;
  for (const [key, one] of Object.entries(value)) copy[key] = packed(one);
  return copy;
}
