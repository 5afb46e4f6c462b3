import { QuorateError, rejectRow, type AnswerInput, type AnswerTableBuilder } from '@quorate/core';
import { peekBytes } from '@quorate/core/bytes';
import {
  answerColumns,
  areEnough,
  guessColumns,
  none,
  roleOf,
  type Columns,
  type ColumnsGiven,
  type Role,
} from './columns.js';
import { readDelimited, type DelimitedRow } from './delimited.js';
import { guessDelimiter } from './delimiter.js';
import { EMPTY, FieldIndex, NOT_UTF8 } from './row-fields.js';
import { TASK_ANSWERS, taskAnswer } from './task-answers.js';
import { shown } from './text.js';

export interface CsvLayout {
  /** What is known of the columns; null: guessed by their names. */
  readonly given: ColumnsGiven | null;
  /** Null: guessed from the first line. */
  readonly delimiter: string | null;
  /** False for a text that is no label. */
  readonly isLabel?: (text: string) => boolean;
}

const NO_LABEL = -3;

/** Reads a file with one row for each answer. */
export async function readCsv(input: AnswerInput, table: AnswerTableBuilder, layout: CsvLayout): Promise<void> {
  const peeked = await peekBytes(input.bytes, 1 << 16);
  const delimiter = layout.delimiter ?? guessDelimiter(Buffer.from(peeked.head).toString());
  const rows = new AnswerRows(input, table, layout);
  await readDelimited(peeked.bytes, delimiter.charCodeAt(0), {
    row: (row) => rows.row(row),
    problem: (line, column, expected, got) => rejectRow(input, { line, column, expected, got }),
  });
}

class AnswerRows {
  #columns: Columns | null = null;
  /** Fields of every row. */
  #fields = 0;
  readonly #tasks: FieldIndex;
  readonly #workers: FieldIndex;
  #labels: FieldIndex;
  readonly #golds: FieldIndex;
  #labelFix: string | undefined;

  constructor(
    readonly input: AnswerInput,
    readonly table: AnswerTableBuilder,
    readonly layout: CsvLayout,
  ) {
    this.#tasks = new FieldIndex((text) => table.task(text));
    this.#workers = new FieldIndex((text) => table.worker(text));
    const { isLabel = () => true } = layout;
    this.#labels = new FieldIndex((text) => (isLabel(text) ? table.class(text) : NO_LABEL));
    this.#golds = new FieldIndex((text) => table.class(text));
  }

