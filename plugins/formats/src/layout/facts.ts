import type { Content } from './content.js';
import type { Missing } from './missing.js';
import { none, roles, type Columns, type Role } from './roles.js';

/** What the rows and columns of a table are. */
export type Shape = 'long' | 'wide' | 'survey';

/** Where everything is in a table. */
export interface Layout {
  /** One row an answer; a row a task and a column a worker; a row a worker and a column a task. */
  readonly shape: Shape;
  /** A name for each column, for people too: where the file gives none, its number. */
  readonly names: readonly string[];
  /** Rows before the first one of data. */
  readonly skip: number;
  /** -1 for a role that the table does not have; then tasks of a matrix, and workers of a survey, go by the number of the row. */
  readonly columns: Columns;
  /** Columns of the workers of a matrix, or of the tasks of a survey. */
  readonly cells: readonly number[];
  /** Columns of a group of buttons, of which one is true in every row: its name is the label. Left out where a column has it. */
  readonly buttons?: readonly Button[];
  readonly notes: readonly string[];
}

export interface Button {
  readonly column: number;
  /** The class that it stands for. */
  readonly name: string;
}

/** Why a table cannot be read: what was expected, what came, what to do. */
export interface Unclear {
  readonly expected: string;
  readonly got: string;
  readonly fix: string;
}

/** What a layout is decided on. */
export interface Facts {
  readonly names: readonly string[];
  /** The rows of data, sampled. */
  readonly rows: readonly (readonly string[])[];
  readonly whole: boolean;
  readonly contents: readonly Content[];
  readonly missing: Missing;
  /** False where the first row is data. */
  readonly named: boolean;
  readonly skip: number;
  /** Columns that the user has named; -1: of that role there is none. */
  readonly chosen: Readonly<Partial<Record<Role, readonly number[]>>>;
  /** Columns that are of no role, as the user says. */
  readonly others: readonly number[];
  /** Who answered is known from elsewhere: the name of the file, the user. */
  readonly worker: string | null;
}

/** Columns of the roles that the user has named, the rest as they are. */
export function withChosen(columns: Columns, { chosen, others }: Facts): Record<Role, number> {
  const result = { ...none(), ...columns };
  const taken = new Set([...Object.values(chosen).flat(), ...others]);
  for (const role of roles) {
    if (taken.has(result[role])) result[role] = -1;
    if (chosen[role]) result[role] = chosen[role][0]!;
  }
  return result;
}

export function nameOf(names: readonly string[], column: number): string {
  return names[column] || `column ${column + 1}`;
}

export function shown(text: string): string {
  const quoted = JSON.stringify(text);
  return quoted.length > 160 ? `${quoted.slice(0, 157)}...` : quoted;
}
