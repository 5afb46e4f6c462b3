import {
  QuorateError,
  defineComponent,
  rejectRow,
  type AnswerFormat,
  type AnswerInput,
  type AnswerOutput,
  type AnswerTableBuilder,
} from '@quorate/core';
import { peekBytes } from '@quorate/core/bytes';
import { z } from 'zod';
import { grouped, losses } from './by-task.js';
import { areEnough, guessColumns, mayNameTasks } from './columns.js';
import { delimiterOption } from './csv-options.js';
import { delimiterFor, emptyLabel, field } from './csv-write.js';
import { firstRows, readDelimited, type DelimitedRow } from './delimited.js';
import { guessDelimiter, isText } from './delimiter.js';
import { EMPTY, FieldIndex, NOT_UTF8 } from './row-fields.js';
import { shown } from './text.js';

const options = z.strictObject({
  delimiter: delimiterOption,
  gold: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('name of a column with the true classes; null: there is none'),
});
type Options = z.output<typeof options>;

/** A matrix: one row a task, one column a worker. */
export const wide = defineComponent({
  kind: 'answerFormat',
  name: 'wide',
  summary: 'CSV or TSV matrix, one row a task, one column a worker, blank where a worker gave no answer',
  options,
  create: (given): AnswerFormat => ({
    detect: (head) => detect(head, given),
    read: (input, table) => read(input, table, given),
    write: (output) => write(output, given),
    drops: (output) => drops(output, given),
  }),
});

/**
 * A matrix if it is no table of answers, every task has one row, and the columns speak of the same classes: in half of
 * them at least there is a value that is in another one too. (The columns of a table of answers are of different things.)
 */
function detect(head: Uint8Array, { delimiter }: Options): number {
  if (!isText(head)) return 0;
  const text = Buffer.from(head).toString();
  if (/^\s*[[{]/.test(text)) return 0;
  const mark = (delimiter ?? guessDelimiter(text)).charCodeAt(0);
  const [header, ...rows] = firstRows(head, mark, 200);
  if (!header || header.length < 3 || rows.length === 0) return 0;
  const names = header.map((name) => name ?? '');
  if (areEnough(guessColumns(names))) return 0;
  if (new Set(rows.map(([task]) => task)).size < rows.length) return 0;
  const values = names.slice(1).map((_, column) => new Set(rows.map((row) => row[column + 1] ?? '').filter(Boolean)));
  const columnsWith = new Map<string, number>();
  for (const set of values) for (const value of set) columnsWith.set(value, (columnsWith.get(value) ?? 0) + 1);
  const alike = values.filter((set) => [...set].some((value) => columnsWith.get(value)! > 1)).length;
  if (alike < 2 || alike < values.filter((set) => set.size > 0).length / 2) return 0;
  return mayNameTasks(names[0]!) ? 0.75 : 0.5;
}

async function read(input: AnswerInput, table: AnswerTableBuilder, given: Options): Promise<void> {
  const { head, bytes } = await peekBytes(input.bytes, 1 << 16);
  const delimiter = given.delimiter ?? guessDelimiter(Buffer.from(head).toString());
  const tasks = new FieldIndex((text) => table.task(text));
  const labels = new FieldIndex((text) => table.class(text));
  /** Worker of each column; -1 for the tasks and the gold labels. */
  let workers: number[] | null = null;
  let gold = -1;
  const reject = (row: DelimitedRow, column: number, expected: string, got: string): void =>
    rejectRow(input, { line: row.line, column: row.column(column), expected, got });

  const first = (row: DelimitedRow): void => {
    const header = Array.from({ length: row.fields }, (_, column) => row.text(column) ?? '');
    gold = given.gold === null ? -1 : header.indexOf(given.gold);
    const nameless = header.findIndex((name, column) => column > 0 && name === '');
    if (nameless > 0 || (given.gold !== null && gold < 1)) {
      throw new QuorateError('ANSWERS_INVALID', {
        where: `${input.name}:${row.line}:1`,
        expected: `a header with a column for the tasks and one for each worker${gold < 1 && given.gold !== null ? ` and "${given.gold}"` : ''}`,
        got: shown(header.join(delimiter)),
        fix: 'Name the columns in the first line.',
      });
    }
    workers = header.map((name, column) => (column === 0 || column === gold ? -1 : table.worker(name)));
  };

  await readDelimited(bytes, delimiter.charCodeAt(0), {
    problem: (line, column, expected, got) => rejectRow(input, { line, column, expected, got }),
    row: (row) => {
      if (workers === null) return first(row);
      const columns = workers.length;
      if (row.fields !== columns) {
        const got = `${row.fields} field${row.fields === 1 ? '' : 's'}`;
        return reject(row, Math.min(row.fields, columns), `${columns} fields, as in the first line`, got);
      }
      const item = tasks.of(row, 0);
      if (item === EMPTY) return reject(row, 0, 'the id of a task', 'an empty field');
      if (item === NOT_UTF8) return reject(row, 0, 'text in UTF-8', 'other bytes');
      for (let column = 1; column < columns; column++) {
        const label = labels.of(row, column);
        if (label === EMPTY) continue;
        if (label === NOT_UTF8) reject(row, column, 'text in UTF-8', 'other bytes');
        else if (column === gold) table.setGold(item, label);
        else table.add(item, workers[column]!, label);
      }
    },
  });
}

function* write({ answers, name }: AnswerOutput, given: Options): Generator<string> {
  const { taskIds, workerIds, classes, worker, label } = answers;
  const delimiter = delimiterFor(name, given.delimiter);
  const names = classes.map((one) => field(String(one), delimiter));
  const header = ['task', ...workerIds];
  const gold = given.gold === null ? null : answers.gold;
  if (gold) header.push(given.gold!);
  yield `${header.map((text) => field(text, delimiter)).join(delimiter)}\n`;
  const { start, order } = grouped(answers, 'item');
  for (let i = 0; i < taskIds.length; i++) {
    const cells = new Array<string>(header.length).fill('');
    cells[0] = field(taskIds[i]!, delimiter);
    for (let x = start[i + 1]! - 1; x >= start[i]!; x--) {
      const a = order[x]!;
      // Backwards, so that the first of several answers stays.
      if (label[a]! >= 0) cells[worker[a]! + 1] = names[label[a]!]!;
    }
    if (gold && gold[i]! >= 0) cells[header.length - 1] = names[gold[i]!]!;
    yield `${cells.join(delimiter)}\n`;
  }
}

function drops({ answers, labels }: AnswerOutput, { gold }: Options): string[] {
  const kinds = ['skips', 'repeats', 'seconds', 'times', ...(gold === null ? (['gold'] as const) : [])] as const;
  const lost = [...losses(answers, kinds), ...emptyLabel(answers)];
  return labels ? [...lost, 'aggregated labels'] : lost;
}
