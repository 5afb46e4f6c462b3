/** A Markdown table, first row the header. */
export function table(rows: readonly (readonly (string | number)[])[]): string {
  const [header, ...body] = rows.map((row) => `| ${row.join(' | ')} |`);
  return [header, `|${' --- |'.repeat(rows[0]!.length)}`, ...body].join('\n');
}

/**
 * The page with each table put between its marks, `<!-- peers NAME -->` and `<!-- end -->`.
 *
 * @throws Error if the page has no mark for a table.
 */
export function replaceTables(page: string, tables: Readonly<Record<string, string>>): string {
  for (const [name, text] of Object.entries(tables)) {
    const mark = `<!-- peers ${name} -->`;
    const from = page.indexOf(mark);
    const to = page.indexOf('<!-- end -->', from);
    if (from < 0 || to < 0) throw new Error(`the page has no ${mark} … <!-- end -->`);
    page = `${page.slice(0, from + mark.length)}\n\n${text}\n\n${page.slice(to)}`;
  }
  return page;
}
