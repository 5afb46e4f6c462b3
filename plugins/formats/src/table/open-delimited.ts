import { type AnswerInput } from '@quorate/core';
import { peekBytes } from '@quorate/core/bytes';
import type { Sample } from '../layout/content.js';
import { firstRows, readDelimited } from '../rows/delimited.js';
import { delimiterOf, isText } from '../rows/delimiter.js';
import type { OpenTable } from './open-table.js';

/** First bytes that a layout is decided on, and rows of them. */
const HEAD = 1 << 16;
const ROWS = 2000;

/** Opens a delimited text. @param delimiter Null: guessed. */
export async function openDelimited(input: AnswerInput, delimiter: string | null): Promise<OpenTable> {
  const { head, bytes } = await peekBytes(input.bytes, HEAD);
  const { mark, skip } = delimiterOf(head, delimiter);
  return {
    sample: sampleOf(head, mark, skip),
    rows: (reader) => readDelimited(without(skip, bytes), mark.charCodeAt(0), reader, skip > 0 ? 2 : 1),
  };
}

/** The first rows of a text; null for what is none, or JSON. */
export function sampledText(head: Uint8Array, delimiter: string | null): Sample | null {
  if (head.length === 0 || !isText(head)) return null;
  if (/^\s*[[{]/.test(Buffer.from(head.subarray(0, 200)).toString())) return null;
  const { mark, skip } = delimiterOf(head, delimiter);
  return sampleOf(head, mark, skip);
}

function sampleOf(head: Uint8Array, mark: string, skip: number): Sample {
  const rows = firstRows(head.subarray(skip), mark.charCodeAt(0), ROWS, head.length < HEAD);
  return { rows: rows.map((row) => row.map((text) => text ?? '')), whole: head.length < HEAD };
}

async function* without(count: number, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  let left = count;
  for await (const chunk of bytes) {
    if (left < chunk.length) yield left === 0 ? chunk : chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
}
