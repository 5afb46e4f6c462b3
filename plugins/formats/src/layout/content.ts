import { classKey } from '@quorate/core';
import type { Missing } from './missing.js';

/** The first rows of a table, which is what a layout is decided on. */
export interface Sample {
  readonly rows: readonly (readonly string[])[];
  /** Whether these are all rows. */
  readonly whole: boolean;
}

/** What is in one column of the sampled rows, missing values left out. */
export interface Content {
  /** How often each value is there, by class key. */
  readonly values: ReadonlyMap<string, number>;
  readonly filled: number;
  readonly longest: number;
}

export function contentsOf(rows: readonly (readonly string[])[], columns: number, missing: Missing): Content[] {
  return Array.from({ length: columns }, (_, column) => {
    const values = new Map<string, number>();
    let [filled, longest] = [0, 0];
    for (const row of rows) {
      const text = row[column] ?? '';
      if (text === '' || missing.has(text)) continue;
      filled++;
      longest = Math.max(longest, text.length);
      const key = classKey(text);
      values.set(key, (values.get(key) ?? 0) + 1);
    }
    return { values, filled, longest };
  });
}

/** Whether a column may hold classes: short values, of which there are few. */
export function isClassLike({ values, filled, longest }: Content): boolean {
  return longest <= 100 && (filled < 6 || values.size <= Math.max(3, filled / 2));
}

/** Whether a column may be the answers of a matrix: as many values as a scale has are no sign of something else. */
export function isCellLike(content: Content): boolean {
  const { values, filled, longest } = content;
  return isClassLike(content) || (longest <= 100 && values.size <= 10 && values.size < filled);
}

/** Whether every row has a value of its own. */
export function isUnique({ values, filled }: Content, rows: number): boolean {
  return filled === rows && values.size === rows;
}

/** Whether the values are lists of several, as JSON and programs write them. */
export function isLists({ values }: Content): boolean {
  return values.size > 0 && [...values.keys()].every((text) => /^\[.*,.*\]$/s.test(text));
}

export function isNumeric({ values }: Content): boolean {
  return values.size > 0 && [...values.keys()].every((text) => /^-?\d+([.,]\d+)?$/.test(text));
}

/** Whether two columns speak of the same things: half of the values of one at least are in the other. */
export function speakAlike(a: Content, b: Content): boolean {
  const [few, many] = a.values.size <= b.values.size ? [a, b] : [b, a];
  if (few.values.size === 0) return false;
  let shared = 0;
  for (const value of few.values.keys()) if (many.values.has(value)) shared++;
  return 2 * shared >= few.values.size;
}

/** A name without its number: `Image 2: what?` and `Image 3: what?` are of one kind. Null for a name without a number. */
function kindOf(name: string): string | null {
  return /\d/.test(name) ? name.replace(/\d+/g, '#') : null;
}

/**
 * Groups columns that speak of the same classes, or have names that differ by a number alone; the largest group first, of
 * equal ones that of the first column.
 */
export function vocabularies(
  columns: readonly number[],
  contents: readonly Content[],
  names: readonly string[],
): number[][] {
  const groups: number[][] = [];
  const kinds = names.map(kindOf);
  for (const column of columns) {
    const alike = groups.filter((group) =>
      group.some(
        (other) =>
          speakAlike(contents[column]!, contents[other]!) || (kinds[column] !== null && kinds[column] === kinds[other]),
      ),
    );
    const merged = [...alike.flat(), column].sort((a, b) => a - b);
    for (const group of alike) groups.splice(groups.indexOf(group), 1);
    groups.push(merged);
  }
  return groups.sort((a, b) => b.length - a.length || a[0]! - b[0]!);
}

/** Values of one column grouped by those of another: how many of `of` each value of `by` goes with, missing ones left out. */
export function valuesWithin(
  rows: readonly (readonly string[])[],
  by: number,
  of: number,
  missing: Missing,
): Map<string, Set<string>> {
  const groups = new Map<string, Set<string>>();
  for (const row of rows) {
    const [key = '', value = ''] = [row[by], row[of]];
    if (key === '' || value === '' || missing.has(value)) continue;
    const group = groups.get(key);
    if (group) group.add(classKey(value));
    else groups.set(key, new Set([classKey(value)]));
  }
  return groups;
}
