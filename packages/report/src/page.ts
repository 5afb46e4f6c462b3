/** Text as HTML shows it. */
export function escapeHtml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replace(/[&<>"']/g, (c) => entities[c]!);
}

/** A table that scrolls by itself where the page is narrow. Cells are text. */
export function htmlTable(head: readonly string[], rows: readonly (readonly string[])[], label: string): string {
  const line = (cells: readonly string[], tag: string): string =>
    `<tr>${cells.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag.slice(0, 2)}>`).join('')}</tr>`;
  const body = rows.map((row) => line(row, 'td')).join('');
  return `<div class="table" tabindex="0" role="region" aria-label="${escapeHtml(label)}"><table><thead>${line(head, 'th scope="col"')}</thead><tbody>${body}</tbody></table></div>`;
}

/** One HTML file with everything in it: no scripts, no fonts, nothing from the network. */
export function page(title: string, main: readonly string[]): string {
  const viewport = '<meta name="viewport" content="width=device-width, initial-scale=1">';
  return `<!doctype html>\n<html lang="en"><head><meta charset="utf-8">${viewport}
<title>${escapeHtml(title)}</title><style>${STYLE}</style></head>\n<body><main>\n${main.join('\n')}\n</main></body></html>\n`;
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1a202c; --faint: #4a5568; --line: #d5dae2; --paper: white; --alarm: #b42318; }
@media (prefers-color-scheme: dark) { :root { --ink: #e2e8f0; --faint: #a0aec0; --line: #46536a; --paper: #1a202c; --alarm: #ff9d8f; } }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: var(--ink); background: var(--paper); }
h1 { font-size: 1.5rem; overflow-wrap: anywhere; } h2 { margin-top: 2.5rem; font-size: 1.2rem; } h3 { font-size: 1rem; overflow-wrap: anywhere; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: .5rem 0; }
td, th { padding: .2rem 1rem .2rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
td { max-width: 22rem; overflow-wrap: break-word; } .summary { font-size: 1.1rem; } .made, figcaption { color: var(--faint); }
.alarm { color: var(--alarm); } figure { margin: 1rem 0; max-width: 100%; } figcaption { font-size: .9rem; max-width: 45rem; }
.table { overflow-x: auto; } svg { max-width: 100%; height: auto; display: block; } .narrow { display: none; }
h1, h2, h3, h2 + p, h3 + p { break-after: avoid; } figure, tr { break-inside: avoid; }
@media (max-width: 40rem) { body { margin: 1rem auto; padding: 0 .6rem; } .wide { display: none; } .narrow { display: block; } td, th { padding-right: .7rem; } }
@media print {
  :root { color-scheme: light; --ink: black; --faint: #4a5568; --line: #cbd5e0; --paper: white; --alarm: #8f1d14; }
  body { margin: 0; max-width: none; font-size: 10pt; } .table { overflow: visible; } .wide { display: block; } .narrow { display: none; }
  * { print-color-adjust: exact; } thead { display: table-header-group; } figure svg { max-height: 11cm; width: auto; }
}
`;
