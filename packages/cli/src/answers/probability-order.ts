import { QuorateError, classKey, type ClassLabel } from '@quorate/core';
import type { CrowdAnswers } from '@quorate/consensus';

/**
 * Which class each column of a matrix without names is: as the user says, else in the order in which the classes first
 * appear in the answers, provided that it is the sorted one too (which tools that train models use). Throws DATA_INVALID
 * where these are two orders, and for tasks whose numbers appear in another order than that of the rows may be.
 *
 * @param classes The names that the user gives, in order; null: none.
 * @returns For each column the number of its class.
 */
export function columnOrder(
  name: string,
  columns: number,
  answers: CrowdAnswers,
  classes: readonly string[] | null,
): Int32Array {
  checkRows(name, answers);
  if (classes !== null) {
    if (classes.length !== columns) {
      const got = `${classes.length} names (${classes.join(', ')})`;
      throw refused(
        name,
        `a name for each of the ${columns} columns`,
        got,
        'Name them all, in order: --classes a,b,c.',
      );
    }
    return Int32Array.from(classes, (label) => answers.classNumber(label) ?? answers.addClass(label));
  }
  const seen = answers.classes;
  const sorted = [...seen].sort(byName);
  if (columns === seen.length && sorted.every((label, k) => label === seen[k]))
    return Int32Array.from(seen, (_, k) => k);
  const list = (labels: readonly ClassLabel[]): string => labels.slice(0, 8).map(String).join(',');
  throw refused(
    name,
    `to know which class each of the ${columns} columns is`,
    `an array without names, and the classes ${list(seen)} (sorted: ${list(sorted)})`,
    `Say their order: --classes ${list(sorted)}. CSV with the header task,<class>,... needs no order.`,
  );
}

/** Rows are tasks in the order in which they first appear: unclear where their numbers are in another order. */
function checkRows(name: string, { taskIds }: CrowdAnswers): void {
  if (!taskIds.every((id) => /^-?\d{1,15}$/.test(id))) return;
  const at = taskIds.findIndex((id, i) => i > 0 && Number(taskIds[i - 1]) > Number(id));
  if (at < 0) return;
  throw refused(
    name,
    'to know which task each row is',
    `an array without ids, and tasks that first appear in another order than their numbers (${taskIds[at - 1]}, then ${taskIds[at]})`,
    'Write it as CSV with the header task,<class>,...; lines may have any order then.',
  );
}

/** Numbers by size, before texts by their characters. */
function byName(a: ClassLabel, b: ClassLabel): number {
  const [x, y] = [classKey(a), classKey(b)];
  const [m, n] = [Number(x), Number(y)];
  if (!Number.isNaN(m) && !Number.isNaN(n)) return m - n;
  return x < y ? -1 : x > y ? 1 : 0;
}

function refused(where: string, expected: string, got: string, fix: string): QuorateError {
  return new QuorateError('DATA_INVALID', { where, expected, got, fix });
}
