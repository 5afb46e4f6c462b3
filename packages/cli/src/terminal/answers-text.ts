import Table from 'cli-table3';
import columnsOf from 'string-width';

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** An id or a label on one line of a terminal: control characters shown, at most `width` columns. */
export function shown(text: string, width: number): string {
  // eslint-disable-next-line no-control-regex
  const flat = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/g, (c) => (c === '\n' ? '⏎' : '·'));
  if (columnsOf(flat) <= width) return flat;
  let columns = 0;
  let out = '';
  for (const { segment } of graphemes.segment(flat)) {
    columns += columnsOf(segment);
    // One column is left for what says that there is more.
    if (columns >= width) break;
    out += segment;
  }
  return `${out}…`;
}

/** A table without colours: the first column left, the others right unless `left` names them. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  left: readonly number[] = [],
): string {
  const made = new Table({
    head: [...head],
    colAligns: head.map((_, c) => (c === 0 || left.includes(c) ? 'left' : 'right')),
    style: { head: [], border: [], compact: true },
  });
  for (const row of rows) made.push([...row]);
  return made.toString();
}

/** A figure with so many decimals; a dash where there is none. */
export function figure(x: number | null, decimals = 3): string {
  return x === null ? '–' : x.toFixed(decimals);
}

/** A probability of a test: `0.0031`, `2e-9`. */
export function tail(p: number): string {
  return p < 1e-300 ? '<1e-300' : p >= 0.001 ? p.toPrecision(2) : p.toExponential(0);
}
