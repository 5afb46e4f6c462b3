import { Ansis } from 'ansis';
import columnsOf from 'string-width';

/** Colours, or none: `plain` returns every text as it is. */
export type Paint = Pick<Ansis, 'bold' | 'dim' | 'green' | 'yellow' | 'red' | 'cyan'>;

export const plain: Paint = new Ansis(0);

/** Colours where standard output is a terminal and the user has not said NO_COLOR. */
export function paintFor(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv): Paint {
  return stream.isTTY === true && (env['NO_COLOR'] ?? '') === '' ? new Ansis(1) : plain;
}

/** 12345 → `12,345`. */
export function count(n: number): string {
  return n.toLocaleString('en-US');
}

/** `1 task`, `12,345 tasks`. */
export function plural(n: number, word: string): string {
  return `${count(n)} ${word}${n === 1 ? '' : 's'}`;
}

/** A share in 0..1 as `71.3 %`; a dash where it is not known. */
export function percent(share: number | null): string {
  return share === null ? '–' : `${(100 * share).toFixed(1)} %`;
}

/** Seconds as a person says them: `8 s`, `3 min 5 s`, `2 h 10 min`. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${Math.max(0, seconds).toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** Bytes in decimal units, as download pages give them: `1.1 GB`. */
export function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  let value = bytes;
  while (value >= 999.5 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1];
  return `${unit === 0 || value >= 99.5 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** A bar of `width` characters, filled up to `share` (0..1). */
export function bar(share: number, width: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * width);
  return '█'.repeat(filled) + '░'.repeat(width - filled);
}

/** At most `width` characters; what is cut off is shown as `…`. */
export function clip(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

/** Breaks a text at spaces into lines of at most `width` columns (a longer word stays whole). */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && columnsOf(last) + 1 + columnsOf(word) <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Rows in columns: each column as wide as its widest cell, the last one wrapped so that lines stay within `width`. */
export function columns(rows: readonly (readonly string[])[], width = 80, indent = 0): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.slice(0, -1).forEach((cell, c) => (widths[c] = Math.max(widths[c] ?? 0, cell.length)));
  }
  const left = indent + widths.reduce((sum, w) => sum + w + 2, 0);
  return rows.flatMap((row) => {
    const head =
      ' '.repeat(indent) +
      row
        .slice(0, -1)
        .map((cell, c) => `${cell.padEnd(widths[c] ?? 0)}  `)
        .join('');
    return wrap(row.at(-1) ?? '', Math.max(20, width - left)).map((line, n) =>
      ((n === 0 ? head : ' '.repeat(left)) + line).trimEnd(),
    );
  });
}

/** A word as a shell reads it back. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** Money, to the cent where there are cents: `12.30 EUR`, `0.0042`. */
export function amount(money: number, currency: string): string {
  const digits = money !== 0 && Math.abs(money) < 1 ? Number(money.toPrecision(2)).toString() : money.toFixed(2);
  const text = Number.isInteger(money) ? count(money) : digits;
  return currency === '' ? text : `${text} ${currency}`;
}
