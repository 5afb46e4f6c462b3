import { z } from 'zod';
import { fieldsOption } from './fields.js';

export const labelStudioOptions = z.strictObject({
  columns: fieldsOption,
  control: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('name of the control whose answers count (from_name); null: the only one there is'),
  choice: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('of controls with several choices, the one that is asked about: the classes are it and "not" it'),
  several: z
    .enum(['refuse', 'set'])
    .default('refuse')
    .describe('an annotation with several choices: refuse it, or take each set of choices for a class'),
  object: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('name of what is labelled (to_name), when writing; null: as in the file that was read, else text'),
  data: z
    .string()
    .min(1)
    .default('text')
    .describe('key of the task data that gets the task id, when writing answers that came from another format'),
  annotations: z
    .boolean()
    .default(true)
    .describe(
      'write the answers too; false: predictions alone, for a project that does not have the workers as members',
    ),
});
export type LabelStudioOptions = z.output<typeof labelStudioOptions>;

/** What a table keeps of the Label Studio export that it was read from. */
export interface LabelStudioContext {
  /** from_name and to_name of the choices; null where no annotation had any. */
  readonly control: string | null;
  readonly object: string | null;
  /** Results of other controls, which were not read: `quality (choices)`. */
  readonly others: readonly string[];
  /** `data` of every task, by id. */
  readonly data: ReadonlyMap<string, unknown>;
}

export const LABEL_STUDIO = 'label_studio';
