import {
  QuorateError,
  defineComponent,
  rejectRow,
  type AnswerFormat,
  type AnswerInput,
  type AnswerTableBuilder,
} from '@quorate/core';
import { z } from 'zod';
import { isObject, labelOf } from '../json/json-record.js';
import { readJson } from '../json/lines.js';
import { cellText, type Row } from '../rows/row.js';
import { columnsNamed } from '../layout/given.js';
import { openDelimited, sampledText } from '../table/open-delimited.js';
import { shown } from '../text.js';
import { Fields, fieldsOption } from './fields.js';

const options = z.strictObject({ columns: fieldsOption });
const NEEDED = ['classification_id', 'user_name', 'annotations', 'subject_ids'] as const;

/** Classification exports of Zooniverse. */
export const panoptes = defineComponent({
  kind: 'answerFormat',
  name: 'panoptes',
  summary: 'Zooniverse (Panoptes) classification exports, the answers to one question task; read only',
  options,
  create: (own): AnswerFormat => ({
    detect: (head) => {
      const header = sampledText(head, ',')?.rows[0] ?? [];
      return NEEDED.every((name) => header.includes(name)) ? 0.98 : 0;
    },
    read: (input, table) => read(input, table, own.columns),
  }),
});

async function read(input: AnswerInput, table: AnswerTableBuilder, columns: string | null): Promise<void> {
  const { rows } = await openDelimited(input, ',');
  let reader: Classifications | null = null;
  await rows({
    row: (row) => {
      if (reader) reader.row(row);
      else reader = new Classifications(input, table, columns, textsOf(row));
    },
    problem: (line, column, expected, got) => {
      table.rows++;
      rejectRow(input, { line, column, expected, got });
    },
  });
  (reader as Classifications | null)?.finish();
}

const textsOf = (row: Row): string[] => Array.from({ length: row.fields }, (_, field) => row.text(field) ?? '');

class Classifications {
  readonly #at: Readonly<Record<string, number>>;
  readonly #fields: Fields;
  readonly #task: number;
  readonly #worker: number;
  readonly #carried: readonly (readonly [string, number])[];
  #question: string | null;
  /** What each task of the workflow asks. */
  readonly #asked = new Map<string, string>();

