import type { ClassLabel } from '@quorate/core';

/** A row of a table, whatever file it is in; valid until the next one is read. */
export interface Row {
  /** Field f is `bytes[start[f]]` up to `end[f]`; with two quotes for each one in it where `doubled[f]`. */
  readonly bytes: Uint8Array;
  readonly start: Int32Array;
  readonly end: Int32Array;
  readonly doubled: Uint8Array;
  readonly fields: number;
  /** Line (or row, or record) on which it begins, from 1. */
  readonly line: number;
  /** The text of a field; null where it is not UTF-8. */
  text(field: number): string | null;
  /** The field as a label: with the type that the file gives it. */
  label(field: number): ClassLabel;
  /** Where a field begins, from 1: in characters since the row's beginning, or the number of the cell. */
  column(field: number): number;
}

/** What takes the rows of a table as they are read. */
export interface RowReader {
  row(row: Row): void;
  /** Something that is no row: where, from 1, and what was expected. */
  problem(line: number, column: number, expected: string, got: string): void;
}

/** A value in a cell of a sheet, a column or a record; null and undefined are an empty cell. */
export type Cell = unknown;

/** A row out of values: what Excel, Parquet, Arrow and JSON hold. */
export class CellRow implements Row {
  bytes = new Uint8Array(1 << 12);
  start = new Int32Array(16);
  end = new Int32Array(16);
  doubled = new Uint8Array(16);
  fields = 0;
  line = 0;
  readonly #texts: string[] = [];
  #cells: readonly Cell[] = [];
  #column = 0;

  /** @param line Number of the row, from 1. @param column Where in that line it begins; 0: cells are counted instead. */
  set(cells: readonly Cell[], line: number, column = 0): void {
    this.#cells = cells;
    this.#column = column;
    this.line = line;
    this.fields = cells.length;
    if (cells.length > this.start.length) {
      this.start = new Int32Array(2 * cells.length);
      this.end = new Int32Array(2 * cells.length);
      this.doubled = new Uint8Array(2 * cells.length);
    }
    let at = 0;
    for (let f = 0; f < cells.length; f++) {
      const text = cellText(cells[f]);
      this.#texts[f] = text;
      this.start[f] = at;
      if (at + 3 * text.length > this.bytes.length) {
        const wider = new Uint8Array(2 * (at + 3 * text.length));
        wider.set(this.bytes.subarray(0, at));
        this.bytes = wider;
      }
      at += encoder.encodeInto(text, this.bytes.subarray(at)).written;
      this.end[f] = at;
    }
  }

  text(field: number): string {
    return this.#texts[field]!;
  }

  label(field: number): ClassLabel {
    const value = this.#cells[field];
    return typeof value === 'number' || typeof value === 'boolean' ? value : this.#texts[field]!;
  }

  column(field: number): number {
    return this.#column > 0 ? this.#column : Math.min(field, this.fields) + 1;
  }
}

const encoder = new TextEncoder();

/** A value as the text that CSV would have; an empty text for nothing. */
export function cellText(value: Cell): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return Number.isNaN(value) ? '' : String(value);
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '' : dateText(value);
  // A list of one is its member, as a question with one answer writes it.
  if (Array.isArray(value)) return value.length === 0 ? '' : value.length === 1 ? cellText(value[0]) : jsonOf(value);
  return jsonOf(value);
}

/** A day without a time of day is that day, as CSV would have it. */
function dateText(date: Date): string {
  return date.toISOString().replace(/T00:00:00\.000Z$/, '');
}

function jsonOf(value: Cell): string {
  return JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner)) ?? '';
}
