import { T, defineComponent, type Dataset, type Files, type Questions, type WorkerSimulator } from '@quorate/core';
import { argmax } from '@quorate/core/numbers';
import { ID_NAMES, columnsOf, listed, openMatrix, openTable, type OpenMatrix, type Table } from '@quorate/tables';
import { basename } from 'node:path';
import { z } from 'zod';
import { invalid, type Cell } from './task-contents.js';

const options = z.strictObject({
  file: z
    .string()
    .min(1)
    .describe(
      'what a model said: a table with ids and a label, or a column of probabilities for each class, or a matrix',
    ),
  classes: z
    .array(z.string())
    .min(1)
    .nullable()
    .default(null)
    .describe('classes of the columns of a matrix without names (.npy), in their order; null: those of the run'),
  label: z.string().min(1).nullable().default(null).describe('column of the labels; null: "label", "prediction", ...'),
});
type ModelFileOptions = z.output<typeof options>;

const LABEL_NAMES = ['label', 'prediction', 'predicted', 'pred', 'class', 'answer'];

/** What a file says of each item: a class, -1 where it says nothing, and the class probabilities, N×K, where it has them. */
interface Said {
  readonly label: Int32Array;
  readonly probability: Float32Array | null;
}

/** A model that has answered already: an old classifier, CLIP, another team's predictions. */
export class ModelFile implements WorkerSimulator {
  readonly workerIds: readonly string[];
  readonly knowledge = { pooledCounts: null, confusion: () => null };
  readonly #said: Said;
  readonly #classes: number;

  constructor(id: string, said: Said, classes: number) {
    this.workerIds = [id];
    this.#said = said;
    this.#classes = classes;
  }

  may(_worker: number, item: number): boolean {
    return this.#said.label[item]! >= 0;
  }

  answer({ count, item }: Questions, labels: Int32Array): void {
    for (let a = 0; a < count; a++) labels[a] = this.#said.label[item[a]!]!;
  }

  probabilities(_worker: number, item: number, out: Float64Array): boolean {
    const { probability, label } = this.#said;
    if (!probability || label[item]! < 0) return false;
    const K = this.#classes;
    for (let k = 0; k < K; k++) out[k] = probability[item * K + k]!;
    return true;
  }
}

async function read(given: ModelFileOptions, dataset: Dataset, files: Files): Promise<Said> {
  const request = { name: given.file, path: files.resolve(given.file), note: (message: string) => files.note(message) };
  const columns = await columnsOf(request);
  const lower = columns?.map((column) => column.toLowerCase()) ?? [];
  const labelAt =
    given.label === null
      ? LABEL_NAMES.map((one) => lower.indexOf(one)).find((at) => at >= 0)
      : columns?.indexOf(given.label);
  if (given.label !== null && (labelAt === undefined || labelAt < 0)) {
    throw invalid(
      given.file,
      `a column "${given.label}"`,
      columns ? `the columns ${listed(columns)}` : 'a matrix without names',
      'Correct label.',
    );
  }
  const known = new Map(dataset.classes.map((label, k) => [String(label), k]));
  const named = columns?.filter((column) => known.has(column)) ?? [];
  const said =
    labelAt !== undefined && labelAt >= 0 && named.length < 2
      ? await readLabels(request, columns![labelAt]!, dataset, known)
      : await readProbabilities(given, request, { dataset, columns, named, known });
  const answered = said.label.reduce((sum, k) => sum + (k >= 0 ? 1 : 0), 0);
  const N = dataset.taskIds.length;
  if (answered === 0)
    throw invalid(
      given.file,
      'an answer about a task of the dataset',
      'none',
      'Give the ids that the tasks have there.',
    );
  if (answered < N) files.note(`${given.file} says something of ${answered} of ${N} tasks.`);
  return said;
}

interface Source {
  readonly name: string;
  readonly path: string;
  readonly note: (message: string) => void;
}

async function readLabels(
  source: Source,
  column: string,
  { taskIds }: Dataset,
  known: ReadonlyMap<string, number>,
): Promise<Said> {
  const opened = await openTable(source);
  try {
    return await labelsOf(source, opened.table, column, taskIds, known);
  } finally {
    await opened.close();
  }
}

async function labelsOf(
  source: Source,
  table: Table,
  column: string,
  taskIds: readonly string[],
  known: ReadonlyMap<string, number>,
): Promise<Said> {
  const at = table.columns.indexOf(column);
  const ids = idAt(table.columns);
  if (ids < 0)
    throw invalid(
      source.name,
      `a column of ids (${ID_NAMES.slice(0, 3).join(', ')}, ...)`,
      listed(table.columns),
      'Name it "id".',
    );
  const itemOf = new Map(taskIds.map((id, i) => [id, i]));
  const label = new Int32Array(taskIds.length).fill(-1);
  let unknown = 0;
  for await (const batch of table.batches()) {
    for (let r = 0; r < batch.rows; r++) {
      const item = itemOf.get(String(batch.columns[ids]![r]));
      const value = batch.columns[at]![r] as Cell;
      if (item === undefined || value === null || value === undefined || value === '') continue;
      const k = known.get(String(value));
      if (k === undefined) unknown++;
      else label[item] = k;
    }
  }
  if (unknown > 0) source.note(`${source.name}: ${unknown} labels are no class of this run, and were left out.`);
  return { label, probability: null };
}

