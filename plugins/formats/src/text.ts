import { isUtf8 } from 'node:buffer';

const encoder = new TextEncoder();

/** The text of bytes in UTF-8, or null where they are not. */
export function decoded(bytes: Uint8Array, start: number, end: number): string | null {
  const part = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);
  const text = part.toString();
  // What is not UTF-8 decodes to the replacement character, which may also have been written on purpose.
  return text.includes('\ufffd') && !isUtf8(part) ? null : text;
}

export function encoded(text: string): Uint8Array {
  return encoder.encode(text);
}

/** A value as the user would recognise it, on one line, not too long. */
export function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : typeof value === 'bigint' ? String(value) : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** The shortest decimal that reads back as the same float32. */
export function shortestFloat(x: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(x.toPrecision(digits));
    if (Math.fround(short) === x) return short;
  }
  return x;
}
