import { Interner } from './interner.js';
import type { Row } from './row.js';

export const EMPTY = -1;
export const NOT_UTF8 = -2;

/** Numbers the texts of a column: each text is looked up as bytes and becomes a string only once. */
export class FieldIndex {
  readonly #interner: Interner;
  #row: Row | undefined;
  #field = 0;

  /** @param index Index of a text that is not empty, called once for each text. */
  constructor(readonly index: (text: string, row: Row, field: number) => number) {
    this.#interner = new Interner(() => {
      const text = this.#row!.text(this.#field);
      return text === null ? NOT_UTF8 : this.index(text, this.#row!, this.#field);
    });
  }

  /** Index of the text in a field, EMPTY or NOT_UTF8. */
  of(row: Row, field: number): number {
    const start = row.start[field]!;
    const end = row.end[field]!;
    if (start === end) return EMPTY;
    this.#row = row;
    this.#field = field;
    // The same text has other bytes without the doubled quotes.
    if (row.doubled[field] === 1) return this.#interner.name(row.bytes, start, end);
    return this.#interner.indexOf(row.bytes, start, end);
  }
}
