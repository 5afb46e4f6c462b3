import { defineComponent, type AnswerFormat } from '@quorate/core';
import { areEnough, guessColumns } from './columns.js';
import { columnsGiven, csvOptions, type CsvOptions } from './csv-options.js';
import { readCsv } from './csv-read.js';
import { csvDrops, writeCsv } from './csv-write.js';
import { firstRows } from './delimited.js';
import { guessDelimiter, isText } from './delimiter.js';

/** One row an answer. */
export const csv = defineComponent({
  kind: 'answerFormat',
  name: 'csv',
  summary: 'CSV or TSV, one row an answer, any usual column names; exports of Mechanical Turk and Toloka',
  options: csvOptions,
  create: (options): AnswerFormat => ({
    extensions: ['.csv', '.tsv', '.tab', '.txt'],
    detect: (head) => detect(head, options),
    read: (input, table) => readCsv(input, table, { given: columnsGiven(options), delimiter: options.delimiter }),
    write: (output) => writeCsv(output, options),
    drops: csvDrops,
  }),
});

function detect(head: Uint8Array, { columns, delimiter }: CsvOptions): number {
  if (!isText(head)) return 0;
  if (columns !== null) return 0.95;
  const text = Buffer.from(head).toString();
  if (/^\s*[[{]/.test(text)) return 0;
  const mark = (delimiter ?? guessDelimiter(text)).charCodeAt(0);
  const [header] = firstRows(head, mark, 1);
  if (!header) return 0;
  const found = guessColumns(header.map((name) => name ?? ''));
  if (areEnough(found)) return found.worker >= 0 ? 0.9 : 0.7;
  // Whoever meant a table without these columns is told by the reader which it needs.
  return header.length > 1 ? 0.1 : 0.05;
}
