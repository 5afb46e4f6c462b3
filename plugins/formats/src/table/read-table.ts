import { QuorateError, type AnswerInput, type AnswerTableBuilder } from '@quorate/core';
import { isLayout, layoutOf } from '../layout/layout.js';
import type { Layout } from '../layout/facts.js';
import { nameOf } from '../layout/facts.js';
import { classNotes, Missing } from '../layout/missing.js';
import type { Row } from '../rows/row.js';
import type { OpenTable, TableRequest } from './open-table.js';
import { LongRows } from './long-rows.js';
import { MatrixRows } from './matrix-rows.js';

/** Reads a table of any shape. Throws ANSWERS_INVALID where it is not clear what its columns are. */
export async function readTable(
  input: AnswerInput,
  table: AnswerTableBuilder,
  { sample, rows }: OpenTable,
  request: TableRequest,
): Promise<void> {
  const layout = layoutOf(sample, request.given, request.shape, input);
  if (!isLayout(layout)) {
    throw new QuorateError('ANSWERS_INVALID', { where: `${input.name}:${request.line ?? 1}:1`, ...layout });
  }
  checkCarried(input, layout);
  const reader =
    layout.shape === 'long'
      ? new LongRows(input, table, layout, request, sample)
      : new MatrixRows(input, table, layout, sample);
  let skip = layout.skip;
  let last: Row | null = null;
  await rows({
    row: (row) => {
      last = row;
      if (skip > 0) {
        skip--;
        return;
      }
      table.rows++;
      reader.row(row);
    },
    problem: (line, column, expected, got) => {
      table.rows++;
      reader.reject(line, column, expected, got);
    },
  });
  if (last === null)
    throw new QuorateError('ANSWERS_INVALID', {
      where: input.name,
      expected: 'at least one row',
      got: 'none',
      fix: 'Give a file with a row for each answer: task,worker,label.',
    });
  reader.finish();
  tell(input, table, layout);
}

/** Says what was taken for what. */
function tell(
  input: AnswerInput,
  table: AnswerTableBuilder,
  { shape, names, columns, cells, buttons, notes }: Layout,
): void {
  const name = (column: number): string | null => (column < 0 ? null : nameOf(names, column));
  const list = (all: readonly number[]): string => {
    const some = all.slice(0, 4).map((column) => nameOf(names, column));
    return `${all.length} columns (${some.join(', ')}${all.length > 4 ? ', ...' : ''})`;
  };
  const pressed = (buttons ?? []).map(({ column }) => column);
  const used = new Set([...Object.values(columns), ...cells, ...pressed]);
  const truths = shape === 'long' && columns.worker < 0 && input.worker === undefined;
  table.took({
    task: shape === 'survey' ? list(cells) : (name(columns.task) ?? 'number of the row'),
    worker:
      shape === 'wide'
        ? list(cells)
        : (name(columns.worker) ??
          (shape === 'survey' ? 'number of the row' : truths ? null : (input.workerFrom ?? null))),
    label: buttons ? list(pressed) : shape === 'long' ? (truths ? null : name(columns.label)) : 'the cells',
    gold: table.hasGold ? name(columns.gold) : null,
    others: names.filter((one, column) => one !== '' && !used.has(column)),
  });
  for (const note of notes) table.note(note);
  for (const note of classNotes(table.classes, new Missing(input))) table.note(note);
}

function checkCarried({ name, carry = [] }: AnswerInput, { names }: Layout): void {
  for (const one of carry) {
    if (names.includes(one)) continue;
    throw new QuorateError('ANSWERS_INVALID', {
      where: name,
      expected: `a column "${one}" to carry along`,
      got: names.filter(Boolean).join(', '),
      fix: 'Correct the name.',
    });
  }
}
