import { QuorateError, rejectRow, type AnswerInput } from '@quorate/core';
import { parse as parseTolerantly, type ParseError } from 'jsonc-parser';
import { decoded } from '../text.js';

const LF = 0x0a;
/** No record of a person's answer is longer; a file without line breaks is no JSON Lines. */
export const LONGEST = 1 << 26;

/** A JSON value and where it begins, from 1. */
export interface JsonText {
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

type Target = Pick<AnswerInput, 'name' | 'onBadRow'>;

/** Calls `take` for every line that is not blank. */
export async function eachLine(input: AnswerInput, take: (line: JsonText) => void): Promise<void> {
  let rest: Uint8Array[] = [];
  let kept = 0;
  let line = 1;
  const emit = (bytes: Uint8Array, start: number, end: number): void => {
    const text = decoded(bytes, start, end);
    if (text === null) rejectRow(input, { line, column: 1, expected: 'text in UTF-8', got: 'other bytes' });
    else if (text.trim() !== '') take({ text, line, column: 1 });
    line++;
  };
  for await (const chunk of input.bytes) {
    let start = 0;
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, start)) {
      if (kept > 0) {
        const whole = Buffer.concat([...rest, chunk.subarray(start, end)]);
        emit(whole, 0, whole.length);
        [rest, kept] = [[], 0];
      } else emit(chunk, start, end);
      start = end + 1;
    }
    // Copied: whoever gave the chunk may use its memory again.
    if (start < chunk.length) rest.push(new Uint8Array(chunk.subarray(start)));
    kept += chunk.length - start;
    if (kept > LONGEST) throw tooLong(input, line, 1);
  }
  if (kept > 0) {
    const whole = Buffer.concat(rest);
    emit(whole, 0, whole.length);
  }
}

/** The value of a JSON text; undefined where it does not parse and was rejected. */
export function parsed(target: Target, { text, line, column }: JsonText, expected: string): unknown {
  try {
    return readJson(text);
  } catch {
    const at = errorOffset(text);
    const before = text.slice(0, at);
    const breaks = before.split('\n').length - 1;
    const inLine = before.length - (before.lastIndexOf('\n') + 1);
    rejectRow(target, {
      line: line + breaks,
      column: breaks === 0 ? column + inLine : inLine + 1,
      expected,
      got: at >= text.trimEnd().length ? 'a text that ends too early' : JSON.stringify(text.slice(at, at + 12)),
    });
    return undefined;
  }
}

/** Strings, and the numbers and words between them. */
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|-?Infinity|NaN/g;

/**
 * The value of a JSON text. Integers that no JavaScript number holds become strings, since two of them could become one;
 * NaN and Infinity, which Python writes, become null. Throws SyntaxError.
 */
export function readJson(text: string): unknown {
  // Most records have neither.
  if (!/\d{16}|NaN|Infinity/.test(text)) return JSON.parse(text) as unknown;
  const exact = text.replace(TOKENS, (token) => {
    if (token.startsWith('"')) return token;
    if (/^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token))) return `"${token}"`;
    return token === 'NaN' || token.endsWith('Infinity') ? 'null' : token;
  });
  return JSON.parse(exact) as unknown;
}

/** Where a text stops being JSON: JSON.parse is fast but does not say, this one does. */
function errorOffset(text: string): number {
  const errors: ParseError[] = [];
  try {
    parseTolerantly(text, errors, { disallowComments: true });
  } catch {
    // Brackets nested too deep for either of them.
    return 0;
  }
  return errors[0]?.offset ?? text.length;
}

/** Nothing can be read after it, whether or not bad rows are skipped. */
export function tooLong({ name }: Target, line: number, column: number): QuorateError {
  return new QuorateError('ANSWERS_INVALID', {
    where: `${name}:${line}:${column}`,
    expected: 'a record of at most 64 MB',
    got: 'a longer one',
    fix: 'Look at the file; name its format if it is another one.',
  });
}