const idAt = (columns: readonly string[]): number => {
  const lower = columns.map((column) => column.toLowerCase());
  return ID_NAMES.map((name) => lower.indexOf(name)).find((at) => at >= 0) ?? -1;
};

async function readProbabilities(
  given: ModelFileOptions,
  source: Source,
  about: {
    readonly dataset: Dataset;
    readonly columns: readonly string[] | null;
    readonly named: readonly string[];
    readonly known: ReadonlyMap<string, number>;
  },
): Promise<Said> {
  const { dataset, columns, named, known } = about;
  const wanted = named.length > 0 ? named : null;
  const idColumn = columns === null || idAt(columns) < 0 ? null : columns[idAt(columns)]!;
  const matrix = await openMatrix({ ...source, wanted, idColumn });
  try {
    const names = wanted && matrix.columns === wanted.length ? wanted : (given.classes ?? dataset.classes.map(String));
    if (matrix.columns !== names.length) {
      const what = given.classes
        ? 'as many columns as classes were given'
        : `a column for each of the ${names.length} classes`;
      throw invalid(
        given.file,
        what,
        `${matrix.columns} columns`,
        'Say which class each column is: classes=["cat","dog"].',
      );
    }
    const places = names.map((name) => known.get(name) ?? -1);
    if (!places.some((k) => k >= 0)) {
      throw invalid(
        given.file,
        `classes of this run (${listed(dataset.classes.map(String))})`,
        listed(names),
        'Correct classes.',
      );
    }
    if (!wanted)
      source.note(`${given.file}: its ${names.length} columns were taken for ${listed(names)}, in this order.`);
    return await fill(given.file, matrix, places, dataset);
  } finally {
    await matrix.close();
  }
}

/** Probabilities by item, those of classes that the run does not have left out. */
async function fill(
  name: string,
  matrix: OpenMatrix,
  places: readonly number[],
  { taskIds, classes }: Dataset,
): Promise<Said> {
  const [N, K, C] = [taskIds.length, classes.length, places.length];
  const rowOf = rowsOf(name, matrix, taskIds);
  const there = taskIds.flatMap((_, i) => (rowOf[i]! >= 0 ? [i] : []));
  const { data } = await matrix.read(there.map((i) => rowOf[i]!));
  const probability = new Float32Array(N * K);
  const label = new Int32Array(N).fill(-1);
  there.forEach((i, r) => {
    let sum = 0;
    for (let c = 0; c < C; c++) {
      const p = data[r * C + c]!;
      if (!(p >= 0)) {
        throw invalid(
          `${name}, task "${taskIds[i]}"`,
          'probabilities, none below 0',
          String(p),
          'Give probabilities (softmax), not logits.',
        );
      }
      if (places[c]! < 0) continue;
      probability[i * K + places[c]!]! += p;
      sum += p;
    }
    // All of it is in classes that the run does not have: nothing is said of this task.
    if (!(sum > 0)) return;
    for (let k = 0; k < K; k++) probability[i * K + k]! /= sum;
    label[i] = argmax(probability, i * K, K);
  });
  return { label, probability };
}

/** Row of each item, -1 where there is none: by the ids of the file, else in the order of the tasks. */
function rowsOf(name: string, { ids, rows }: OpenMatrix, taskIds: readonly string[]): Int32Array {
  if (ids === null) {
    if (rows === taskIds.length) return Int32Array.from(taskIds.keys());
    throw invalid(
      name,
      `${taskIds.length} rows, one for each task in the order of the dataset`,
      `${rows}`,
      'Give a table with a column of ids.',
    );
  }
  const rowOf = new Map<string, number>();
  for (const [row, id] of Array.from(ids, String).entries()) {
    if (rowOf.has(id)) throw invalid(name, 'each id once', `"${id}" again`, 'Leave one of the two out.');
    rowOf.set(id, row);
  }
  return Int32Array.from(taskIds, (id) => rowOf.get(id) ?? -1);
}

export default defineComponent({
  kind: 'workerSimulator',
  name: 'model_file',
  summary: 'a model that has answered already: a file of its labels or class probabilities',
  options,
  inject: [T.Dataset, T.Files],
  create: async (options, dataset, files) => {
    const name = basename(options.file).replace(/\.\w+$/, '') || 'model';
    return new ModelFile(name, await read(options, dataset, files), dataset.classes.length);
  },
});
