import { firstRows, look } from './delimited.js';

const candidates = ['\t', ',', ';', '|'];

/** What separates the fields, and how many bytes at the beginning say so (`sep=;`, which Excel reads and writes). */
export interface Delimiter {
  readonly mark: string;
  readonly skip: number;
}

/**
 * The delimiter of a text: what its first line says, else the candidate that parts the first rows most alike, of equals
 * the one that makes most fields; blanks where there is no candidate and all rows have equally many.
 *
 * @param head The first bytes. @param given What the user says; null: nothing.
 */
export function delimiterOf(head: Uint8Array, given: string | null): Delimiter {
  const text = Buffer.from(head.subarray(0, 1 << 16)).toString();
  const told = /^"?sep=(.)"?[ \t]*(\r\n|\n|\r|$)/i.exec(text);
  const skip = told ? Buffer.byteLength(told[0]) : 0;
  if (given !== null) return { mark: given, skip };
  if (told) return { mark: told[1]!, skip };
  const there = candidates.filter((mark) => inFirstLines(text, mark));
  let [best, most] = [',', 0];
  for (const mark of there) {
    const score = scoreOf(head, mark);
    if (score > most) [best, most] = [mark, score];
  }
  if (most === 0 && inFirstLines(text, ' ')) {
    const widths = firstRows(head, 0x20, 30).map((row) => row.length);
    const alike = widths.slice(1).every((width) => width === widths[1]);
    if (widths.length > 1 && alike && widths[1]! > 1 && (widths[1]! >= 3 || widths[0] === widths[1]))
      return { mark: ' ', skip };
  }
  return { mark: best, skip };
}

/** Fields of a row, less where the rows differ in how many they have. */
function scoreOf(head: Uint8Array, mark: string): number {
  const { rows: some, problems } = look(head, mark.charCodeAt(0), 30, head.length < 1 << 16);
  const widths = some.map((row) => row.length);
  if (widths.length === 0) return 0;
  const counts = new Map<number, number>();
  for (const width of widths) counts.set(width, (counts.get(width) ?? 0) + 1);
  const [[width, rows]] = [...counts].sort((a, b) => b[1] - a[1] || b[0] - a[0]) as [[number, number]];
  return width < 2 ? 0 : (rows / (widths.length + Math.min(30, problems))) * 100 + Math.min(width, 50);
}

/** Whether a character is in one of the first lines, outside quotes. */
function inFirstLines(text: string, mark: string): boolean {
  let [quoted, lines] = [false, 0];
  for (const character of text) {
    if (character === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (character === mark) return true;
    else if (character === '\n' && ++lines > 3) return false;
  }
  return false;
}

/** False for what no text has: zero bytes. */
export function isText(head: Uint8Array): boolean {
  return !head.includes(0);
}
