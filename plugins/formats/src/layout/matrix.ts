import { classKey } from '@quorate/core';
import { isCellLike, isNumeric, isUnique, vocabularies } from './content.js';
import { nameOf, shown, type Facts, type Layout, type Unclear } from './facts.js';
import { columnsFlag } from './given.js';
import { guessColumns, isGoldName, none, usualRoleOf } from './roles.js';
import { looksLikeQuestion } from './survey.js';
import {
  aboutAnswers,
  goldWords,
  hasWord,
  isNamed,
  madeOfAnswers,
  plain,
  taskWords,
  workerWords,
  wordsOf,
} from './words.js';

/** What describes a task, and is seldom the name of a person. */
const aboutTasks = new Set(
  (
    'source split set fold subset group batch type kind section chapter page topic theme domain lang language author title ' +
    'year month week day genre part level line position order rank round phase project dataset label class category ' +
    'answer index unnamed'
  ).split(' '),
);

/**
 * One row a task, one column a worker. The columns of workers are the largest group that speaks of the same classes; what
 * an aggregation made, what describes the task and its true class are none. Null where there are no such columns.
 */
export function matrixLayout(facts: Facts, force: boolean): Layout | Unclear | null {
  const { names, rows, chosen, others, skip, named } = facts;
  if (rows.length === 0 || names.length < 2) return null;
  const notes: string[] = [];
  const task = chosen.task?.[0] ?? taskColumn(facts);
  const gold = chosen.gold?.[0] ?? goldOf(facts, task);
  const free = [...names.keys()].filter((column) => column !== task && column !== gold && !others.includes(column));
  let cells = chosen.worker?.filter((column) => column >= 0) ?? [];
  if (cells.length === 0) {
    const found = workerColumns(facts, free, force, notes);
    if (!Array.isArray(found)) return found;
    cells = found;
    const questions = cells.filter((column) => looksLikeQuestion(names[column]!));
    if (!force && task >= 0 && named && questions.length > cells.length / 2) return questionsOf(facts, task, questions);
  }
  if (!named)
    notes.push('There is no line with names: tasks go by the number of their row, workers by that of their column.');
  const columns = { ...none(), task, gold };
  const shown = names.map((name, column) => name || (cells.includes(column) ? `column ${column + 1}` : ''));
  return { shape: 'wide', names: shown, skip, columns, cells, notes };
}

/** The column of task ids: one with a name of tasks, else the first with a value of its own in each row. -1: none. */
function taskColumn({ names, contents, rows, named }: Facts): number {
  const unique = (column: number): boolean => isUnique(contents[column]!, rows.length);
  if (!named) {
    // Numbers 0, 1, 2, ... or ids with letters, where the other columns have few values.
    const ids =
      unique(0) && rows.length > 2 && contents.slice(1).every((other) => other.values.size < contents[0]!.values.size);
    return ids ? 0 : -1;
  }
  const first = names[0]!;
  const usual = guessColumns(names).task;
  const counts = ['', 'index', 'unnamed0', 'nr', 'no', 'number', 'rownames', 'x'].includes(plain(first));
  if (counts && unique(0)) return usualRoleOf(names[usual] ?? '') === 'task' && unique(usual) ? usual : 0;
  if (usual >= 0 && (unique(usual) || usualRoleOf(names[usual]!) === 'task')) return usual;
  const own = [...names.keys()].find((column) => unique(column));
  return own ?? (contents[0]!.values.size > rows.length / 2 ? 0 : usual);
}

function goldOf({ names, contents }: Facts, task: number): number {
  return names.findIndex((name, column) => {
    if (column === task || contents[column]!.filled === 0 || hasWord(name, madeOfAnswers)) return false;
    return (
      (usualRoleOf(name) === 'gold' || isGoldName(name)) &&
      wordsOf(name).some((word) => goldWords.has(word) || word === 'correct')
    );
  });
}

