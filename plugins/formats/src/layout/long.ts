import { buttonsOf } from './buttons.js';
import { isCellLike, isClassLike, isLists, isUnique, valuesWithin, vocabularies } from './content.js';
import { nameOf, shown, withChosen, type Facts, type Layout, type Unclear } from './facts.js';
import { columnsFlag } from './given.js';
import { goldColumn } from './gold.js';
import { answerColumns, areEnough, guessColumns, isGoldName, usualRoleOf, type Role } from './roles.js';
import { aboutAnswers, hasWord, isNamed, madeOfAnswers, plain, taskWords } from './words.js';

type Found = Record<Role, number>;

/**
 * One row an answer, or one row a task with its true class. Null where the table is of another kind.
 *
 * @param force The table is of this kind, or of none: say what is missing.
 */
export function longLayout(facts: Facts, force: boolean): Layout | Unclear | null {
  const { names, named, chosen, skip, worker } = facts;
  const asked = Object.keys(chosen).length > 0;
  if (!named && !asked) return null;
  const notes: string[] = [];
  const columns = withChosen(guessColumns(names), facts);
  checkNumbers(facts, columns);
  const { worker: lists } = columns;
  if (lists >= 0 && chosen.worker === undefined && isLists(facts.contents[lists]!)) {
    columns.worker = -1;
    notes.push(`${shown(names[lists]!)} has lists, and says of none of its members who gave it.`);
  }
  const answers = answerColumns(names);
  const pressed = chosen.label === undefined ? answers : chosen.label;
  const buttons = columns.task >= 0 && (columns.label < 0 || pressed.length > 1) ? buttonsOf(pressed, facts) : null;
  if (buttons) columns.label = buttons[0]!.column;
  if (chosen.label !== undefined && chosen.label.length > 1 && !buttons)
    return severalQuestions(facts, columns, chosen.label);
  if (columns.label < 0 && chosen.label === undefined && answers.length > 1 && columns.task >= 0) {
    return severalQuestions(facts, columns, answers);
  }
  if (columns.worker >= 0) {
    const problem = fillWithWorker(facts, columns, force, notes);
    if (problem !== undefined) return problem;
  } else if (chosen.worker === undefined && worker === null && columns.task >= 0 && columns.label >= 0) {
    if (!force && !asked && looksLikeMatrix(facts, columns)) return null;
    const problem = findWorker(facts, columns);
    if (problem) return problem;
  }
  if (columns.worker < 0 && columns.label < 0 && chosen.label === undefined) {
    // Appen's aggregated reports have `sentiment` and `sentiment:confidence`.
    const rated = names.filter((name) => names.includes(`${name}:confidence`));
    if (rated.length === 1) columns.label = names.indexOf(rated[0]!);
    else if (!force && !asked && columns.gold >= 0 && looksLikeMatrix(facts, columns)) return null;
  }
  const twice = twins(facts, columns);
  if (twice) return twice;
  if (!areEnough(columns) && !(worker !== null && columns.task >= 0 && columns.label >= 0)) return null;
  if (chosen.gold === undefined)
    columns.gold = columns.label >= 0 ? goldColumn(facts, columns.label, columns.task) : columns.gold;
  if (columns.worker < 0 && worker === null) {
    // Without workers the labels are the true ones.
    if (columns.gold < 0 || chosen.gold === undefined) columns.gold = columns.label >= 0 ? columns.label : columns.gold;
    columns.confidence = chosen.confidence?.[0] ?? confidenceOf(facts, columns);
  }
  const flags = names.filter(
    (name, column) =>
      column !== columns.gold &&
      column !== columns.label &&
      (usualRoleOf(name) === 'gold' || isGoldName(name)) &&
      facts.contents[column]!.filled > 0,
  );
  if (flags.length > 0 && columns.gold < 0)
    notes.push(
      `${flags.map(shown).join(' and ')} ${flags.length > 1 ? 'do' : 'does'} not hold classes of the tasks, and ${flags.length > 1 ? 'are' : 'is'} not read as gold.`,
    );
  const layout: Layout = { shape: 'long', names, skip, columns, cells: [], notes };
  return buttons ? { ...layout, buttons } : layout;
}

