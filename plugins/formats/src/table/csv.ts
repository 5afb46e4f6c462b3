import { defineComponent, type AnswerFormat } from '@quorate/core';
import { isLayout, layoutOf } from '../layout/layout.js';
import { columnsGiven, csvOptions, type CsvOptions } from './csv-options.js';
import { csvDrops, writeCsv } from './csv-write.js';
import { openDelimited, sampledText } from './open-delimited.js';
import { readTable } from './read-table.js';

/** One row an answer. */
export const csv = defineComponent({
  kind: 'answerFormat',
  name: 'csv',
  summary: 'CSV or TSV, one row an answer, any usual column names; exports of Mechanical Turk, Toloka and Appen',
  options: csvOptions,
  create: (options): AnswerFormat => ({
    extensions: ['.csv', '.tsv', '.tab', '.txt'],
    detect: (head) => detect(head, options),
    read: async (input, table) => {
      const given = columnsGiven(options);
      // Several columns of workers, or of tasks, are a matrix, whatever it was taken for.
      await readTable(input, table, await openDelimited(input, options.delimiter), { given, shape: null });
    },
    write: (output) => writeCsv(output, options),
    drops: csvDrops,
  }),
});

function detect(head: Uint8Array, options: CsvOptions): number {
  const sample = sampledText(head, options.delimiter);
  if (!sample) return 0;
  const found = layoutOf(sample, columnsGiven(options), null, {});
  // Whoever meant a table without these columns is told by the reader which it needs.
  if (!isLayout(found)) return sample.rows[0] && sample.rows[0].length > 1 ? 0.3 : 0.05;
  if (found.shape !== 'long') return 0.2;
  return options.columns !== null ? 0.95 : found.columns.worker >= 0 ? 0.9 : 0.7;
}
