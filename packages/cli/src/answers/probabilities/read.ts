import { QuorateError } from '@quorate/core';
import type { CrowdAnswers } from '@quorate/consensus';
import { ID_NAMES, columnsOf, listed, openMatrix, type OpenMatrix } from '@quorate/tables';
import { resolve } from 'node:path';
import { clearReading, readings } from './order.js';

export interface ProbabilitiesRequest {
  /** As the user wrote it. */
  readonly path: string;
  readonly cwd: string;
  /** Classes of the columns of a file without names, in their order; null where the user said none. */
  readonly classes: readonly string[] | null;
  readonly note: (message: string) => void;
}

/**
 * Class probabilities of a model, N×K in the numbers of the answers, rows scaled to sum 1. Throws DATA_INVALID.
 *
 * - A table (CSV and its like, JSON Lines, Parquet, Arrow) with a column of task ids and one for each class, named as it is;
 *   rows in any order; every task of the answers needs one. A class that no answer names is added.
 * - A matrix without names (`.npy`, `.npz`, HDF5, a column of lists). Its classes are those that the user said, else sorted or in
 *   the order of the answers, whichever the answers clearly agree with; so with its tasks. Where they do not tell, it is refused.
 */
export async function readProbabilities(request: ProbabilitiesRequest, answers: CrowdAnswers): Promise<Float64Array> {
  const { path: name, cwd, note } = request;
  const path = resolve(cwd, name);
  const columns = await columnsOf({ name, path, note });
  const ids = columns && idColumn(columns);
  const classNames = columns?.filter((column) => column !== ids && !isIndex(column)) ?? null;
  const matrix = await openMatrix({ name, path, note, wanted: classNames, idColumn: ids });
  try {
    const named = classNames !== null && matrix.columns === classNames.length && matrix.ids !== null;
    return named ? await byName(request, matrix, classNames, answers) : await withoutNames(request, matrix, answers);
  } finally {
    await matrix.close();
  }
}

const isIndex = (column: string): boolean => column === '' || /^unnamed: 0$/i.test(column);

/** The column of the task ids: one of the usual names, else the first that is no index of pandas. */
function idColumn(columns: readonly string[]): string {
  const usual = columns.find((column) => ID_NAMES.includes(column.toLowerCase()));
  return usual ?? columns.find((column) => !isIndex(column)) ?? columns[0]!;
}

async function byName(
  { path: name }: ProbabilitiesRequest,
  matrix: OpenMatrix,
  classNames: readonly string[],
  answers: CrowdAnswers,
): Promise<Float64Array> {
  const known = answers.classes.length;
  const columns = classNames.map((label) => answers.classNumber(label) ?? answers.addClass(label));
  const K = answers.classes.length;
  const without = answers.classes.slice(0, known).find((_, k) => !columns.includes(k));
  if (without !== undefined) throw refused(name, 'a column for each class', `none for "${String(without)}"`, HEADER);
  const { data } = await matrix.read(rowsOf(name, matrix.ids!, answers));
  const probability = new Float64Array(answers.taskIds.length * K);
  for (let i = 0; i < answers.taskIds.length; i++) {
    for (const [c, k] of columns.entries()) probability[i * K + k]! += data[i * columns.length + c]!;
    scale(probability, i, K, () => `${name}, task "${answers.taskIds[i]}"`);
  }
  return probability;
}

/** Row of each task, by the ids of the file. */
function rowsOf(name: string, ids: readonly unknown[], answers: CrowdAnswers): number[] {
  const rowOf = new Map<number, number>();
  for (const [row, id] of Array.from(ids, String).entries()) {
    const task = answers.taskNumber(id);
    if (task === undefined) continue;
    if (rowOf.has(task)) throw refused(name, 'one row for each task', `"${id}" again`, 'Leave one of the two out.');
    rowOf.set(task, row);
  }
  const missing = answers.taskIds.find((_, i) => !rowOf.has(i));
  if (missing !== undefined) throw refused(name, 'a row for each task of the answers', `none for "${missing}"`, HEADER);
  return answers.taskIds.map((_, i) => rowOf.get(i)!);
}

async function withoutNames(
  { path: name, classes, note }: ProbabilitiesRequest,
  matrix: OpenMatrix,
  answers: CrowdAnswers,
): Promise<Float64Array> {
  const given = classes?.map((label) => answers.classNumber(label) ?? answers.addClass(label)) ?? null;
  const [N, K] = [answers.taskIds.length, answers.classes.length];
  const { ids } = matrix;
  if ((ids === null && matrix.rows !== N) || matrix.columns !== K || (given && new Set(given).size !== K)) {
    const got = `${matrix.rows} × ${matrix.columns}${given ? ` and ${given.length} class names` : ''}`;
    throw refused(name, `a matrix of ${N} tasks × ${K} classes`, got, NAMES);
  }
  const inOrder = Array.from({ length: N }, (_, row) => row);
  const { data } = await matrix.read(ids === null ? inOrder : rowsOf(name, ids, answers));
  const orders = readings(answers, given, ids !== null);
  const order = clearReading(orders, data, answers);
  if (order === null) {
    const ways = orders.map(({ rowsAre, columnsAre }) => `classes ${columnsAre}, tasks ${rowsAre}`);
    throw refused(
      name,
      'rows and columns whose order can be told',
      `${orders.length} ways that fit as well (${ways.join('; ')})`,
      NAMES,
    );
  }
  const shown = order.columns.map((k) => String(answers.classes[k]));
  note(
    `${name} has no names: columns were taken for the classes ${listed(shown)} (${order.columnsAre}), rows for the tasks ${order.rowsAre}.`,
  );
  const probability = new Float64Array(N * K);
  order.rows.forEach((task, row) => {
    order.columns.forEach((k, c) => (probability[task * K + k] = data[row * K + c]!));
    scale(probability, task, K, () => `${name}: row ${row} (counted from 0)`);
  });
  return probability;
}

/** Scales a row to sum 1. */
function scale(probability: Float64Array, i: number, K: number, where: () => string): void {
  let sum = 0;
  for (let x = i * K; x < (i + 1) * K; x++) sum += probability[x]! >= 0 ? probability[x]! : NaN;
  if (!(sum > 0 && sum < Infinity)) {
    const got = [...probability.subarray(i * K, (i + 1) * K)].slice(0, 8).join(', ');
    throw refused(where(), `${K} probabilities, none below 0, not all 0`, got, 'Correct that row.');
  }
  for (let x = i * K; x < (i + 1) * K; x++) probability[x]! /= sum;
}

const HEADER = 'The file starts with the line task,<class>,<class>,... and has a line for each task.';
const NAMES =
  'Say the classes of the columns with --classes A,B,..., or give a table with the header task,<class>,<class>,... .';

function refused(where: string, expected: string, got: string, fix: string): QuorateError {
  return new QuorateError('DATA_INVALID', { where, expected, got, fix });
}
