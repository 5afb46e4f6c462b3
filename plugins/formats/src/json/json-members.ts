import { rejectRow, type AnswerInput } from '@quorate/core';
import { peekBytes } from '@quorate/core/bytes';
import { allBytes } from '../rows/all-bytes.js';
import { isText } from '../rows/delimiter.js';
import { isObject, type JsonObject } from './json-record.js';
import { eachLine, LONGEST, readJson, tooLong, type JsonText } from './lines.js';
import { decoded } from '../text.js';

const [LF, QUOTE, BACKSLASH, COMMA] = [0x0a, 0x22, 0x5c, 0x2c];
const [OPEN, CLOSE] = [
  [0x5b, 0x7b],
  [0x5d, 0x7d],
];
const blank = (byte: number): boolean => byte === 0x20 || byte === LF || byte === 0x0d || byte === 0x09;

/**
 * Calls `take` for every member of the array (`[`) or object (`{`) that a file is, without reading it whole: a member's
 * text is a JSON value, or `"key": value`. It is found by counting brackets outside of strings; whether it is valid JSON
 * is left to JSON.parse, which reads it two to three times as fast as a streaming parser reads the file (94 MB of Label
 * Studio: 1.9 s, @streamparser/json 4.7 s).
 */
export async function eachMember(input: AnswerInput, open: '[' | '{', take: (member: JsonText) => void): Promise<void> {
  const splitter = new Splitter(input, open, take);
  for await (const chunk of input.bytes) splitter.push(chunk);
  splitter.finish();
}

