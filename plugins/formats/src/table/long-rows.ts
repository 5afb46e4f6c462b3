import { classKey, rejectRow, type AnswerInput, type AnswerTableBuilder } from '@quorate/core';
import type { Sample } from '../layout/content.js';
import { isPressed } from '../layout/buttons.js';
import type { Button, Layout } from '../layout/facts.js';
import { Missing } from '../layout/missing.js';
import type { Columns } from '../layout/roles.js';
import { EMPTY, FieldIndex, NOT_UTF8 } from '../rows/field-index.js';
import type { Row } from '../rows/row.js';
import { shown } from '../text.js';
import { asNumber, asSeconds } from './numbers.js';
import { TASK_ANSWERS, taskAnswer } from './task-answers.js';
import type { TableRequest } from './open-table.js';

const NO_LABEL = -3;
const MISSING = -4;
const SEVERAL = -5;
const REFUSED = -6;

/** A label that a program has written as a list of one, `['cat']`; undefined for an object and for several labels. */
function onlyLabel(text: string): string | undefined {
  if (/^(\{\s*"|\[\s*\{)/.test(text) && isJson(text)) return undefined;
  const list = /^\[(['"])(.*)\1\]$/s.exec(text);
  if (!list) return text;
  return new RegExp(`${list[1]}\\s*,\\s*${list[1]}`).test(list[2]!) ? undefined : list[2]!;
}

function isJson(text: string): boolean {
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
}

/** Reads a table with one row for each answer, or with one row for each true class. */
export class LongRows {
  readonly #columns: Columns;
  /** Fields of every row, and how many of them have to be there. */
  readonly #fields: number;
  readonly #least: number;
  readonly #tasks: FieldIndex;
  readonly #workers: FieldIndex;
  readonly #labels: FieldIndex;
  readonly #golds: FieldIndex;
  readonly #labelFix: string | undefined;
  /** Columns that go along, by name. */
  readonly #carried: readonly (readonly [name: string, column: number])[];
  /** Who gave the answers, where no column says it; -1: a column does. */
  readonly #worker: number;
  readonly #buttons: readonly Button[] | null;
  #short = 0;

  constructor(
    readonly input: AnswerInput,
    readonly table: AnswerTableBuilder,
    { names, columns, skip, buttons }: Layout,
    { isLabel = () => true }: TableRequest,
    { rows }: Sample,
  ) {
    const missing = new Missing(input);
    const labels = new Set(rows.slice(skip).map((row) => classKey(row[columns.label] ?? '')));
    this.#buttons = buttons ?? null;
    this.#columns = columns;
    this.#fields = names.length;
    this.#least = 1 + Math.max(columns.task, columns.worker, columns.label, columns.worker < 0 ? columns.gold : -1);
    this.#tasks = new FieldIndex((text) => table.task(text));
    this.#workers = new FieldIndex((text) => {
      if (missing.has(text)) table.note(`A worker is called ${shown(text)}: take these rows out if that means nobody.`);
      return table.worker(text);
    });
    const forms = names[columns.label] === TASK_ANSWERS;
    this.#labelFix = forms ? 'Take the field that counts out of the JSON into a column of its own.' : undefined;
    this.#labels = new FieldIndex((text, row, field) => {
      if (forms) {
        const answer = taskAnswer(text);
        return answer === undefined ? NO_LABEL : answer === null ? EMPTY : table.class(answer);
      }
      if (missing.has(text)) return MISSING;
      if (!isLabel(text)) return NO_LABEL;
      const one = onlyLabel(text);
      return one === undefined ? NO_LABEL : table.class(one === text ? row.label(field) : one);
    });
    this.#golds = new FieldIndex((text, row, field) => {
      if (missing.has(text)) return MISSING;
      const one = onlyLabel(text);
      if (one === undefined && columns.worker < 0) return NO_LABEL;
      // Several right answers, one a line.
      const parts = text.split('\n').filter((part) => part.trim() !== '');
      const several =
        parts.length > 1 && !labels.has(classKey(text)) && parts.every((part) => labels.has(classKey(part.trim())));
      return one === undefined || several ? SEVERAL : table.class(one === text ? row.label(field) : one);
    });
    this.#carried = (input.carry ?? []).map((name) => [name, names.indexOf(name)]);
    this.#worker =
      columns.worker < 0 && columns.label >= 0 && input.worker !== undefined ? table.worker(input.worker) : -1;
  }

  row(row: Row): void {
    if (row.fields !== this.#fields && !this.#fits(row)) {
      const got = `${row.fields} field${row.fields === 1 ? '' : 's'}`;
      const expected = `${this.#fields} fields, as in the first line`;
      return this.#reject(row, Math.min(row.fields, this.#fields), expected, got);
    }
    const { table } = this;
    const columns = this.#columns;
    const named = columns.worker >= 0;
    // Looked at before the task, so that a row that is refused names no task.
    const label = !named && this.#worker < 0 ? EMPTY : this.#buttons ? this.#pressed(row) : this.#labelOf(row);
    if (label === REFUSED) return;
    if (label === NOT_UTF8) return;
    if (label === NO_LABEL) {
      return this.#reject(row, columns.label, 'one label', shown(row.text(columns.label)), this.#labelFix);
    }
    const worker = named ? this.#index(row, columns.worker, this.#workers) : this.#worker >= 0 ? this.#worker : EMPTY;
    if (worker === NOT_UTF8) return;
    if (worker === EMPTY && label !== EMPTY) {
      return this.#reject(row, columns.worker, 'the id of a worker', 'an empty field');
    }
    const seconds = columns.seconds < 0 || worker < 0 ? NaN : this.#seconds(row, columns.seconds);
    if (seconds === null) return;
    const gold = this.#gold(row, columns);
    if (gold === null) return;
    const item = this.#index(row, columns.task, this.#tasks);
    if (item === NOT_UTF8) return;
    if (item === EMPTY) return this.#reject(row, columns.task, 'the id of a task', 'an empty field');
    if (!this.#setGold(row, item, gold)) return;
    for (const [name, column] of this.#carried) table.carry(name, item, row.text(column) ?? '');
    if (label === MISSING) table.missing++;
    // A row with a task alone says that there is one which nobody answered.
    if (worker >= 0) {
      const time = columns.time < 0 || columns.time >= row.fields ? '' : (row.text(columns.time) ?? '');
      table.add(item, worker, label < 0 ? -1 : label, seconds, time);
    } else if (named) table.leave('rows without an answer');
  }

  reject(line: number, column: number, expected: string, got: string): void {
    rejectRow(this.input, { line, column, expected, got });
  }

  finish(): void {
    if (this.#short > 0) this.table.note(`${this.#short} rows end before the last columns, which are read as empty.`);
  }

  /** Whether a row with other than the usual number of fields has all that is needed, and nothing more. */
  #fits(row: Row): boolean {
    for (let f = this.#fields; f < row.fields; f++) if (row.start[f] !== row.end[f]) return false;
    if (row.fields > this.#fields) return true;
    if (row.fields < this.#least || row.fields < 2 || this.#columns.worker < 0) return false;
    this.#short++;
    return true;
  }

  #labelOf(row: Row): number {
    return this.#index(row, this.#columns.label, this.#labels);
  }

  /** The class of the only button that is pressed, EMPTY where none is; REFUSED where several are, and where one says neither. */
  #pressed(row: Row): number {
    const down: string[] = [];
    for (const { column, name } of this.#buttons!) {
      const text = column < row.fields ? (row.text(column) ?? '') : '';
      const is = isPressed(text);
      if (is === undefined) {
        this.#reject(row, column, 'true or false', shown(text));
        return REFUSED;
      }
      if (is) down.push(name);
    }
    if (down.length <= 1) return down.length === 0 ? EMPTY : this.table.class(down[0]!);
    this.#reject(row, this.#columns.label, 'one choice', down.join(' and '));
    return REFUSED;
  }

  #index(row: Row, field: number, index: FieldIndex): number {
    const found = index.of(row, field);
    if (found === NOT_UTF8)
      this.#reject(row, field, 'text in UTF-8', 'other bytes', 'Say how it is encoded: --encoding windows-1252.');
    return found;
  }

  /** Null where the row was refused. */
  #seconds(row: Row, field: number): number | null {
    if (field >= row.fields) return NaN;
    const text = row.text(field) ?? '';
    const seconds = asSeconds(text);
    if (seconds !== null) return seconds;
    this.#reject(row, field, 'seconds', shown(text), 'Correct it, or leave the column out: --columns seconds=-.');
    return null;
  }

  /** Class of the true label, EMPTY without one; null where the row was refused. */
  #gold(row: Row, { gold }: Columns): number | null {
    if (gold < 0 || gold >= row.fields) return EMPTY;
    const label = this.#index(row, gold, this.#golds);
    if (label === NOT_UTF8) return null;
    if (label === NO_LABEL) {
      this.#reject(row, gold, 'one label', shown(row.text(gold)));
      return null;
    }
    if (label === SEVERAL) {
      this.table.leave('gold labels that name several classes');
      return EMPTY;
    }
    if (label === MISSING && this.#columns.worker < 0) this.table.missing++;
    return label < 0 ? EMPTY : label;
  }

  /** False where the row was refused. */
  #setGold(row: Row, item: number, label: number): boolean {
    if (label < 0) return true;
    const { gold, confidence } = this.#columns;
    const before = this.table.goldOf(item);
    if (before >= 0 && before !== label) {
      const got = `another one than in a row before, ${shown(row.text(gold))}`;
      const fix = this.#columns.worker >= 0 ? 'Correct the row, or leave the column out: --columns gold=-.' : undefined;
      this.#reject(row, gold, 'one gold label of a task', got, fix);
      return false;
    }
    const sure = confidence < 0 ? 1 : asNumber(row.text(confidence) || '1');
    if (!(sure >= 0 && sure <= 1)) {
      this.#reject(row, confidence, 'a confidence in 0..1', shown(row.text(confidence)));
      return false;
    }
    if (before < 0) this.table.setGold(item, label, sure);
    return true;
  }

  #reject(row: Row, field: number, expected: string, got: string, fix?: string): void {
    const problem = { line: row.line, column: row.column(field), expected, got };
    rejectRow(this.input, fix === undefined ? problem : { ...problem, fix });
  }
}
