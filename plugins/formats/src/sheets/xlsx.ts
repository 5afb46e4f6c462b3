import {
  QuorateError,
  defineComponent,
  messageOf,
  type AnswerFormat,
  type AnswerInput,
  type AnswerTableBuilder,
} from '@quorate/core';
// The variant for Node unpacks as a stream, and waits for ever at the end of some damaged files.
import readExcel from 'read-excel-file/universal';
import { z } from 'zod';
import { isLayout, layoutOf } from '../layout/layout.js';
import { allBytes } from '../rows/all-bytes.js';
import { tableInMemory } from '../rows/cell-table.js';
import { cellText, type Cell } from '../rows/row.js';
import { columnsGiven, columnsOption } from '../table/csv-options.js';
import { readTable } from '../table/read-table.js';

const options = z.strictObject({
  columns: columnsOption,
  sheet: z.string().min(1).nullable().default(null).describe('name of the sheet to read; null: all that hold answers'),
});
type Options = z.output<typeof options>;

interface Sheet {
  readonly sheet: string;
  readonly data: readonly (readonly Cell[])[];
}

/** Workbooks of Excel and what else writes them. */
export const xlsx = defineComponent({
  kind: 'answerFormat',
  name: 'xlsx',
  summary: 'Excel workbooks (.xlsx), tables of any shape; several sheets: one for each worker, or parts of one table',
  options,
  create: (own): AnswerFormat => ({ detect, read: (input, table) => read(input, table, own) }),
});

function detect(head: Uint8Array): number {
  if (head[0] !== 0x50 || head[1] !== 0x4b) return 0;
  const text = Buffer.from(head).toString('latin1');
  return /xl\/(workbook|worksheets|theme|styles|sharedStrings|_rels)|\[Content_Types\]\.xml|docProps\//.test(text)
    ? 0.97
    : 0;
}

async function read(input: AnswerInput, table: AnswerTableBuilder, own: Options): Promise<void> {
  const sheets = await workbook(input, await allBytes(input));
  const filled = sheets.filter(({ data }) => data.some((row) => row.some((cell) => cellText(cell) !== '')));
  const chosen = own.sheet === null ? filled : sheets.filter(({ sheet }) => sheet === own.sheet);
  if (chosen.length === 0) {
    const names = sheets.map(({ sheet }) => sheet).join(', ');
    throw new QuorateError('ANSWERS_INVALID', {
      where: input.name,
      expected: own.sheet === null ? 'a sheet with answers' : `a sheet "${own.sheet}"`,
      got: own.sheet === null ? 'empty sheets alone' : names,
      fix: own.sheet === null ? 'Give a workbook with a row for each answer.' : 'Correct format.sheet=<name>.',
    });
  }
  const given = columnsGiven(own);
  const first = chosen[0]!;
  if (chosen.length === 1) return readTable(input, table, tableInMemory(first.data), { given, shape: null });
  const alike = chosen.filter((sheet) => headerOf(sheet) === headerOf(first));
  const parts = alike.length > 1 ? alike : readable(input, chosen, given);
  const left = filled.filter((sheet) => !parts.includes(sheet));
  if (left.length > 0 && own.sheet === null) {
    table.note(
      `Not read: the sheets ${left.map(({ sheet }) => sheet).join(', ')} (format.sheet=<name> reads another one).`,
    );
  }
  for (const { sheet, data } of parts) {
    const open = tableInMemory(data);
    // A sheet for each worker, where no column says who answered.
    const layout = layoutOf(open.sample, given, null, input);
    const one =
      parts.length > 1 &&
      isLayout(layout) &&
      layout.shape === 'long' &&
      layout.columns.worker < 0 &&
      input.worker === undefined;
    const worker = one ? { worker: sheet, workerFrom: 'the name of the sheet' } : {};
    await readTable({ ...input, ...worker, name: `${input.name}/${sheet}` }, table, open, { given, shape: null });
  }
}

/** Of sheets with other columns each, the first that can be read. */
function readable(input: AnswerInput, sheets: readonly Sheet[], given: ReturnType<typeof columnsGiven>): Sheet[] {
  const found = sheets.find(({ data }) => isLayout(layoutOf(tableInMemory(data).sample, given, null, input)));
  return [found ?? sheets[0]!];
}

function headerOf({ data }: Sheet): string {
  return (data.find((row) => row.some((cell) => cellText(cell) !== '')) ?? [])
    .map(cellText)
    .join('\0')
    .replace(/\0+$/, '');
}

async function workbook({ name }: AnswerInput, bytes: Buffer): Promise<Sheet[]> {
  try {
    // Integers that no JavaScript number holds stay as they are written.
    const parseNumber = (text: string): number | string => (/^-?\d{16,}$/.test(text) ? text : Number(text));
    return await readExcel<number | string>(new Uint8Array(bytes).buffer, { parseNumber });
  } catch (thrown) {
    throw new QuorateError('ANSWERS_INVALID', {
      where: name,
      expected: 'a workbook of Excel',
      // What a reader says that trips over damage is about its own code.
      got: thrown instanceof TypeError || thrown instanceof RangeError ? 'a damaged one' : messageOf(thrown),
      fix: 'Save it again as .xlsx, or as CSV.',
      cause: thrown,
    });
  }
}
