import { none, roles, type Columns, type Role } from './roles.js';
import { plain } from './words.js';

/** What the user can say of columns by name: a role, or that they are none of them. */
type Named = Readonly<Partial<Record<Role | 'other', readonly string[]>>>;

/**
 * What the user says of the columns: `task,worker,label,-` by place, or `task=HITId,label=Answer.mood` by name. Several
 * columns of workers are a matrix, several of tasks a survey.
 */
export type ColumnsGiven =
  | {
      readonly by: 'place';
      readonly columns: Columns;
      readonly cells: readonly number[];
      readonly count: number;
      /** Whether the first row has the names; undefined: where it looks like it. */
      readonly header?: boolean;
    }
  | { readonly by: 'name'; readonly names: Named };

const USUAL = `roles are ${roles.join(', ')}, and - for a column to leave out`;

/** Parses what the user says of the columns. @returns what is wrong with it as a string. */
export function parseColumns(text: string): ColumnsGiven | string {
  const parts = partsOf(text);
  return parts.some((part) => part.includes('=')) ? byName(parts) : byPlace(parts);
}

/** Parts between commas; one in double quotes may hold commas. */
function partsOf(text: string): string[] {
  const parts = text.match(/(?:"(?:[^"]|"")*"|[^",])+|(?<=^|,)(?=,|$)/g) ?? [];
  return parts.map((part) => {
    const trimmed = part.trim();
    return /^".*"$/s.test(trimmed) ? trimmed.slice(1, -1).replaceAll('""', '"') : trimmed;
  });
}

function roleNamed(word: string): Role | 'other' | undefined {
  const one = word.toLowerCase().replace(/^(task|worker|label)s$/, '$1');
  if (one === 'other' || one === 'others') return 'other';
  return roles.find((role) => role === one);
}

function byName(parts: readonly string[]): ColumnsGiven | string {
  const names: Partial<Record<Role | 'other', string[]>> = {};
  for (const part of parts) {
    if (part === '') continue;
    const cut = part.indexOf('=');
    const role = cut < 0 ? undefined : roleNamed(part.slice(0, cut).trim());
    if (role === undefined) return `"${part}" is no role=column; ${USUAL}`;
    (names[role] ??= []).push(
      part
        .slice(cut + 1)
        .trim()
        .replace(/^"(.*)"$/s, '$1'),
    );
  }
  const repeated = (['label', 'gold', 'confidence', 'seconds', 'time'] as const).find(
    (role) => (names[role]?.length ?? 0) > 1,
  );
  return repeated === undefined ? { by: 'name', names } : `${repeated} is there twice`;
}

function byPlace(parts: readonly string[]): ColumnsGiven | string {
  const columns = none();
  const places: Partial<Record<Role, number[]>> = {};
  for (const [column, part] of parts.entries()) {
    if (part === '-' || part === '') continue;
    const role = roleNamed(part);
    if (role === undefined) return `"${part}" is no role; ${USUAL}`;
    if (role === 'other') continue;
    (places[role] ??= []).push(column);
    columns[role] = places[role][0]!;
  }
  const matrix = (places.worker?.length ?? 0) > 1 && columns.label < 0;
  const cells = matrix ? places.worker! : [];
  if (matrix) columns.worker = -1;
  const repeated = roles.find((role) => (places[role]?.length ?? 0) > 1 && !(matrix && role === 'worker'));
  if (repeated !== undefined) return `${repeated} is there twice`;
  // Who answered may also be said elsewhere: by the name of the file.
  if (!matrix && (columns.task < 0 || (columns.label < 0 && columns.gold < 0))) {
    return 'a task and a worker and a label, or a task and its gold label, are needed';
  }
  return { by: 'place', columns, cells, count: parts.length };
}

/**
 * The columns that a name means: of that very name, else of the same letters and digits, else one that ends with it behind
 * a point or a colon (`image_url` for `Input.image_url`); `*` stands for any letters; a number, where no column has it for
 * a name, is the place of a column from 1.
 */
export function columnsNamed(name: string, header: readonly string[]): readonly number[] {
  const those = (fits: (one: string) => boolean): number[] =>
    [...header.keys()].filter((column) => fits(header[column]!));
  const first = (found: number[]): number[] => found.slice(0, 1);
  const exact = those((one) => one === name);
  if (exact.length > 0) return first(exact);
  if (name.includes('*')) {
    const pattern = new RegExp(`^${name.split('*').map(escaped).join('.*')}$`, 'su');
    return those((one) => pattern.test(one));
  }
  const key = plain(name);
  const alike = key === '' ? [] : those((one) => plain(one) === key);
  if (alike.length > 0) return first(alike);
  const ending = those(
    (one) => /[.:]/.test(one) && one.slice(Math.max(one.lastIndexOf('.'), one.lastIndexOf(':')) + 1) === name,
  );
  if (ending.length === 1) return ending;
  const place = /^\d{1,4}$/.test(name) ? Number(name) : 0;
  return place >= 1 && place <= header.length ? [place - 1] : [];
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
}

/** `--columns ...`, quoted so that a shell hands it on as it is. */
export function columnsFlag(parts: readonly string[]): string {
  const text = parts.map((part) => (/[,"]/.test(part) ? `"${part.replaceAll('"', '""')}"` : part)).join(',');
  if (/^[\w.,=:@/-]+$/.test(text)) return `--columns ${text}`;
  return `--columns '${text.replaceAll("'", "'\\''")}'`;
}
