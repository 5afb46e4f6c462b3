import { isAscii, isUtf8 } from 'node:buffer';
import { QuorateError } from '@quorate/core';
import { decodeWestern } from '@quorate/core/bytes';

type Decoder = InstanceType<typeof TextDecoder>;

/** Text as UTF-8 without a mark, and how it was encoded. */
export interface Recoded {
  /** Of what has been read so far: known for sure when all has been read. */
  readonly encoding: () => string;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/**
 * UTF-8 from bytes in any encoding: the one that is named, else that of a byte order mark, UTF-16 by its zero bytes,
 * UTF-8, and Windows-1252 (which has Latin-1 in it) where bytes are no UTF-8 and look like the text of a Western language.
 * Throws ANSWERS_INVALID for a name that nobody knows, and for bytes that are neither.
 *
 * @param head The first bytes. @param named What the user says; null: nothing.
 */
export function recoded(
  name: string,
  head: Uint8Array,
  bytes: AsyncIterable<Uint8Array>,
  named: string | null,
): Recoded {
  const marked = markOf(head);
  if (named !== null) {
    const decoder = decoderOf(name, named);
    if (decoder.encoding === 'utf-8') return { encoding: () => 'utf-8', bytes: without(marked?.length ?? 0, bytes) };
    return { encoding: () => decoder.encoding, bytes: decoded(decoder, bytes) };
  }
  if (marked?.encoding === 'utf-8') return { encoding: () => 'utf-8', bytes: without(3, bytes) };
  const wide = marked?.encoding ?? (isText(head) ? null : wideOf(head));
  if (wide !== null) return { encoding: () => wide, bytes: decoded(new TextDecoder(wide), bytes) };
  if (!isText(head)) return { encoding: () => '', bytes };
  const western = new Western(name);
  return { encoding: () => (western.other ? 'windows-1252' : 'utf-8'), bytes: western.bytes(bytes) };
}

function markOf(head: Uint8Array): { readonly encoding: string; readonly length: number } | null {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return { encoding: 'utf-8', length: 3 };
  if (head[0] === 0xff && head[1] === 0xfe) return { encoding: 'utf-16le', length: 2 };
  if (head[0] === 0xfe && head[1] === 0xff) return { encoding: 'utf-16be', length: 2 };
  return null;
}

/** No text in UTF-8 or in an encoding of one byte has zero bytes; a short packed file may have none either. */
function isText(head: Uint8Array): boolean {
  const packed = Buffer.from(head.subarray(0, 4)).toString('latin1');
  return packed !== 'PAR1' && packed !== 'PK\u0003\u0004' && !head.subarray(0, 4096).includes(0);
}

/** UTF-16 without a mark: nearly every second byte of Western text is zero, and hardly any other. */
function wideOf(head: Uint8Array): string | null {
  const some = head.subarray(0, 4096 & ~1);
  if (some.length < 8) return null;
  let [even, odd] = [0, 0];
  for (let i = 0; i + 1 < some.length; i += 2) {
    if (some[i] === 0) even++;
    if (some[i + 1] === 0) odd++;
  }
  const pairs = some.length / 2;
  if (odd > 0.7 * pairs && even < 0.02 * pairs) return 'utf-16le';
  return even > 0.7 * pairs && odd < 0.02 * pairs ? 'utf-16be' : null;
}

function decoderOf(name: string, label: string): Decoder {
  try {
    return new TextDecoder(label);
  } catch {
    throw new QuorateError('ANSWERS_INVALID', {
      where: name,
      expected: 'the name of an encoding: utf-8, windows-1252, utf-16le, macintosh, shift_jis, gb18030, ...',
      got: JSON.stringify(label),
      fix: 'encoding.spec.whatwg.org lists the names; --encoding windows-1252 is what Excel writes in the West.',
    });
  }
}

async function* decoded(
  decoder: Decoder,
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (decoder.encoding === 'windows-1252') {
    for await (const chunk of bytes) yield fromWestern(chunk);
    return;
  }
  for await (const chunk of bytes) yield Buffer.from(decoder.decode(chunk, { stream: true }));
  yield Buffer.from(decoder.decode());
}

const fromWestern = (bytes: Uint8Array): Uint8Array => Buffer.from(decodeWestern(bytes));

async function* without(count: number, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  let left = count;
  for await (const chunk of bytes) {
    if (left < chunk.length) yield left === 0 ? chunk : chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
}

/** Passes UTF-8 on as it is; from the first bytes that are none on, text in Windows-1252 where all before was ASCII. */
class Western {
  other = false;
  /** Whether there was a character of several bytes: then this is UTF-8, and what is none is damage. */
  #isUtf8 = false;

  constructor(readonly name: string) {}

  async *bytes(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    /** Bytes of a character whose end is in the next chunk. */
    let rest = new Uint8Array(0);
    for await (const chunk of source) {
      if (this.other) {
        yield fromWestern(chunk);
        continue;
      }
      if (this.#isUtf8 || (rest.length === 0 && isAscii(chunk))) {
        yield chunk;
        continue;
      }
      const all = rest.length === 0 ? new Uint8Array(chunk) : Buffer.concat([rest, chunk]);
      const end = all.length - unfinished(all);
      const whole = all.subarray(0, end);
      if (isUtf8(whole)) {
        this.#isUtf8 ||= !isAscii(whole);
        yield this.#isUtf8 ? all : whole;
        rest = this.#isUtf8 ? new Uint8Array(0) : all.slice(end);
      } else if (mostlyUtf8(all)) {
        this.#isUtf8 = true;
        rest = new Uint8Array(0);
        yield all;
      } else {
        this.#check(all);
        this.other = true;
        rest = new Uint8Array(0);
        yield fromWestern(all);
      }
    }
    if (rest.length === 0) return;
    this.other = true;
    yield fromWestern(rest);
  }

  /** Refuses what is no text of a Western language in Windows-1252: two readings would give other labels. */
  #check(bytes: Uint8Array): void {
    let [high, runs, letters, strange] = [0, 0, 0, 0];
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i]!;
      if (byte < 0x80) continue;
      high++;
      if (i > 0 && bytes[i - 1]! >= 0x80) runs++;
      if (byte >= 0xc0) letters++;
      else if (isStrange(byte, bytes[i - 1], bytes[i + 1])) strange++;
    }
    if (runs <= high / 3 && strange <= letters / 4) return;
    throw new QuorateError('ANSWERS_INVALID', {
      where: this.name,
      expected: 'text in UTF-8, UTF-16 or Windows-1252',
      got: 'text in another encoding',
      fix: 'Say which: --encoding shift_jis, --encoding gb18030, --encoding windows-1251, --encoding macintosh, ...; or save it as UTF-8.',
    });
  }
}