/** Two columns of one name with other values: which of them counts is not for us to say. */
function twins({ names, rows, chosen }: Facts, columns: Found): Unclear | null {
  for (const role of ['task', 'worker', 'label'] as const) {
    const column = columns[role];
    if (column < 0 || names[column] === '' || chosen[role] !== undefined) continue;
    const other = names.findIndex((name, c) => c !== column && name === names[column]);
    if (other < 0 || rows.every((row) => (row[other] ?? '') === (row[column] ?? '') || (row[other] ?? '') === ''))
      continue;
    return {
      expected: `one column ${shown(names[column]!)}`,
      got: `two with other values, ${column + 1} and ${other + 1}`,
      fix: `Give one of them another name, or say which counts by its number: ${columnsFlag([`${role}=${column + 1}`])}`,
    };
  }
  return null;
}

/** A column of seconds or of confidences without numbers is about something else. */
function checkNumbers({ contents, chosen }: Facts, columns: Found): void {
  const number = (text: string): number => Number(text.replace(/^(\d+),(\d+)$/, '$1.$2'));
  const values = (column: number): string[] => [...(contents[column]?.values.keys() ?? [])];
  if (columns.seconds >= 0 && chosen.seconds === undefined) {
    const all = values(columns.seconds);
    if (all.length > 1 && !all.some((text) => number(text) >= 0)) columns.seconds = -1;
  }
  if (columns.confidence >= 0 && chosen.confidence === undefined) {
    const all = values(columns.confidence);
    if (all.length > 1 && !all.some((text) => number(text) <= 1)) columns.confidence = -1;
  }
}

/** Of a file of labels: `confidence`, or `label:confidence` as Appen's aggregated reports have. */
function confidenceOf({ names, contents }: Facts, { label, confidence }: Found): number {
  const own = names.indexOf(`${names[label] ?? ''}:confidence`);
  const column = own >= 0 ? own : confidence;
  const sure = [...(contents[column]?.values.keys() ?? [])].every(
    (text) => Number(text.replace(',', '.')) >= 0 && Number(text.replace(',', '.')) <= 1,
  );
  return sure ? column : -1;
}

/** With workers known: finds task and label where their names do not tell. Undefined where all is found. */
function fillWithWorker(facts: Facts, columns: Found, force: boolean, notes: string[]): Unclear | null | undefined {
  const { names, chosen, contents, rows } = facts;
  if (columns.label < 0 && chosen.label === undefined) {
    if (!force && columns.task < 0 && isUnique(contents[columns.worker]!, rows.length)) return null;
    const candidates = labelCandidates(facts, columns);
    if (candidates.length > 1) {
      return !force && columns.task < 0 ? null : severalQuestions(facts, columns, candidates);
    }
    columns.label = candidates[0] ?? -1;
    if (columns.label < 0) return null;
  }
  if (columns.label < 0) return null;
  const tasks = taskCandidates(facts, columns);
  if (columns.task < 0 && chosen.task === undefined) {
    if (tasks.length === 0) return null;
    if (tasks.length > 1) return severalTasks(facts, columns, tasks);
    columns.task = tasks[0]!;
  } else if (chosen.task === undefined && isUnique(contents[columns.task]!, rows.length) && rows.length >= 4) {
    // An id of the row, while something else is what several workers were asked about.
    const others = tasks.filter((column) => isNamed(names[column]!, taskWords, 0));
    if (others.length > 0) return severalTasks(facts, columns, [columns.task, ...others]);
    if (tasks.length > 0)
      notes.push(
        `Every row has another ${shown(nameOf(names, columns.task))}: each task has one answer. If ${shown(nameOf(names, tasks[0]!))} is the task, say ${columnsFlag([`task=${nameOf(names, tasks[0]!)}`])}.`,
      );
  }
  return undefined;
}

/** Columns that may hold answers: few values, that differ between the answers to one task; with gold beside it before all. */
function labelCandidates(
  { names, contents, rows, missing, others }: Facts,
  { task, worker, ...rest }: Found,
): number[] {
  const taken = new Set([task, worker, rest.seconds, rest.time, ...others]);
  const free = [...names.keys()].filter((column) => {
    const name = names[column]!;
    const usable = !taken.has(column) && name !== '' && contents[column]!.values.size > 0 && !name.startsWith('_');
    return (
      usable &&
      isClassLike(contents[column]!) &&
      !hasWord(name, aboutAnswers) &&
      !hasWord(name, madeOfAnswers) &&
      !isGoldName(name)
    );
  });
  const withGold = free.filter((column) => names.some((name) => plain(name) === `${plain(names[column]!)}gold`));
  if (withGold.length > 0) return withGold;
  if (task < 0) return free;
  const differing = free.filter((column) =>
    [...valuesWithin(rows, task, column, missing).values()].some((values) => values.size > 1),
  );
  return differing.length > 0 ? differing : free;
}

