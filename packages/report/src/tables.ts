import { csvField } from '@quorate/host';

export type Field = string | number | null;

/** A table of a report: what it says, and how a number is shown to people. */
export interface Table {
  readonly name: string;
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Field[])[];
  /** Columns of shares: shown as percentages where people read. */
  readonly shares?: readonly string[];
}

/** A field as people read it. */
export function shownField(value: Field, column: string, { shares = [] }: Pick<Table, 'shares'>): string {
  if (value === null) return '–';
  if (typeof value === 'string') return value;
  if (shares.includes(column)) return `${(100 * value).toFixed(1)}\u00a0%`;
  return Number.isInteger(value) ? value.toLocaleString('en-US') : String(Number(value.toPrecision(4)));
}

export function markdownOf(table: Table): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
  const head = line(table.columns) + line(table.columns.map(() => '---'));
  return (
    head + table.rows.map((row) => line(row.map((cell, c) => shownField(cell, table.columns[c]!, table)))).join('')
  );
}

export function csvOfTable({ columns, rows }: Pick<Table, 'columns' | 'rows'>): string {
  const line = (cells: readonly Field[]): string =>
    `${cells.map((cell) => (cell === null ? '' : csvField(typeof cell === 'number' ? String(Number(cell.toFixed(6))) : cell))).join(',')}\n`;
  return line(columns) + rows.map(line).join('');
}

/** LaTeX, for the package booktabs. */
export function latexOf(table: Table): string {
  const numeric = table.columns.map((_, c) => table.rows.every((row) => typeof row[c] !== 'string'));
  const line = (cells: readonly string[]): string => `${cells.map(escapeLatex).join(' & ')} \\\\\n`;
  return [
    '% \\usepackage{booktabs}\n',
    `\\begin{tabular}{${numeric.map((right) => (right ? 'r' : 'l')).join('')}}\n\\toprule\n`,
    line(table.columns),
    '\\midrule\n',
    ...table.rows.map((row) => line(row.map((cell, c) => shownField(cell, table.columns[c]!, table)))),
    '\\bottomrule\n\\end{tabular}\n',
  ].join('');
}

const latex: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '–': '--',
  '\u00a0': '~',
  '−': '$-$',
  '>': '$>$',
  '<': '$<$',
};

function escapeLatex(text: string): string {
  return text.replace(/[\\~^–−<>\u00a0]|[&%$#_{}]/g, (c) => latex[c] ?? `\\${c}`);
}

/** A Parquet file: columns of numbers are doubles, the others strings; what is not known is null. */
export async function parquetOf({ columns, rows }: Pick<Table, 'columns' | 'rows'>): Promise<Uint8Array> {
  const { parquetWriteBuffer } = await import('hyparquet-writer');
  const columnData = columns.map((name, c) => {
    const data = rows.map((row) => row[c]!);
    const text = data.some((value) => typeof value === 'string');
    return {
      name,
      data: text ? data.map((value) => (value === null ? null : String(value))) : data,
      type: text ? ('STRING' as const) : ('DOUBLE' as const),
      nullable: true,
    };
  });
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}
