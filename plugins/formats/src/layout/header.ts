import { roleOf, usualRoleOf } from './roles.js';
import { contentsOf, isNumeric, type Sample } from './content.js';
import type { Missing } from './missing.js';

export interface Header {
  /** A name for every column; empty where the file gives none. */
  readonly names: readonly string[];
  /** Rows before the first one of data: the header itself, and what stands above it. */
  readonly skip: number;
  /** False where the first row is data already. */
  readonly named: boolean;
}

/** Numbers and priors of GLAD's files: answers, workers, tasks, (classes,) P(class). [Whitehill et al. 2009] */
export function isGladCounts(row: readonly string[], next: readonly string[]): boolean {
  if (row.length < 4 || next.length !== 3 || ![...row.slice(0, 3), ...next].every((text) => /^\d+$/.test(text)))
    return false;
  return row.slice(3).every((text) => /^\d*\.?\d+(e-?\d+)?$/i.test(text));
}

/** Which rows are no data. */
export function headerOf({ rows }: Sample, missing: Missing): Header {
  const width = usualWidth(rows);
  let skip = 0;
  while (skip < 8 && isTitle(rows, skip, width)) skip++;
  const row = rows[skip] ?? [];
  const rest = rows.slice(skip + 1);
  if (!isHeader(row, rest, missing)) return { names: Array.from({ length: width }, () => ''), skip, named: false };
  const names = trimmed(row, rest);
  // R's write.table gives the column of the row names no name.
  const unnamedRows =
    row.length === width - 1 &&
    rest.every((one) => one.length === width) &&
    rest.length > 0 &&
    rest.some((one) => one[width - 1] !== '');
  return { names: unnamedRows ? ['', ...names] : names, skip: skip + 1, named: true };
}

/** A title above a table: one filled cell, that no row repeats, where the table has several columns. */
function isTitle(rows: readonly (readonly string[])[], at: number, width: number): boolean {
  const [row, next] = [rows[at], rows[at + 1]];
  if (!row || !next || width < 2) return false;
  // A remark of whoever wrote the file.
  if (row[0]!.startsWith('#') && row.length < width) return true;
  const [text, ...more] = row.filter((cell) => cell !== '');
  if (more.length > 0 || next.length < width) return false;
  if (text === undefined) return true;
  return usualRoleOf(text) === undefined && !rows.slice(at + 1).some((other) => other.includes(text));
}

function usualWidth(rows: readonly (readonly string[])[]): number {
  const counts = new Map<number, number>();
  for (const row of rows) counts.set(row.length, (counts.get(row.length) ?? 0) + 1);
  let best = rows[0]?.length ?? 0;
  for (const [width, count] of counts) if (count > (counts.get(best) ?? 0)) best = width;
  return best;
}

/** Without the empty names at the end of columns without anything, which a delimiter at the end of each line makes. */
function trimmed(row: readonly string[], rest: readonly (readonly string[])[]): readonly string[] {
  let length = row.length;
  while (length > 1 && row[length - 1] === '' && rest.every((one) => (one[length - 1] ?? '') === '')) length--;
  return row.slice(0, length);
}

/** Names are different from each other, and are no values of their columns. */
function isHeader(row: readonly string[], rest: readonly (readonly string[])[], missing: Missing): boolean {
  const names = row.filter((text) => text !== '');
  if (names.length === 0) return false;
  if (names.some((name) => usualRoleOf(name) !== undefined)) return true;
  if (rest.length === 0) return names.some((name) => roleOf(name) !== undefined);
  if (new Set(names).size < names.length) {
    // SurveyMonkey and Qualtrics repeat names too, but these are no values.
    const contents = contentsOf(rest, row.length, missing);
    return !row.some(
      (text, column) => text !== '' && (contents[column]!.values.has(text) || /^-?\d+(\.\d+)?$/.test(text)),
    );
  }
  if (row[0] === '' && names.length === row.length - 1) return true;
  // 0, 1, 2, ... are the names that pandas gives to columns without any.
  if (row.length > 2 && row.every((text, column) => text === String(column))) return true;
  const contents = contentsOf(rest, row.length, missing);
  const known = row.filter((text, column) => text !== '' && contents[column]!.values.has(text)).length;
  if (2 * known >= names.length) return false;
  const numeric = row.filter((text, column) => /^-?\d+([.,]\d+)?$/.test(text) && isNumeric(contents[column]!)).length;
  if (numeric === names.length) return false;
  // A column of numbers with a number where its name would be.
  return !(numeric > 0 && names.every((name) => roleOf(name) === undefined) && names.length <= 3);
}
