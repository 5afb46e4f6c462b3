import type { AnswerInput } from '@quorate/core';
import { contentsOf, type Sample } from './content.js';
import { shown, type Facts, type Layout, type Shape, type Unclear } from './facts.js';
import { columnsFlag, columnsNamed, type ColumnsGiven } from './given.js';
import { headerOf, isGladCounts } from './header.js';
import { longLayout } from './long.js';
import { matrixLayout } from './matrix.js';
import { Missing } from './missing.js';
import { none, roles, usualRoleOf, type Role } from './roles.js';
import { surveyLayout } from './survey.js';

export const isLayout = (found: Layout | Unclear): found is Layout => 'shape' in found;

/**
 * Decides what the columns of a table are, by what the user says of them, by their names and by what is in the rows. Where
 * two readings would give other answers, neither is taken: what to say then is in `fix`.
 *
 * @param shape Where it is known: by the format that was asked for.
 */
export function layoutOf(
  sample: Sample,
  given: ColumnsGiven | null,
  shape: Shape | null,
  input: Pick<AnswerInput, 'missing' | 'worker'>,
): Layout | Unclear {
  const missing = new Missing(input);
  const [first = [], second = []] = sample.rows;
  const glad = isGladCounts(first, second);
  if (given?.by === 'place') return placed(sample, given, glad);
  if (glad && given === null && shape !== 'wide' && shape !== 'survey') return placed(sample, GLAD, true);
  const { names, skip, named } = headerOf(sample, missing);
  const rows = sample.rows.slice(skip).filter((row) => row.length >= 1);
  const contents = contentsOf(rows, names.length, missing);
  const facts: Facts = {
    ...{ names, rows, contents, missing, named, skip, others: [], chosen: {}, worker: input.worker ?? null },
    whole: sample.whole,
  };
  const told = given === null ? facts : choose(facts, given.names);
  if (!('names' in told)) return told;
  return decide(told, shape);
}

const GLAD = { by: 'place', columns: { ...none(), task: 0, worker: 1, label: 2 }, cells: [], count: 3 } as const;

function decide(facts: Facts, shape: Shape | null): Layout | Unclear {
  const { chosen } = facts;
  if (shape === 'wide' || (shape === null && (chosen.worker?.length ?? 0) > 1))
    return matrixLayout(facts, true) ?? unknown(facts);
  if (shape === 'survey' || (shape === null && (chosen.task?.length ?? 0) > 1))
    return surveyLayout(facts, true) ?? unknown(facts);
  if (shape === 'long') return longLayout(facts, true) ?? unknown(facts);
  return (
    longLayout(facts, false) ??
    surveyLayout(facts, false) ??
    matrixLayout(facts, false) ??
    longLayout(facts, true) ??
    unknown(facts)
  );
}

function unknown({ names, rows, named }: Facts): Unclear {
  const width = names.length;
  const places = ['task', 'worker', 'label', ...Array<string>(Math.max(0, width - 3)).fill('-')];
  if (!named) {
    const first = (rows[0] ?? []).join(',');
    const fix = width < 3 ? columnsFlag(['task', 'label']) : columnsFlag(places);
    return {
      expected: 'a header with a task, a worker and a label',
      got: `a first line without names, ${shown(first)}`,
      fix: `Say what the columns are, in their order: ${fix}`,
    };
  }
  if (width < 3) {
    const fix = 'Give a file with a row for each answer: task,worker,label.';
    return { expected: 'a header with a task, a worker and a label', got: shown(names.join(',')), fix };
  }
  const example = columnsFlag(
    ['task', 'worker', 'label'].map((role, c) => `${role}=${names[c] ?? names.at(-1) ?? '...'}`),
  );
  return {
    expected: 'a header with a task, a worker and a label',
    got: shown(names.join(',')),
    fix: `Say which column is which, for instance: ${example}`,
  };
}

/** By place: what is said holds. A first line that names each role in its place is a header all the same. */
function placed(
  sample: Sample,
  { columns, cells, count, header: told }: ColumnsGiven & { by: 'place' },
  glad: boolean,
): Layout {
  const first = sample.rows[0] ?? [];
  const usual = (['task', 'worker', 'label'] as const).filter((role) => columns[role] >= 0);
  const named =
    first.length === count &&
    usual.length > 0 &&
    usual.every((role) => usualRoleOf(first[columns[role]] ?? '') === role);
  // The columns of a matrix have the names of its workers.
  const header =
    told ?? (named || (cells.length > 0 && new Set(first).size === count && headerOf(sample, new Missing({})).named));
  const names = Array.from({ length: count }, (_, column) => (header ? first[column]! : `column ${column + 1}`));
  const gold = columns.worker < 0 && columns.gold < 0 && cells.length === 0 ? columns.label : columns.gold;
  return {
    shape: cells.length > 0 ? 'wide' : 'long',
    ...{ names, cells, skip: Number(header || glad), columns: { ...columns, gold }, notes: [] },
  };
}

/** The columns that the user names. */
function choose(facts: Facts, named: Readonly<Partial<Record<Role | 'other', readonly string[]>>>): Facts | Unclear {
  const chosen: Partial<Record<Role, number[]>> = {};
  const others: number[] = [];
  for (const role of [...roles, 'other'] as const) {
    for (const name of named[role] ?? []) {
      if (role !== 'other' && (name === '' || name === '-')) {
        chosen[role] = [-1];
        continue;
      }
      const found = columnsNamed(name, facts.names);
      if (found.length === 0) {
        const all = facts.named ? shown(facts.names.join(',')) : 'a first line without names';
        return {
          expected: `a column "${name}", named with columns`,
          got: all,
          fix: 'Correct the name; a number counts columns from 1.',
        };
      }
      if (role === 'other') others.push(...found);
      else (chosen[role] ??= []).push(...found);
    }
  }
  return { ...facts, chosen, others };
}