  constructor(
    readonly input: AnswerInput,
    readonly table: AnswerTableBuilder,
    columns: string | null,
    readonly header: readonly string[],
  ) {
    this.#at = Object.fromEntries(header.map((name, column) => [name, column]));
    for (const name of NEEDED) if (!(name in this.#at)) throw this.#missing(name);
    this.#fields = new Fields(columns, input);
    this.#question = this.#fields.label;
    const place = (name: string | null, usual: string): number => {
      const found = columnsNamed(name ?? usual, header);
      // What a subject has beside its id is in the JSON of its data.
      return found[0] ?? -1;
    };
    this.#task = place(this.#fields.task, 'subject_ids');
    this.#worker = place(this.#fields.worker, 'user_name');
    this.#carried = (input.carry ?? []).map((name) => [name, columnsNamed(name, header)[0] ?? -1]);
  }

  row(row: Row): void {
    const { table } = this;
    table.rows++;
    const text = (column: number): string => (column < 0 ? '' : (row.text(column) ?? ''));
    if (row.fields !== this.header.length) {
      return this.#reject(row, 0, `${this.header.length} fields, as in the first line`, `${row.fields} fields`);
    }
    const chosen = this.#chosen(row);
    if (chosen === undefined) return;
    const task = this.#task >= 0 ? text(this.#task) : this.#ofSubject(row, this.#fields.task!);
    const worker = text(this.#worker) || this.input.worker || '';
    if (task === '') return this.#reject(row, Math.max(0, this.#task), 'the id of a subject', 'an empty field');
    if (worker === '')
      return this.#reject(row, Math.max(0, this.#worker), 'the name of a user', 'an empty field', Fields.NOBODY);
    const item = table.task(task);
    for (const [name, column] of this.#carried)
      table.carry(name, item, column >= 0 ? text(column) : this.#ofSubject(row, name));
    const k = chosen === null ? -1 : table.class(chosen);
    if (k >= 0 && text(this.#at['gold_standard'] ?? -1).toLowerCase() === 'true') table.setGold(item, k);
    table.add(item, table.worker(worker), k, this.#seconds(row), text(this.#at['created_at'] ?? -1));
  }

  finish(): void {
    const asked = this.#question === null ? null : this.#asked.get(this.#question);
    const label = asked ? `${this.#question} (${asked})` : this.#question;
    this.#fields.tell(this.table, { task: 'subject_ids', worker: 'user_name', label });
    const others = [...this.#asked.keys()].filter((name) => name !== this.#question);
    this.table.took({ label, others });
  }

  /** The answer to the question: null for none; undefined where the row was rejected. */
  #chosen(row: Row): string | number | boolean | null | undefined {
    const column = this.#at['annotations']!;
    const given = jsonIn(row, column);
    if (!Array.isArray(given)) {
      this.#reject(row, column, 'the annotations as JSON', shown(row.text(column)));
      return undefined;
    }
    let chosen: string | number | boolean | null = null;
    for (const { name, value, label } of tasksIn(given)) {
      if (label !== '') this.#asked.set(name, label);
      else if (!this.#asked.has(name)) this.#asked.set(name, '');
      if (this.#fields.label !== null ? name !== this.#fields.label : false) continue;
      if (this.#question !== null && name !== this.#question) {
        this.#reject(
          row,
          column,
          'answers to one task',
          `${this.#question} and ${name}`,
          `Say which: --columns label=${this.#question}.`,
        );
        return undefined;
      }
      this.#question = name;
      const one = answerOf(value);
      if (one === undefined) {
        this.#reject(row, column, 'one answer to a question', shown(value));
        return undefined;
      }
      chosen = one;
    }
    return chosen;
  }

  #ofSubject(row: Row, name: string): string {
    const data = jsonIn(row, this.#at['subject_data'] ?? -1);
    const subject = isObject(data) ? Object.values(data)[0] : undefined;
    const value = isObject(subject) ? subject[name] : undefined;
    return cellText(value);
  }

  #seconds(row: Row): number {
    const metadata = jsonIn(row, this.#at['metadata'] ?? -1);
    if (!isObject(metadata)) return NaN;
    const [from, to] = [metadata['started_at'], metadata['finished_at']].map((one) =>
      typeof one === 'string' ? Date.parse(one) : NaN,
    );
    const seconds = (to! - from!) / 1000;
    return seconds >= 0 ? seconds : NaN;
  }

  #missing(name: string): QuorateError {
    return new QuorateError('ANSWERS_INVALID', {
      where: `${this.input.name}:1:1`,
      expected: `a classification export of Zooniverse with ${name}`,
      got: shown(this.header.join(',')),
      fix: 'Export the classifications, not the subjects or the workflows.',
    });
  }

  #reject(row: Row, field: number, expected: string, got: string, fix?: string): void {
    rejectRow(this.input, {
      line: row.line,
      column: row.column(field),
      expected,
      got,
      ...(fix === undefined ? {} : { fix }),
    });
  }
}

function jsonIn(row: Row, column: number): unknown {
  if (column < 0) return undefined;
  try {
    return readJson(row.text(column) ?? '');
  } catch {
    return undefined;
  }
}

interface Asked {
  readonly name: string;
  readonly label: string;
  readonly value: unknown;
}

/** The tasks of a classification, those of combined tasks too. */
function tasksIn(annotations: readonly unknown[]): Asked[] {
  return annotations.filter(isObject).flatMap((one): Asked[] => {
    const { task, task_label: label, value } = one;
    const combined =
      Array.isArray(value) && value.length > 0 && value.every((part) => isObject(part) && 'task' in part);
    if (combined) return tasksIn(value);
    return typeof task === 'string' ? [{ name: task, label: typeof label === 'string' ? label : '', value }] : [];
  });
}

/** Null for no answer, undefined for what is not one answer: marks of a drawing, several choices. */
function answerOf(value: unknown): string | number | boolean | null | undefined {
  const given = Array.isArray(value) && value.length === 1 ? (value[0] as unknown) : value;
  // A dropdown says what was chosen beside its value.
  if (isObject(given))
    return 'option' in given || 'label' in given ? labelOf(given['label'] ?? given['value']) : undefined;
  return labelOf(given);
}
