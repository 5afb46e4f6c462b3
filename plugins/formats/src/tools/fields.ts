import { QuorateError, type AnswerInput, type AnswerTableBuilder } from '@quorate/core';
import { z } from 'zod';
import { type JsonObject } from '../json/json-record.js';
import { flat, valueAt } from '../json/records.js';
import { parseColumns } from '../layout/given.js';

/** What of a tool's records the user wants as task, worker and label. */
export const fieldsOption = z
  .string()
  .superRefine((text, context) => {
    const given = parseColumns(text);
    if (typeof given === 'string') context.addIssue({ code: 'custom', message: given });
    else if (given.by === 'place') context.addIssue({ code: 'custom', message: 'records have names: task=image' });
  })
  .nullable()
  .default(null)
  .describe(
    'fields of a record by name: task=image (of its data), worker=..., label=<question>; what is not named is as usual',
  );

/** What a tool's reader takes for task and worker in place of the usual ones, and what goes along. */
export class Fields {
  readonly task: string | null;
  readonly worker: string | null;
  /** The question whose answers count. */
  readonly label: string | null;

  constructor(
    columns: string | null,
    readonly input: Pick<AnswerInput, 'name' | 'worker' | 'workerFrom' | 'carry'>,
  ) {
    const given = columns === null ? null : parseColumns(columns);
    const names = given !== null && typeof given !== 'string' && given.by === 'name' ? given.names : {};
    this.task = names.task?.[0] ?? null;
    this.worker = names.worker?.[0] ?? null;
    this.label = names.label?.[0] ?? null;
  }

  /** The id of a task: the field that the user named, else `usual`. */
  taskOf(record: JsonObject, usual: string | undefined): string | undefined {
    return this.task === null ? usual : valueAt(record, this.task);
  }

  /** Who answered: the field that the user named, else `usual`, else whom the user named for the whole file. */
  workerOf(record: JsonObject, usual: string | undefined): string | undefined {
    return (this.worker === null ? usual : valueAt(record, this.worker)) ?? this.input.worker;
  }

  carry(table: AnswerTableBuilder, item: number, record: JsonObject): void {
    for (const name of this.input.carry ?? []) table.carry(name, item, valueAt(record, name) ?? '');
  }

  /** What was taken for what, for people. */
  tell(
    table: AnswerTableBuilder,
    {
      task,
      worker,
      label,
      others = [],
    }: { task: string; worker: string; label: string | null; others?: readonly string[] },
  ): void {
    const by =
      this.worker ??
      (this.input.worker === undefined ? worker : `${worker}, else ${this.input.workerFrom ?? 'as given'}`);
    table.took({
      task: this.task ?? task,
      worker: by,
      label: this.label ?? label,
      gold: null,
      others: others.filter((name) => name !== this.task),
    });
  }

  /** What to do about answers of which nobody knows who gave them. */
  static readonly NOBODY = 'Say who did: --worker NAME, or --worker-from filename.';

  /** Refuses a field for the task that no record has. */
  missingTask(record: JsonObject): { expected: string; got: string; fix: string } {
    const keys = [...flat(record).keys()].filter((key) => key.length < 40).slice(0, 12);
    return {
      expected: this.task === null ? 'a record with the id of its task' : `a field "${this.task}"`,
      got: keys.join(', '),
      fix:
        this.task === null ? 'Say which field is the task: --columns task=<name>.' : 'Correct --columns task=<name>.',
    };
  }
}

/** The class that a list of choices names: none, the only one; several are undefined. */
export function oneOf(choices: readonly unknown[]): unknown {
  return choices.length === 0 ? null : choices.length === 1 ? choices[0] : undefined;
}

/** Throws ANSWERS_INVALID: a file in which nothing is an answer. */
export function withoutAnswers(where: string, expected: string, got: string, fix: string): QuorateError {
  return new QuorateError('ANSWERS_INVALID', { where, expected, got, fix });
}
