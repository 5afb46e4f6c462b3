import { decodeWestern } from '@quorate/core/bytes';

/** How bytes became text. */
export interface DecodedText {
  readonly text: string;
  /** In words, where it is not UTF-8; null where it is. */
  readonly encoding: string | null;
}

/**
 * Text out of bytes: UTF-8, UTF-16 with a byte order mark or with zero bytes where ASCII has them, else Windows-1252, the
 * encoding in which Excel saves "CSV" in western Europe.
 */
export function decodeText(bytes: Uint8Array): DecodedText {
  const [a, b] = bytes;
  if (a === 0xff && b === 0xfe) return { text: utf16(bytes, 'utf-16le'), encoding: 'UTF-16' };
  if (a === 0xfe && b === 0xff) return { text: utf16(bytes, 'utf-16be'), encoding: 'UTF-16 (big-endian)' };
  const zero = bytes.subarray(0, 64).findIndex((byte) => byte === 0);
  if (zero === 0 || zero === 1) {
    const order = zero === 1 ? 'utf-16le' : 'utf-16be';
    return { text: utf16(bytes, order), encoding: 'UTF-16 without a byte order mark' };
  }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), encoding: null };
  } catch {
    return { text: decodeWestern(bytes), encoding: 'Windows-1252' };
  }
}

const utf16 = (bytes: Uint8Array, order: string): string => new TextDecoder(order).decode(bytes);