  row(row: DelimitedRow): void {
    const columns = this.#columns;
    if (columns === null) return this.#first(row);
    if (row.fields !== this.#fields) {
      const got = `${row.fields} field${row.fields === 1 ? '' : 's'}`;
      return this.#reject(row, Math.min(row.fields, this.#fields), `${this.#fields} fields, as in the first line`, got);
    }
    const { table } = this;
    const item = this.#required(row, columns.task, this.#tasks, 'the id of a task');
    if (item < 0) return;
    if (columns.worker >= 0) {
      const label = this.#index(row, columns.label, this.#labels);
      if (label === NOT_UTF8) return;
      if (label === NO_LABEL) {
        return this.#reject(row, columns.label, 'one label', shown(row.text(columns.label)), this.#labelFix);
      }
      const worker = this.#index(row, columns.worker, this.#workers);
      if (worker === NOT_UTF8) return;
      if (worker !== EMPTY) {
        const seconds = columns.seconds < 0 ? NaN : this.#seconds(row, columns.seconds);
        if (seconds === null) return;
        if (!this.#gold(row, item, columns)) return;
        table.add(item, worker, label, seconds, columns.time < 0 ? '' : (row.text(columns.time) ?? ''));
        return;
      }
      // A row with a task alone says that there is one which nobody answered.
      if (label !== EMPTY) return this.#reject(row, columns.worker, 'the id of a worker', 'an empty field');
    }
    this.#gold(row, item, columns);
  }

  #first(row: DelimitedRow): void {
    const header = Array.from({ length: row.fields }, (_, field) => row.text(field) ?? '');
    this.#fields = row.fields;
    const { given } = this.layout;
    if (given === null) {
      this.#columns = this.#enough(guessColumns(header), header, row.line);
    } else if (given.by === 'name') {
      const columns = none();
      for (const [role, name] of Object.entries(given.names) as [Role, string][]) {
        columns[role] = header.indexOf(name);
        if (columns[role] < 0)
          throw this.#refuse(row.line, `a column "${name}", named with columns`, shownHeader(header));
      }
      this.#columns = this.#enough(columns, header, row.line);
    } else {
      this.#columns = given.columns;
      this.#fields = given.count;
      // A header, although the columns were given by place, is no answer.
      const isHeader = header.length === given.count && ownNames(header, given.columns);
      if (!isHeader) this.row(row);
    }
    if (header[this.#columns.label] === TASK_ANSWERS) this.#readForms();
  }

  #readForms(): void {
    this.#labelFix = 'Take the field that counts out of the JSON into a column of its own.';
    this.#labels = new FieldIndex((text) => {
      const answer = taskAnswer(text);
      return answer === undefined ? NO_LABEL : answer === null ? EMPTY : this.table.class(answer);
    });
  }

  #enough(columns: Columns, header: readonly string[], line: number): Columns {
    if (areEnough(columns)) {
      // Without workers the labels are the true ones.
      return columns.worker < 0 && columns.gold < 0 ? { ...columns, gold: columns.label } : columns;
    }
    const answers = answerColumns(header);
    if (answers.length > 1) {
      const example = `columns=task=...,worker=...,label=${header[answers[0]!]}`;
      throw this.#refuse(line, 'one column of answers', answers.map((column) => header[column]).join(', '), example);
    }
    throw this.#refuse(line, 'a header with a task, a worker and a label', shownHeader(header));
  }

  #refuse(line: number, expected: string, got: string, example = 'columns=task,worker,label'): QuorateError {
    const fix = `Name the columns in the first line, or say which they are (${example}).`;
    return new QuorateError('ANSWERS_INVALID', { where: `${this.input.name}:${line}:1`, expected, got, fix });
  }

  #index(row: DelimitedRow, field: number, index: FieldIndex): number {
    const found = index.of(row, field);
    if (found === NOT_UTF8) this.#reject(row, field, 'text in UTF-8', 'other bytes');
    return found;
  }

  #required(row: DelimitedRow, field: number, index: FieldIndex, expected: string): number {
    const found = this.#index(row, field, index);
    if (found === EMPTY) this.#reject(row, field, expected, 'an empty field');
    return found;
  }

  /** Null where the row was refused. */
  #seconds(row: DelimitedRow, field: number): number | null {
    const text = row.text(field) ?? '';
    if (text === '') return NaN;
    const seconds = Number(text);
    if (seconds >= 0 && seconds < Infinity) return seconds;
    this.#reject(row, field, 'seconds', shown(text), 'Correct it, or name the columns that count (columns=task=...).');
    return null;
  }

  /** False where the row was refused. */
  #gold(row: DelimitedRow, item: number, { gold, confidence }: Columns): boolean {
    if (gold < 0) return true;
    const label = this.#index(row, gold, this.#golds);
    if (label === NOT_UTF8) return false;
    if (label === EMPTY) return true;
    const before = this.table.goldOf(item);
    if (before >= 0 && before !== label) {
      this.#reject(row, gold, 'one gold label of a task', `another one than in a row before, ${shown(row.text(gold))}`);
      return false;
    }
    const sure = confidence < 0 ? 1 : Number(row.text(confidence) || 1);
    if (!(sure >= 0 && sure <= 1)) {
      this.#reject(row, confidence, 'a confidence in 0..1', shown(row.text(confidence)));
      return false;
    }
    if (before < 0) this.table.setGold(item, label, sure);
    return true;
  }

  #reject(row: DelimitedRow, field: number, expected: string, got: string, fix?: string): void {
    const problem = { line: row.line, column: row.column(field), expected, got };
    rejectRow(this.input, fix === undefined ? problem : { ...problem, fix });
  }
}

/** Whether a first row names each of the roles in its place. */
function ownNames(header: readonly string[], columns: Columns): boolean {
  const placed = (['task', 'worker', 'label'] as const).filter((role) => columns[role] >= 0);
  return placed.every((role) => roleOf(header[columns[role]]!) === role);
}

function shownHeader(header: readonly string[]): string {
  return shown(header.join(','));
}
