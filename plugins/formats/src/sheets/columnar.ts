import {
  QuorateError,
  defineComponent,
  isQuorateError,
  type AnswerFormat,
  type AnswerInput,
  type AnswerTableBuilder,
} from '@quorate/core';
import { arrowTable, parquetTable } from '@quorate/tables';
import { z } from 'zod';
import { allBytes } from '../rows/all-bytes.js';
import { cellTable } from '../rows/cell-table.js';
import type { Cell } from '../rows/row.js';
import { columnsGiven, columnsOption } from '../table/csv-options.js';
import { className, classNamesIn } from '../table/class-names.js';
import { readTable } from '../table/read-table.js';

const options = z.strictObject({ columns: columnsOption });
type Table = Awaited<ReturnType<typeof arrowTable>>;

/** Apache Parquet, as pandas, Spark and the datasets of Hugging Face write it. */
export const parquet = defineComponent({
  kind: 'answerFormat',
  name: 'parquet',
  summary: 'Parquet tables of any shape; read only',
  options,
  create: (own): AnswerFormat => ({
    detect: (head) => (startsWith(head, 'PAR1') ? 0.98 : 0),
    read: async (input, table) => {
      const bytes = await allBytes(input);
      const file = {
        name: input.name,
        bytes: bytes.length,
        read: async (position: number, into: Uint8Array) => bytes.copy(into, 0, position, position + into.length),
      };
      await read(input, table, own.columns, await opened(() => parquetTable(file)));
    },
  }),
});

/** Arrow files and streams: `datasets.save_to_disk` of Hugging Face, Feather of pandas and R. */
export const arrow = defineComponent({
  kind: 'answerFormat',
  name: 'arrow',
  summary: 'Arrow and Feather tables of any shape, as files and as streams; read only',
  options,
  create: (own): AnswerFormat => ({
    detect: (head) => {
      if (startsWith(head, 'ARROW1')) return 0.98;
      // A stream begins with a continuation mark and the length of a schema.
      return startsWith(head, '\u00ff\u00ff\u00ff\u00ff') && head[6] === 0 && head[7] === 0 ? 0.9 : 0;
    },
    read: async (input, table) => {
      const bytes = await allBytes(input);
      await read(input, table, own.columns, await opened(() => arrowTable(input.name, bytes)));
    },
  }),
});

function startsWith(head: Uint8Array, text: string): boolean {
  return Buffer.from(head.subarray(0, text.length)).toString('latin1') === text;
}

async function read(
  input: AnswerInput,
  table: AnswerTableBuilder,
  columns: string | null,
  source: Table,
): Promise<void> {
  const names = [...source.columns];
  const classes = classNamesIn(source.metadata ?? new Map(), input.beside);
  const ofColumn = names.map((name) => classes.get(name));
  const each = async (take: (cells: Cell[]) => void, most: number): Promise<void> => {
    let rows = 0;
    for await (const batch of source.batches()) {
      for (let row = 0; row < batch.rows; row++, rows++) {
        if (rows === most) return;
        take(batch.columns.map((values, c) => className(ofColumn[c], listOf(values[row]))));
      }
    }
  };
  const first: Cell[][] = [];
  await opened(() => each((cells) => void first.push(cells), SAMPLED));
  const open = cellTable([names, ...first], first.length < SAMPLED, async (take) => {
    take(names);
    await opened(() => each(take, Infinity));
  });
  await readTable(input, table, open, { given: columnsGiven({ columns }), shape: null });
  const named = names.filter((name) => classes.has(name));
  if (named.length > 0)
    table.note(`The numbers in ${named.join(', ')} stand for the names that the data set gives them.`);
}

const SAMPLED = 2000;

/** A list of Arrow as a list. */
function listOf(value: unknown): Cell {
  const isList = typeof value === 'object' && value !== null && !(value instanceof Date) && !Array.isArray(value);
  return isList && Symbol.iterator in value ? [...(value as Iterable<unknown>)] : value;
}

/** What a table says of a file that is damaged, as the reader of answers does. */
async function opened<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (!isQuorateError(thrown) || thrown.code === 'ANSWERS_INVALID') throw thrown;
    throw new QuorateError('ANSWERS_INVALID', thrown.detail);
  }
}
