import { z } from 'zod';
import { parseColumns, type ColumnsGiven } from '../layout/given.js';

export const delimiterOption = z
  .string()
  .refine(
    (text) => text === '\\t' || (text.length === 1 && /[\x20-\x7e\t]/.test(text) && text !== '"'),
    'one character',
  )
  .transform((text) => (text === '\\t' ? '\t' : text))
  .nullable()
  .default(null)
  .describe('what is between two fields, one character; null: , ; | or a tab, whichever parts the first rows best');

/** What the columns of a table are, where their names and contents do not tell. */
export const columnsOption = z
  .string()
  .superRefine((text, context) => {
    const given = parseColumns(text);
    if (typeof given === 'string') context.addIssue({ code: 'custom', message: given });
  })
  .nullable()
  .default(null)
  .describe(
    'roles of the columns in their order (task,worker,label,-), or the names of some (task=HITId,label=Answer.mood); ' +
      'worker=... several times is a matrix, task=... several times a survey; * stands for any letters',
  );

export const csvOptions = z.strictObject({ columns: columnsOption, delimiter: delimiterOption });
export type CsvOptions = z.output<typeof csvOptions>;

/** What the option `columns` says, which has been checked. */
export function columnsGiven({ columns }: { readonly columns: string | null }): ColumnsGiven | null {
  const given = columns === null ? null : parseColumns(columns);
  return typeof given === 'string' ? null : given;
}
