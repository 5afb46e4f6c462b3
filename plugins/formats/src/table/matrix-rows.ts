import { QuorateError, classKey, rejectRow, type AnswerInput, type AnswerTableBuilder } from '@quorate/core';
import { contentsOf, type Sample } from '../layout/content.js';
import type { Layout } from '../layout/facts.js';
import { Missing } from '../layout/missing.js';
import { EMPTY, FieldIndex, NOT_UTF8 } from '../rows/field-index.js';
import type { Row } from '../rows/row.js';

const MISSING = -4;
const TOTALS = /^(grand |sub)?(total|sum|count|average|mean|n)s?:?$/i;

/** Reads a table whose cells are answers: a row a task and a column a worker, or a row a worker and a column a task. */
export class MatrixRows {
  readonly #tasks: FieldIndex;
  readonly #workers: FieldIndex;
  readonly #labels: FieldIndex;
  /** Task or worker of each column of answers. */
  readonly #ofColumn: Int32Array;
  readonly #carried: readonly (readonly [name: string, column: number])[];
  readonly #fields: number;
  readonly #counts: boolean;
  #row = 0;
  #short = 0;

  constructor(
    readonly input: AnswerInput,
    readonly table: AnswerTableBuilder,
    readonly layout: Layout,
    sample: Sample,
  ) {
    const missing = new Missing(input);
    const { names, cells, shape, columns } = layout;
    const isNone = minusOne(input, layout, sample, missing);
    this.#fields = names.length;
    // Among classes that are words, numbers below them are sums.
    this.#counts =
      shape === 'wide' && sample.rows.slice(layout.skip).some((row) => cells.some((c) => /\p{L}/u.test(row[c] ?? '')));
    this.#tasks = new FieldIndex((text) => table.task(text));
    this.#workers = new FieldIndex((text) => (missing.has(text) ? MISSING : table.worker(text)));
    this.#labels = new FieldIndex((text, row, field) =>
      missing.has(text) || (isNone && classKey(text) === '-1') ? MISSING : table.class(row.label(field)),
    );
    this.#ofColumn = Int32Array.from(cells, (column) =>
      shape === 'wide' ? table.worker(names[column]!) : table.task(names[column]!),
    );
    this.#carried = (input.carry ?? [])
      .filter((name) => shape === 'wide' && names.includes(name))
      .map((name) => [name, names.indexOf(name)]);
    if (columns.gold >= 0 && cells.includes(columns.gold)) throw new Error('a column of gold cannot be a worker');
  }

  row(row: Row): void {
    const { table } = this;
    const { columns, cells, shape } = this.layout;
    this.#row++;
    if (row.fields > this.#fields) {
      for (let f = this.#fields; f < row.fields; f++) if (row.start[f] !== row.end[f]) return this.#wrongWidth(row);
    } else if (row.fields < this.#fields) {
      // Excel leaves out the empty cells at the end of a row.
      if (row.fields < 2) return this.#wrongWidth(row);
      this.#short++;
    }
    const of = shape === 'wide' ? columns.task : columns.worker;
    if (this.#counts && of >= 0 && TOTALS.test(row.text(of) ?? '') && this.#isNumbers(row)) {
      return table.leave('rows of totals');
    }
    const owner = of < 0 ? this.#number() : this.#owner(row, of);
    if (owner < 0) return;
    if (columns.gold >= 0 && columns.gold < row.fields) {
      const gold = this.#labels.of(row, columns.gold);
      if (gold >= 0 && shape === 'wide') table.setGold(owner, gold);
    }
    for (const [name, column] of this.#carried)
      table.carry(name, owner, column < row.fields ? (row.text(column) ?? '') : '');
    const time =
      shape === 'survey' && columns.time >= 0 && columns.time < row.fields ? (row.text(columns.time) ?? '') : '';
    const before = table.count;
    for (let c = 0; c < cells.length; c++) {
      const column = cells[c]!;
      if (column >= row.fields) continue;
      const label = this.#labels.of(row, column);
      if (label === EMPTY) continue;
      if (label === MISSING) table.missing++;
      else if (label === NOT_UTF8) this.#reject(row, column, 'text in UTF-8', 'other bytes');
      else if (shape === 'wide') table.add(owner, this.#ofColumn[c]!, label);
      else table.add(this.#ofColumn[c]!, owner, label, NaN, time);
    }
    if (table.count === before) table.leave('rows without an answer');
  }

  reject(line: number, column: number, expected: string, got: string): void {
    rejectRow(this.input, { line, column, expected, got });
  }

  finish(): void {
    if (this.#short > 0) this.table.note(`${this.#short} rows end before the last columns, which are read as empty.`);
  }

  /** Whether all cells of a row are numbers or empty. */
  #isNumbers(row: Row): boolean {
    return this.layout.cells.every((c) => c >= row.fields || /^(-?\d+([.,]\d+)?\s*%?)?$/.test(row.text(c) ?? ''));
  }

  #owner(row: Row, field: number): number {
    const wide = this.layout.shape === 'wide';
    const found = (wide ? this.#tasks : this.#workers).of(row, field);
    if (found >= 0) return found;
    if (found === NOT_UTF8) this.#reject(row, field, 'text in UTF-8', 'other bytes');
    // Nobody's answers cannot be told from each other by a missing name: they go by the row.
    else if (!wide) return this.#number();
    else this.#reject(row, field, 'the id of a task', 'an empty field');
    return -1;
  }

  /** The number of the row, from 1, as an id. */
  #number(): number {
    return this.layout.shape === 'wide'
      ? this.table.task(String(this.#row))
      : this.table.worker(`respondent ${this.#row}`);
  }

  #wrongWidth(row: Row): void {
    const got = `${row.fields} field${row.fields === 1 ? '' : 's'}`;
    this.#reject(row, Math.min(row.fields, this.#fields), `${this.#fields} fields, as in the first line`, got);
  }

  #reject(row: Row, field: number, expected: string, got: string): void {
    rejectRow(this.input, { line: row.line, column: row.column(field), expected, got });
  }
}

/**
 * Whether -1 stands for no answer, as in matrices of class numbers 0, 1, 2, ...: where the classes are 0..K-1 with K >= 3.
 * With -1, 0 and 1 alone it may as well be a class: refused unless the user says so.
 */
function minusOne(input: AnswerInput, { cells, skip }: Layout, { rows }: Sample, missing: Missing): boolean {
  if (missing.knows('-1')) return missing.has('-1');
  const contents = contentsOf(rows.slice(skip), Math.max(0, ...cells) + 1, missing);
  const values = new Set(cells.flatMap((column) => [...contents[column]!.values.keys()]));
  if (!values.has('-1') || ![...values].every((text) => /^(-1|\d+)$/.test(text)) || values.size < 2) return false;
  if (values.size > 3) return true;
  if (values.has('1') && !values.has('0')) return false;
  throw new QuorateError('ANSWERS_INVALID', {
    where: input.name,
    expected: 'to know whether -1 is a class or stands for no answer',
    got: `the values ${[...values].sort().join(', ')}`,
    fix: 'Say which: --missing=-1 or --keep=-1.',
  });
}
