import { defineComponent, type AnswerFormat, type AnswerOutput } from '@quorate/core';
import { z } from 'zod';
import type { Sample } from '../layout/content.js';
import type { ColumnsGiven } from '../layout/given.js';
import { isLayout, layoutOf } from '../layout/layout.js';
import { none } from '../layout/roles.js';
import { grouped, losses } from './by-task.js';
import { columnsGiven, columnsOption, delimiterOption } from './csv-options.js';
import { delimiterFor, field, lostLabels } from './csv-write.js';
import { openDelimited, sampledText } from './open-delimited.js';
import { readTable } from './read-table.js';

const options = z.strictObject({
  columns: columnsOption,
  delimiter: delimiterOption,
  gold: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('name of a column with the true classes; null: one that is called so'),
  every: z
    .boolean()
    .default(false)
    .describe(
      'every column but the first and gold is a worker, whatever its name and content; false: those that look like it',
    ),
});
type Options = z.output<typeof options>;

/** A matrix: one row a task, one column a worker. */
export const wide = defineComponent({
  kind: 'answerFormat',
  name: 'wide',
  summary: 'CSV or TSV matrix, one row a task, one column a worker, blank where a worker gave no answer',
  options,
  create: (own): AnswerFormat => ({
    detect: (head) => detect(head, own),
    read: async (input, table) => {
      const open = await openDelimited(input, own.delimiter);
      await readTable(input, table, open, { given: givenIn(own, open.sample), shape: 'wide' });
    },
    write: (output) => write(output, own),
    drops: (output) => drops(output, own),
  }),
});

/** What the options say of the columns. */
function given({ columns, gold }: Options): ColumnsGiven | null {
  const said = columnsGiven({ columns });
  if (gold === null || said?.by === 'place') return said;
  return { by: 'name', names: { ...said?.names, gold: [gold] } };
}

/** The columns that the options say, with all workers by their names where every column is one. */
function givenIn(own: Options, sample: Sample): ColumnsGiven | null {
  const said = given(own);
  if (!own.every || said?.by === 'place') return said;
  const header = sample.rows[0] ?? [];
  const gold = own.gold === null ? -1 : header.indexOf(own.gold);
  const cells = [...header.keys()].filter((column) => column > 0 && column !== gold && header[column] !== '');
  return { by: 'place', columns: { ...none(), task: 0, gold }, cells, count: header.length, header: true };
}

function detect(head: Uint8Array, options: Options): number {
  const sample = sampledText(head, options.delimiter);
  if (!sample) return 0;
  const found = layoutOf(sample, given(options), null, {});
  if (options.every && sample.rows.length > 1) return 0.6;
  return isLayout(found) && found.shape === 'wide' ? (options.columns === null ? 0.75 : 0.97) : 0;
}

function* write({ answers, name }: AnswerOutput, { delimiter: asked, gold: goldName }: Options): Generator<string> {
  const { taskIds, workerIds, classes, worker, label } = answers;
  const delimiter = delimiterFor(name, asked);
  const names = classes.map((one) => field(String(one), delimiter));
  const header = ['task', ...workerIds];
  const gold = goldName === null ? null : answers.gold;
  if (gold) header.push(goldName!);
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
  const lost = [...losses(answers, kinds), ...lostLabels(answers)];
  return labels ? [...lost, 'aggregated labels'] : lost;
}
