import { nearest } from '@quorate/core';
import { ID_NAMES, invalid, listed } from '@quorate/tables';
import { z } from 'zod';

/** What the columns of a label file are, as the user names them. */
export interface NamedColumns {
  readonly id?: string | undefined;
  readonly label?: string | undefined;
  readonly prototype?: string | undefined;
}

const roles = ['id', 'label', 'prototype'] as const;
type Role = (typeof roles)[number];

const names = z.strictObject({
  id: z.string().min(1).optional().describe('column of the ids'),
  label: z.string().min(1).optional().describe('column of the labels'),
  prototype: z.string().min(1).optional().describe('column that says which rows are prototypes'),
});

export const columnsOption = z
  .union([z.string().min(1), names])
  .nullable()
  .default(null)
  .describe(
    'columns of the labels: id=NAME,label=NAME,prototype=NAME by their names, or id,label in their order where the file has no header ("-" for others); null to find out',
  );

export interface GivenColumns {
  readonly named: NamedColumns;
  /** Roles in the order of the columns, for a file without a header; null where it has one. */
  readonly header: readonly string[] | null;
}

/** Reads the option. Throws DATA_INVALID. */
export function givenColumns(option: z.output<typeof columnsOption>): GivenColumns {
  if (option === null) return { named: {}, header: null };
  if (typeof option !== 'string') return { named: option, header: null };
  const words = option.split(',').map((word) => word.trim());
  const wrong = (word: string): never => {
    const expected = `words such as id=NAME,label=NAME, or id,label for a file without a header`;
    throw invalid('dataset.columns', expected, JSON.stringify(word), `The columns are ${roles.join(', ')}.`);
  };
  if (words.some((word) => word.includes('='))) {
    const pairs = words.map((word): [Role, string] => {
      const [role, ...name] = word.split('=');
      if (!isRole(role) || name.length === 0) return wrong(word);
      return [role, name.join('=')];
    });
    return { named: Object.fromEntries(pairs), header: null };
  }
  const header = words.map((word) => (isRole(word) || word === '-' || word === '' ? word : wrong(word)));
  return { named: {}, header };
}

function isRole(word: string | undefined): word is Role {
  return (roles as readonly (string | undefined)[]).includes(word);
}

/** Where the columns of a label file are; -1 for one that it has not. */
export interface Places {
  readonly id: number;
  readonly label: number;
  readonly prototype: number;
}

const LABEL_NAMES = ['labels', 'class', 'class_name', 'category', 'target', 'truth', 'gold'];

/**
 * Finds the columns: those that are named, else `id` and `label`, else the only ones of usual names (of ids the first), else, for
 * ids, a first column without a name. Throws DATA_INVALID where the ids are in none, and where the labels could be in several.
 */
export function findColumns(where: string, columns: readonly string[], named: NamedColumns): Places {
  const lower = columns.map((column) => column.toLowerCase());
  const place = (role: Role): number => {
    const wanted = named[role];
    if (wanted === undefined) return lower.indexOf(role);
    const at = columns.indexOf(wanted);
    if (at >= 0) return at;
    const near = nearest(wanted, columns);
    const fix = near === undefined ? 'Correct the name.' : `Did you mean dataset.columns.${role}=${word(near)}?`;
    throw invalid(where, `a column "${wanted}" (dataset.columns)`, `the columns ${listed(columns)}`, fix);
  };
  const label = labelPlace(where, columns, lower, place('label'), named);
  let id = place('id');
  if (id < 0) id = ID_NAMES.map((name) => lower.indexOf(name)).find((at) => at >= 0 && at !== label) ?? -1;
  // The index of a table of pandas.
  if (id < 0 && (columns[0] === '' || /^unnamed: 0$/i.test(columns[0]!))) id = 0;
  if (id < 0) throw noIds(where, columns);
  return { id, label, prototype: place('prototype') };
}

function labelPlace(
  where: string,
  columns: readonly string[],
  lower: readonly string[],
  found: number,
  { label }: NamedColumns,
) {
  if (found >= 0 || label !== undefined) return found;
  const near = nearest('label', lower);
  if (near !== undefined && !LABEL_NAMES.includes(near)) {
    const meant = columns[lower.indexOf(near)]!;
    throw invalid(
      where,
      'a column "label"',
      `the columns ${listed(columns)}`,
      `Is "${meant}" meant? Set dataset.columns.label=${word(meant)}.`,
    );
  }
  const known = LABEL_NAMES.map((name) => lower.indexOf(name)).filter((at) => at >= 0);
  if (known.length < 2) return known[0] ?? -1;
  const names = known.map((at) => columns[at]!);
  const fix = `Say which: dataset.columns.label=${word(names[0]!)}`;
  throw invalid(where, 'one column of labels', listed(names), fix);
}

function noIds(where: string, columns: readonly string[]) {
  const meant = columns.map((column) => nearest('id', [column.toLowerCase()]) && column).find(Boolean);
  const fix =
    columns.length > 1 && meant === undefined
      ? `Name it with dataset.columns.id=NAME; a file without a header takes dataset.columns=id,label.`
      : `Name it with dataset.columns.id=${word(meant ?? columns[0]!)}.`;
  return invalid(where, 'a column of ids', `the columns ${listed(columns)}`, fix);
}

/** A name as it is typed in a shell. */
function word(name: string): string {
  return /^[\w.-]+$/.test(name) ? name : `'${name.replaceAll(/\s+/g, ' ').replaceAll("'", "'\\''")}'`;
}