function workerColumns(
  facts: Facts,
  free: readonly number[],
  force: boolean,
  notes: string[],
): number[] | Unclear | null {
  const { names, contents, named, rows } = facts;
  const speaks = free.filter((column) => {
    const name = names[column]!;
    if (contents[column]!.filled === 0 || !isCellLike(contents[column]!)) return false;
    if (!named) return true;
    if (name === '' || hasWord(name, madeOfAnswers) || isGoldName(name)) return false;
    return !hasWord(name, aboutAnswers) || isWorkerName(name);
  });
  const [most = [], next = []] = vocabularies(speaks, contents, names);
  if (most.length < 2 && !(force && most.length === 1)) return null;
  if (next.length === most.length && next.length > 1 && !force) return twoGroups(facts, most, next);
  if (next.length > 1) notes.push(`${listed(facts, next)} speak of other classes and are left out.`);
  let cells = withoutOthers(facts, most);
  if (!Array.isArray(cells)) return force ? most : cells;
  const made = cells.length > 3 ? cells.filter((column) => isMajority(facts, column, cells as number[])) : [];
  if (made.length === 1) {
    notes.push(`${shown(names[made[0]!]!)} has the majority of the other columns in every row, and is left out.`);
    cells = cells.filter((column) => column !== made[0]);
  }
  if (!force && !facts.named && rows.length < 2) return null;
  // A worker without any answer is one all the same.
  const empty = free.filter(
    (column) => named && contents[column]!.filled === 0 && names[column] !== '' && mayBeWorker(names[column]!),
  );
  return [...cells, ...empty].sort((a, b) => a - b);
}

/** A name as workers have it: `rater2`, `w07`, an address, not one of a time or a remark. */
function isWorkerName(name: string): boolean {
  const words = wordsOf(name);
  return (
    (isNamed(name, workerWords) && !words.some((word) => aboutAnswers.has(word))) ||
    /^\p{L}{1,3}[ _-]?\d+$/u.test(name) ||
    /^\S+@\S+\.\S+$/.test(name)
  );
}

function mayBeWorker(name: string): boolean {
  const described = wordsOf(name).some((word) => aboutTasks.has(word)) && !isWorkerName(name);
  return (
    !described &&
    !hasWord(name, aboutAnswers) &&
    !hasWord(name, madeOfAnswers) &&
    !isGoldName(name) &&
    !isNamed(name, taskWords, 0)
  );
}

/** Takes out what describes the task; where only the values speak for a column that has another kind of name, it is unclear. */
function withoutOthers(facts: Facts, group: readonly number[]): number[] | Unclear {
  const { names, contents, named } = facts;
  if (!named) return [...group];
  const people = group.filter((column) => mayBeWorker(names[column]!));
  if (people.length < 2) return [...group];
  const usual = people.filter((column) => isWorkerName(names[column]!));
  const odd = people.filter((column) => !usual.includes(column));
  if (usual.length < 2 || odd.length === 0 || !odd.every((column) => isNumeric(contents[column]!))) return people;
  const name = (column: number): string => names[column]!;
  return {
    expected: 'columns that are workers, or are not',
    got: `${usual.map(name).join(', ')}, and with the same numbers ${odd.map(name).join(', ')}`,
    fix: `Say which are none: ${columnsFlag(odd.map((column) => `other=${name(column)}`))}; or which are: ${columnsFlag(people.map((column) => `worker=${name(column)}`))}`,
  };
}

/** Whether a column has the majority of the others wherever there is one, though they differ in some rows. */
function isMajority({ rows, missing }: Facts, column: number, cells: readonly number[]): boolean {
  let [same, split] = [0, 0];
  for (const row of rows) {
    const counts = new Map<string, number>();
    for (const other of cells) {
      const text = row[other] ?? '';
      if (other !== column && text !== '' && !missing.has(text))
        counts.set(classKey(text), (counts.get(classKey(text)) ?? 0) + 1);
    }
    const [first, second] = [...counts].sort((a, b) => b[1] - a[1]);
    if (!first || first[1] === second?.[1]) continue;
    if (classKey(row[column] ?? '') !== first[0]) return false;
    same++;
    if (second) split++;
  }
  return same >= 10 && split >= 5;
}

function listed({ names }: Facts, columns: readonly number[]): string {
  return columns.map((column) => nameOf(names, column)).join(', ');
}

function twoGroups(facts: Facts, one: readonly number[], other: readonly number[]): Unclear {
  const flag = (columns: readonly number[]): string =>
    columnsFlag(columns.map((column) => `worker=${nameOf(facts.names, column)}`));
  return {
    expected: 'columns of workers that speak of the same classes',
    got: `two groups: ${listed(facts, one)}, and ${listed(facts, other)}`,
    fix: `Say which are the workers: ${flag(one)} or ${flag(other)}`,
  };
}

function questionsOf(facts: Facts, task: number, questions: readonly number[]): Unclear {
  return {
    expected: 'a column for each worker, beside the tasks',
    got: `columns that look like questions: ${listed(facts, questions)}`,
    fix: `If they are workers all the same, say ${columnsFlag(questions.map((column) => `worker=${nameOf(facts.names, column)}`))}; if each row is a respondent, ${columnsFlag([`worker=${nameOf(facts.names, task)}`, ...questions.map((column) => `task=${nameOf(facts.names, column)}`)])}`,
  };
}
