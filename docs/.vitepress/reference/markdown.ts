/** A page to write, by its path below `docs`. */
export type Page = readonly [path: string, text: string];

/** A Markdown table; cells are escaped where they are shown as they are. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Text without meaning for Markdown, Vue or a table. */
export function plain(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('{{', '&#123;&#123;')
    .replace(/[|*_[\]`]/g, (sign) => `\\${sign}`);
}

/** Prose with code in backticks: the code stays, the rest is plain. Flags and `key=value` are code without them. */
export function prose(text: string): string {
  return text
    .replace(/(^|[\s(])(--[a-z][\w-]*|[a-z]\w*(?:\.\w+)*=[\w.]+)(?=[\s.,;:)]|$)/g, '$1`$2`')
    .split(/(`[^`]*`)/)
    .map((part, n) => (n % 2 === 1 ? part.replaceAll('|', '\\|') : plain(part)))
    .join('');
}

/** A code span for a table cell. */
export function code(text: string): string {
  return text === '' ? '' : `\`${text.replaceAll('|', '\\|')}\``;
}