/** Columns that several workers, and none twice, have rows of. Columns that part the rows alike are one. */
function taskCandidates(
  { names, rows, contents, others }: Facts,
  { worker, label, gold, seconds, time }: Found,
): number[] {
  const taken = new Set([worker, label, gold, seconds, time, ...others]);
  const found: number[] = [];
  const partitions = new Set<string>();
  for (const column of names.keys()) {
    if (
      taken.has(column) ||
      names[column] === '' ||
      contents[column]!.filled < rows.length ||
      contents[column]!.values.size < 2
    )
      continue;
    const seen = new Set<string>();
    let repeats = 0;
    for (const row of rows) {
      const pair = `${row[column] ?? ''}\0${row[worker] ?? ''}`;
      if (seen.has(pair)) repeats++;
      seen.add(pair);
    }
    if (20 * repeats > rows.length || contents[column]!.values.size > 0.8 * rows.length) continue;
    const order = new Map<string, number>();
    const partition = rows
      .map((row) => order.get(row[column]!) ?? (order.set(row[column]!, order.size), order.size - 1))
      .join();
    if (partitions.has(partition)) continue;
    partitions.add(partition);
    found.push(column);
  }
  return found;
}

/** With tasks that have several labels and no word about workers: who gave them may be in a column of another name. */
function findWorker(facts: Facts, columns: Found): Unclear | undefined {
  const { names, rows, contents } = facts;
  const repeated = rows.length - new Set(rows.map((row) => row[columns.task])).size;
  if (repeated === 0) return undefined;
  const labels = valuesWithin(rows, columns.task, columns.label, facts.missing);
  const differ = [...labels.values()].some((values) => values.size > 1);
  const taken = new Set([columns.task, columns.label, columns.gold, columns.seconds, columns.time]);
  const candidates = [...names.keys()].filter((column) => {
    const { filled, values } = contents[column]!;
    // Two columns of tasks: who answered is neither.
    if (isNamed(names[column]!, taskWords, 0)) return false;
    if (
      taken.has(column) ||
      names[column] === '' ||
      filled < rows.length ||
      values.size < 2 ||
      values.size > 0.8 * rows.length
    )
      return false;
    return new Set(rows.map((row) => `${row[columns.task]}\0${row[column]}`)).size === rows.length;
  });
  if (candidates.length === 1) {
    columns.worker = candidates[0]!;
    return undefined;
  }
  if (!differ && candidates.length === 0) return undefined;
  const options = candidates.length > 0 ? candidates.map((column) => nameOf(names, column)) : ['...'];
  return {
    expected: 'a column that says who gave each label, since tasks have several',
    got: shown(names.join(',')),
    fix: `Say which: ${columnsFlag([`worker=${options[0]!}`])}${options.length > 1 ? ` (or ${options.slice(1, 4).join(', ')})` : ''}`,
  };
}

/** Whether several more columns speak of the same classes as each other. */
function looksLikeMatrix({ names, contents, named, others }: Facts, { task, label }: Found): boolean {
  if (!named) return true;
  const free = [...names.keys()].filter((column) => {
    const name = names[column]!;
    return (
      column !== task &&
      column !== label &&
      !others.includes(column) &&
      isCellLike(contents[column]!) &&
      contents[column]!.filled > 0 &&
      !hasWord(name, aboutAnswers) &&
      !hasWord(name, madeOfAnswers) &&
      !isGoldName(name)
    );
  });
  const [most = []] = vocabularies(free, contents, names);
  return most.length > 1;
}

function severalQuestions(facts: Facts, columns: Found, candidates: readonly number[]): Unclear {
  const name = (column: number): string => nameOf(facts.names, column);
  const parts = (['task', 'worker'] as const)
    .filter((role) => columns[role] >= 0)
    .map((role) => `${role}=${name(columns[role])}`);
  return {
    expected: 'one column of answers',
    got: candidates.map(name).join(', '),
    fix: `Say which: ${columnsFlag([...parts, `label=${name(candidates[0]!)}`])}`,
  };
}

function severalTasks(facts: Facts, columns: Found, candidates: readonly number[]): Unclear {
  const name = (column: number): string => nameOf(facts.names, column);
  return {
    expected: 'one column that says which task an answer is about',
    got: candidates.map(name).join(', '),
    fix: `Say which: ${candidates
      .slice(0, 2)
      .map((column) => columnsFlag([`task=${name(column)}`]))
      .join(' or ')}`,
  };
}