/** Calls `take` for every record of a file that is one JSON array, JSON Lines, or one object over several lines. */
export async function eachRecord(input: AnswerInput, take: (record: JsonText) => void): Promise<void> {
  const { head, bytes } = await peekBytes(input.bytes, 1 << 16);
  const source = { ...input, bytes };
  const text = Buffer.from(head).toString();
  if (/^\s*\[/.test(text)) await eachMember(source, '[', take);
  else if (isSpread(text)) {
    const whole = await allBytes(source);
    const one = decoded(whole, 0, whole.length);
    const at = { line: 1, column: 1 };
    if (one === null) rejectRow(input, { ...at, expected: 'text in UTF-8', got: 'other bytes' });
    else take({ text: one, ...at });
  } else await eachLine(source, take);
}

/** Whether a text is an object over several lines: neither of its first two lines is a value. */
function isSpread(text: string): boolean {
  const [first, second] = text.trimStart().split('\n', 3);
  if (!first?.startsWith('{') || second === undefined || second.trim() === '') return false;
  return valueOf(first) === undefined && valueOf(second) === undefined;
}

/** The first record of such a file where it is an object; null where it is not, or not whole. @param head First bytes. */
export function firstRecord(head: Uint8Array): JsonObject | null {
  return firstRecords(head, 1)[0] ?? null;
}

/** The first records that are whole objects, up to the first that is none. @param head First bytes. */
export function firstRecords(head: Uint8Array, count: number): JsonObject[] {
  if (!isText(head)) return [];
  const text = Buffer.from(head).toString().trimStart();
  const records: string[] = [];
  if (text.startsWith('[')) {
    try {
      const splitter = new Splitter({ name: '', onBadRow: () => undefined }, '[', (one) => void records.push(one.text));
      splitter.push(head);
    } catch {
      // What is behind the end of the array is the reader's to refuse.
    }
  } else if (isSpread(text)) records.push(text);
  else records.push(...text.split('\n', count + 1));
  const found: JsonObject[] = [];
  for (const one of records) {
    if (one.trim() === '') continue;
    const value = valueOf(one);
    if (!isObject(value)) break;
    if (found.push(value) === count) break;
  }
  return found;
}

function valueOf(text: string): unknown {
  try {
    return readJson(text);
  } catch {
    return undefined;
  }
}

class Splitter {
  #state: 'before' | 'inside' | 'after' = 'before';
  #depth = 0;
  #inString = false;
  #escaped = false;
  #line = 1;
  /** Of the line in hand: bytes of it that were in earlier chunks, less where it begins in this one. */
  #lineOffset = 0;
  /** Pieces of the member in hand from earlier chunks. */
  #pieces: Uint8Array[] = [];
  #kept = 0;
  /** Where the member in hand begins: in this chunk, and for people. -1: not begun. */
  #start = -1;
  #at = { line: 1, column: 1 };
  #members = 0;

  constructor(
    readonly input: Pick<AnswerInput, 'name' | 'onBadRow'>,
    readonly open: '[' | '{',
    readonly take: (member: JsonText) => void,
  ) {}

  push(chunk: Uint8Array): void {
    if (this.#start >= 0) this.#start = 0;
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i]!;
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === BACKSLASH) this.#escaped = true;
        else if (byte === QUOTE) this.#inString = false;
        if (byte !== LF) continue;
      }
      if (byte === LF) {
        this.#line++;
        this.#lineOffset = -(i + 1);
        continue;
      }
      if (this.#state === 'inside') this.#inside(chunk, i, byte);
      else if (!blank(byte)) this.#outside(i, byte);
    }
    this.#lineOffset += chunk.length;
    if (this.#start < 0) return;
    // Copied: whoever gave the chunk may use its memory again.
    this.#pieces.push(new Uint8Array(chunk.subarray(this.#start)));
    this.#kept += chunk.length - this.#start;
    if (this.#kept > LONGEST) throw tooLong(this.input, this.#at.line, this.#at.column);
  }

  finish(): void {
    if (this.#state === 'after') return;
    const expected =
      this.#state === 'before' ? `${this.open} at the beginning` : `${this.open === '[' ? ']' : '}'} at the end`;
    const column = Math.max(1, this.#lineOffset + 1);
    const got = this.#state === 'before' ? 'an empty file' : 'a file that ends before';
    rejectRow(this.input, { line: this.#line, column, expected, got });
  }

  #inside(chunk: Uint8Array, i: number, byte: number): void {
    if (this.#start < 0 && !blank(byte) && byte !== COMMA && !(this.#depth === 1 && CLOSE.includes(byte))) {
      this.#start = i;
      this.#at = this.#here(i);
    }
    if (byte === QUOTE) this.#inString = true;
    else if (byte === COMMA && this.#depth === 1) this.#emit(chunk, i, false);
    else if (OPEN.includes(byte)) this.#depth++;
    else if (CLOSE.includes(byte) && --this.#depth === 0) {
      this.#emit(chunk, i, true);
      this.#state = 'after';
    }
  }

  #outside(i: number, byte: number): void {
    const here = this.#here(i);
    if (this.#state === 'before' && String.fromCharCode(byte) === this.open) {
      this.#state = 'inside';
      this.#depth = 1;
      return;
    }
    const expected = this.#state === 'before' ? `${this.open} at the beginning` : 'nothing after the end';
    // Nothing of such a file can be trusted.
    rejectRow({ ...this.input, onBadRow: null }, { ...here, expected, got: JSON.stringify(String.fromCharCode(byte)) });
  }

  #emit(chunk: Uint8Array, end: number, last: boolean): void {
    const { line, column } = this.#start < 0 ? this.#here(end) : this.#at;
    if (this.#start < 0) {
      // `[]` has no member, but there is one missing in `[1,]`.
      if (!last || this.#members > 0) rejectRow(this.input, { line, column, expected: 'a value', got: 'nothing' });
      this.#members++;
      return;
    }
    const bytes =
      this.#kept > 0 ? Buffer.concat([...this.#pieces, chunk.subarray(0, end)]) : chunk.subarray(this.#start, end);
    const text = decoded(bytes, 0, bytes.length);
    this.#start = -1;
    this.#kept = 0;
    this.#pieces = [];
    this.#members++;
    if (text === null) rejectRow(this.input, { line, column, expected: 'text in UTF-8', got: 'other bytes' });
    else this.take({ text, line, column });
  }

  #here(i: number): { line: number; column: number } {
    return { line: this.#line, column: this.#lineOffset + i + 1 };
  }
}
