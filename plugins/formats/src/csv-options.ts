import { z } from 'zod';
import { parseColumns, type ColumnsGiven } from './columns.js';

export const delimiterOption = z
  .string()
  .refine(
    (text) => text === '\\t' || (text.length === 1 && /[\x20-\x7e\t]/.test(text) && text !== '"'),
    'one character',
  )
  .transform((text) => (text === '\\t' ? '\t' : text))
  .nullable()
  .default(null)
  .describe('what is between two fields, one character; null: , ; | or a tab, whichever the first line has most of');

export const csvOptions = z.strictObject({
  columns: z
    .string()
    .superRefine((text, context) => {
      const given = parseColumns(text);
      if (typeof given === 'string') context.addIssue({ code: 'custom', message: given });
    })
    .nullable()
    .default(null)
    .describe(
      'roles of the columns of a file without a header (task,worker,label,-), or names (task=HITId,label=Answer.mood)',
    ),
  delimiter: delimiterOption,
});
export type CsvOptions = z.output<typeof csvOptions>;

/** What the option `columns` says, which has been checked. */
export function columnsGiven({ columns }: CsvOptions): ColumnsGiven | null {
  const given = columns === null ? null : parseColumns(columns);
  return typeof given === 'string' ? null : given;
}
