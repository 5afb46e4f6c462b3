import { QuorateError, defineComponent, messageOf, type AnswerFormat, type AnswerInput, type AnswerTableBuilder } from '@quorate/core';
import { parquetMetadataAsync, parquetRead, parquetSchema } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { z } from 'zod';
import { allBytes } from '../rows/all-bytes.js';
import { cellTable } from '../rows/cell-table.js';
import type { Cell } from '../rows/row.js';
import { columnsGiven, columnsOption } from '../table/csv-options.js';
import { readTable } from '../table/read-table.js';

const options = z.strictObject({ columns: columnsOption });
/** Rows that are unpacked at once. */
const ROWS = 1 << 15;

/** Apache Parquet, as pandas, Spark and the datasets of Hugging Face write it. */
export const parquet = defineComponent({
  kind: 'answerFormat',
  name: 'parquet',
  summary: 'Parquet tables of any shape; read only',
  options,
  create: (own): AnswerFormat => ({
    detect: (head) => (Buffer.from(head.subarray(0, 4)).toString('latin1') === 'PAR1' ? 0.98 : 0),
    read: (input, table) => read(input, table, own),
  }),
});

async function read(input: AnswerInput, table: AnswerTableBuilder, own: z.output<typeof options>): Promise<void> {
  const bytes = await allBytes(input);
  const file = {
    byteLength: bytes.length,
    slice: (start: number, end?: number): ArrayBuffer => bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + (end ?? bytes.length)),
  };
  const rowsFrom = async (start: number, end: number): Promise<Cell[][]> => {
    let rows: Cell[][] = [];
    await parquetRead({ file, metadata, compressors, rowStart: start, rowEnd: end, onComplete: (all) => void (rows = all) });
    return rows;
  };
  const metadata = await opened(input.name, () => parquetMetadataAsync(file));
  const count = Number(metadata.num_rows);
  const names = parquetSchema(metadata).children.map(({ element }) => element.name);
  const first = await opened(input.name, () => rowsFrom(0, Math.min(count, 2000)));
  const open = cellTable([names, ...first], first.length === count, async (take) => {
    take(names);
    for (let start = 0; start < count; start += ROWS) {
      for (const row of await opened(input.name, () => rowsFrom(start, Math.min(count, start + ROWS)))) take(row);
    }
  });
  await readTable(input, table, open, { given: columnsGiven(own), shape: null });
}

async function opened<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw new QuorateError('ANSWERS_INVALID', {
      where: name,
      expected: 'a whole Parquet file',
      got: messageOf(thrown),
      fix: 'Write or copy it again.',
      cause: thrown,
    });
  }
}
