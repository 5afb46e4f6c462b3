import type { OpenTable } from '../table/open-table.js';
import { CellRow, cellText, type Cell } from './row.js';

/** Rows that a layout is decided on. */
const SAMPLED = 2000;

/** A table out of rows of values. @param first The first rows, at least as many as the sample. @param each Calls back for every row. */
export function cellTable(
  first: readonly (readonly Cell[])[],
  whole: boolean,
  each: (take: (cells: readonly Cell[]) => void) => Promise<void> | void,
): OpenTable {
  return {
    sample: { rows: first.slice(0, SAMPLED).map((row) => row.map(cellText)), whole },
    rows: async (reader) => {
      const row = new CellRow();
      let line = 0;
      await each((cells) => {
        line++;
        if (cells.every((cell) => cellText(cell) === '')) return;
        row.set(cells, line);
        reader.row(row);
      });
    },
  };
}

/** A table that is in memory, its names in the first row. Empty rows are left out. */
export function tableInMemory(rows: readonly (readonly Cell[])[]): OpenTable {
  const filled = rows.filter((row) => row.some((cell) => cellText(cell) !== ''));
  return cellTable(filled, true, (take) => rows.forEach(take));
}