/**
 * Bytes that are no character of Windows-1252, and signs of it within a word, where the encodings of the Macintosh, of
 * Central Europe and of others have letters. Quotes, dashes and the signs of money and of degrees may be anywhere.
 */
function isStrange(byte: number, before: number | undefined, after: number | undefined): boolean {
  if ([0x81, 0x8d, 0x8f, 0x90, 0x9d].includes(byte)) return true;
  const usual = [
    0x80, 0x85, 0x91, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0xa0, 0xa3, 0xaa, 0xab, 0xad, 0xb0, 0xb4, 0xb7, 0xba, 0xbb,
  ];
  return !usual.includes(byte) && isLetter(before) && (isLetter(after) || (after ?? 0) >= 0x80);
}

const isLetter = (byte: number | undefined): boolean =>
  byte !== undefined && ((byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a));

/** Bytes at the end that begin a character of UTF-8 and do not end it. */
function unfinished(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0;
  }
  return 0;
}

/** Whether there are more whole characters of several bytes than bytes that belong to none. */
function mostlyUtf8(bytes: Uint8Array): boolean {
  let [whole, lone] = [0, 0];
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (byte < 0x80) continue;
    const length = byte >= 0xf0 && byte < 0xf5 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc2 ? 2 : 0;
    const follows = (n: number): boolean => (bytes[i + n]! & 0xc0) === 0x80;
    if (length > 0 && byte < 0xf5 && Array.from({ length: length - 1 }, (_, n) => n + 1).every(follows)) {
      whole++;
      i += length - 1;
    } else lone++;
  }
  return whole > lone;
}
