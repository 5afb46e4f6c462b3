/**
 * Everything that a reader can see of a value, as text: numbers to the last bit, arrays in order, own properties by
 * name. Functions are left out. Two values with one fingerprint are equal bit for bit.
 */
export function fingerprint(value: unknown): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (typeof value === 'function') return '';
  if (typeof value !== 'object' || value === null)
    return typeof value === 'string' ? JSON.stringify(value) : String(value);
  if (ArrayBuffer.isView(value)) {
    return `${value.constructor.name}[${(value as Float64Array).join(',')}]`;
  }
  if (Array.isArray(value)) return `[${value.map(fingerprint).join(',')}]`;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, inner]) => `${key}:${fingerprint(inner)}`).join(',')}}`;
}

/** Where two fingerprints part, for a message. */
export function firstDifference(a: string, b: string): string {
  let x = 0;
  while (x < a.length && a[x] === b[x]) x++;
  const from = Math.max(0, x - 40);
  return `...${a.slice(from, x + 30)}... against ...${b.slice(from, x + 30)}...`;
}
