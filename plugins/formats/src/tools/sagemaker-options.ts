import { z } from 'zod';
import { fieldsOption } from './fields.js';

export const sagemakerOptions = z.strictObject({
  columns: fieldsOption,
  attribute: z
    .string()
    .regex(/^[A-Za-z0-9](-*[A-Za-z0-9])*$/, 'letters, digits and hyphens')
    .nullable()
    .default(null)
    .describe('label attribute name of a manifest: the key of the class; null: the only one (label, when writing)'),
  source: z
    .enum(['source-ref', 'source'])
    .default('source-ref')
    .describe('what the task ids are, when writing: source-ref for addresses of files, source for the text itself'),
});
export type SagemakerOptions = z.output<typeof sagemakerOptions>;
