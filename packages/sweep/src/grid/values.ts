import { QuorateError } from '@quorate/core';

/** `1..5` or `0..100..20`, both ends included. */
const RANGE = /^(-?\d+)\.\.(-?\d+)(?:\.\.(\d+))?$/;
const MOST_VALUES = 100_000;

/** The values of a word: split at the commas that are in no brackets and no quotes, ranges written out. */
export function valuesOf(text: string, where: string): string[] {
  const parts = text === '' ? [''] : splitAtCommas(text);
  if (parts.length > 1 && parts.includes('')) {
    throw wrong(where, 'values between the commas', JSON.stringify(text), 'Remove the comma that is too many.');
  }
  return parts.flatMap((part) => {
    const range = RANGE.exec(part);
    return range ? expand(range, where) : [part];
  });
}

function expand([text, first, last, by]: RegExpExecArray, where: string): string[] {
  const [from, to, step] = [Number(first), Number(last), Number(by ?? 1)];
  const length = step > 0 ? Math.floor((to - from) / step) + 1 : 0;
  if (length < 1 || length > MOST_VALUES) {
    const got = `${text}, which is ${length > 0 ? `${length} values` : 'none'}`;
    throw wrong(where, `a range of 1 to ${MOST_VALUES} values`, got, 'Write the smaller number first: 1..5.');
  }
  return Array.from({ length }, (_, n) => String(from + n * step));
}

function splitAtCommas(text: string): string[] {
  const parts = [''];
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const c = text[at]!;
    if (c === '"' && text[at - 1] !== '\\') quoted = !quoted;
    if (!quoted && '[{'.includes(c)) depth++;
    if (!quoted && ']}'.includes(c)) depth--;
    if (c === ',' && depth === 0 && !quoted) parts.push('');
    else parts[parts.length - 1] += c;
  }
  return parts.map((part) => part.trim());
}

export function wrong(where: string, expected: string, got: string, fix: string): QuorateError {
  return new QuorateError('CONFIG_INVALID', { where, expected, got, fix });
}
