import type { AnswerFileRequest } from '@quorate/core';
import { z } from 'zod';

/** Options of a component that reads a file of answers. */
export const answerFileOptions = {
  file: z.string().min(1).describe('answers of people, in any format that "quorate aggregate" reads'),
  format: z.string().min(1).nullable().default(null).describe('format of the file; null: told by its content'),
  columns: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('what the columns are, for instance task,worker,label; null: told by the header'),
};

export function formatOf({
  format,
  columns,
}: {
  readonly format: string | null;
  readonly columns: string | null;
}): Pick<AnswerFileRequest, 'format' | 'options'> {
  return { format, options: columns === null ? {} : { columns } };
}
