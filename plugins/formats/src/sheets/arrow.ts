import { CompressionType, setCompressionCodec, tableFromIPC } from '@uwdata/flechette';
import { QuorateError, defineComponent, messageOf, type AnswerFormat, type AnswerInput, type AnswerTableBuilder } from '@quorate/core';
import { decompressZstd } from 'hyparquet-compressors';
import { z } from 'zod';
import { allBytes } from '../rows/all-bytes.js';
import { cellTable } from '../rows/cell-table.js';
import type { Cell } from '../rows/row.js';
import { columnsGiven, columnsOption } from '../table/csv-options.js';
import { readTable } from '../table/read-table.js';
import { unpackLz4 } from './lz4-frame.js';

const options = z.strictObject({ columns: columnsOption });

/** Arrow files and streams: `datasets.save_to_disk` of Hugging Face, Feather of pandas and R. */
export const arrow = defineComponent({
  kind: 'answerFormat',
  name: 'arrow',
  summary: 'Arrow and Feather tables of any shape, as files and as streams; read only',
  options,
  create: (own): AnswerFormat => ({ detect, read: (input, table) => read(input, table, own) }),
});

function detect(head: Uint8Array): number {
  if (Buffer.from(head.subarray(0, 6)).toString('latin1') === 'ARROW1') return 0.98;
  // A stream begins with a continuation mark and the length of a schema.
  const isStream = head.length > 8 && head[0] === 0xff && head[1] === 0xff && head[2] === 0xff && head[3] === 0xff;
  return isStream && head[6] === 0 && head[7] === 0 ? 0.9 : 0;
}

async function read(input: AnswerInput, table: AnswerTableBuilder, own: z.output<typeof options>): Promise<void> {
  const bytes = await allBytes(input);
  setCompressionCodec(CompressionType.ZSTD, { encode: refuse, decode: (part) => decompressZstd(part) });
  setCompressionCodec(CompressionType.LZ4_FRAME, { encode: refuse, decode: unpackLz4 });
  const source = opened(input.name, () => tableFromIPC(bytes, { useBigInt: true, useDate: true }));
  const { names, numRows: count } = source;
  const columns = names.map((_, c) => source.getChildAt(c));
  const cells = (row: number): Cell[] => opened(input.name, () => columns.map((column) => plain(column.at(row))));
  const first = Array.from({ length: Math.min(count, 2000) }, (_, row) => cells(row));
  const open = cellTable([names, ...first], first.length === count, (take) => {
    take(names);
    for (let row = 0; row < count; row++) take(cells(row));
  });
  await readTable(input, table, open, { given: columnsGiven(own), shape: null });
}

/** A list of Arrow as a list. */
function plain(value: unknown): Cell {
  if (typeof value !== 'object' || value === null || value instanceof Date || Array.isArray(value)) return value;
  return Symbol.iterator in value ? [...(value as Iterable<unknown>)] : value;
}

function refuse(): never {
  throw new Error('nothing is written as Arrow');
}

function opened<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    throw new QuorateError('ANSWERS_INVALID', {
      where: name,
      expected: 'a whole Arrow file or stream',
      got: messageOf(thrown),
      fix: 'Write or copy it again.',
      cause: thrown,
    });
  }
}

