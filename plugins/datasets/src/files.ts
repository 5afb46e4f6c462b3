import {
  QuorateError,
  T,
  defineComponent,
  type ClassLabel,
  type Dataset,
  type Files,
  type LoadRequest,
  type LoadedDataset,
  type Rng,
} from '@quorate/core';
import type { Truth } from '@quorate/core/truth';
import { invalid, openTable } from '@quorate/tables';
import { z } from 'zod';
import { assignClasses, quoted, type ClassAssignment } from './class-assignment.js';
import { columnsOption, givenColumns, type GivenColumns } from './columns.js';
import { datasetHash } from './dataset-hash.js';
import { openFeatures } from './feature-file.js';
import { readLabels, shown, type LabelFile } from './label-file.js';
import { assignRoles, type Roles } from './roles.js';

const optionsSchema = z.strictObject({
  features: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe(
      'path of the features: .npy, .npz, HDF5, Parquet, Arrow, CSV or JSON Lines, one row per task; null for none',
    ),
  featureColumns: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
    .nullable()
    .default(null)
    .describe(
      'columns of a table of features ("emb_*": all that begin so), or the array of a file with several; null to find out',
    ),
  labels: z
    .string()
    .min(1)
    .describe('path of the ids and, where they are known, labels: CSV, JSON Lines, Parquet or Arrow'),
  columns: columnsOption,
  prototypes: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe(
      'path of ids and labels of the rows whose label is given from the start; null: drawn, or a column says it',
    ),
  itemsPerClass: z.int().min(1).nullable().default(null).describe('most tasks of each class; null for all'),
  prototypesPerClass: z.int().min(0).default(10).describe('rows of each class whose label is given from the start'),
  distractorsPerClass: z
    .int()
    .min(0)
    .default(0)
    .describe('tasks of the class "other" for each class, out of the rows whose label is not in classes'),
  otherClasses: z
    .enum(['error', 'ignore'])
    .default('error')
    .describe('what to do with a row whose label is not in classes, without distractors'),
});
type FilesOptions = z.output<typeof optionsSchema>;

/** Features and labels out of the user's files. */
export const files = defineComponent({
  kind: 'datasetSource',
  name: 'files',
  summary: 'your own data: features (.npy, HDF5, Parquet, ...) and ids with or without labels (CSV, JSON Lines, ...)',
  options: optionsSchema,
  inject: [T.Files],
  create: (options, where) => ({ load: (request, rng) => load(options, where, request, rng) }),
});

async function load(options: FilesOptions, where: Files, request: LoadRequest, rng: Rng): Promise<LoadedDataset> {
  const { labels: name, features: matrix } = options;
  if (request.featuresNeeded && matrix === null) throw noFeatures(request.neededBy);
  const read = await labelsIn(name, where, givenColumns(options.columns), request.classes);
  const { file, seeds } = await withPrototypes(read, options, where, request.classes);
  const assignment = assignClasses({
    name,
    file,
    classes: request.classes,
    distractors: options.distractorsPerClass > 0,
    otherClasses: options.otherClasses,
  });
  const note = (message: string): void => where.note(message);
  const { featureColumns } = options;
  const wanted = typeof featureColumns === 'string' ? [featureColumns] : featureColumns;
  const opened =
    matrix === null
      ? null
      : await openFeatures({ name: matrix, path: where.resolve(matrix), wanted, labelsName: name, labels: file, note });
  try {
    const truthNeeded = request.truthNeeded ?? false;
    const roles = assignRoles({ name, file, assignment, seeds, options, truthNeeded, note }, rng);
    checkRoles(roles, assignment, options, where);
    const idsOf = (rows: Int32Array): string[] => Array.from(rows, (row) => file.ids[row]!);
    const dataset: Dataset = {
      taskIds: idsOf(roles.items),
      classes: assignment.classes,
      ...(options.distractorsPerClass > 0 ? { distractorClass: assignment.named } : {}),
      features: opened ? await opened.read([...roles.items, ...roles.prototypes]) : null,
      prototypes: { ids: idsOf(roles.prototypes), classOf: roles.prototypeClass },
    };
    const truth = roles.truthKnown ? { classOf: roles.itemClass } : null;
    return { dataset, truth, hash: datasetHash(dataset, truth), description: describe(name, dataset, truth) };
  } finally {
    await opened?.close();
  }
}

async function labelsIn(
  name: string,
  where: Files,
  { named, header }: GivenColumns,
  classes: readonly ClassLabel[] | null,
): Promise<LabelFile> {
  const note = (message: string): void => where.note(message);
  const opened = await openTable({ name, path: where.resolve(name), header, note });
  try {
    const file = await readLabels(opened.table, { named, classes });
    for (const message of file.notes) note(message);
    return file;
  } finally {
    await opened.close();
  }
}

/** Marks the prototypes that the user names, in a column or in a file of their own, and takes their labels over. */
async function withPrototypes(
  file: LabelFile,
  { prototypes: name, labels: labelsName }: FilesOptions,
  where: Files,
  classes: readonly ClassLabel[] | null,
): Promise<{ readonly file: LabelFile; readonly seeds: Uint8Array | null }> {
  if (name === null) return { file, seeds: checkedSeeds(file, file.prototype) };
  const given = await labelsIn(name, where, { named: {}, header: null }, classes);
  const rowOf = new Map(file.ids.map((id, row) => [id, row]));
  const labels = file.labels?.slice() ?? new Array<ClassLabel | null>(file.ids.length).fill(null);
  const seeds = new Uint8Array(file.ids.length);
  for (const [at, id] of given.ids.entries()) {
    const row = rowOf.get(id);
    if (row === undefined) {
      throw invalid(given.place(at), `an id of ${labelsName}`, JSON.stringify(id), 'Correct the id, or add the row.');
    }
    const label = given.labels?.[at] ?? labels[row] ?? null;
    const own = labels[row] ?? null;
    if (own !== null && label !== null && String(own) !== String(label)) {
      throw invalid(
        given.place(at),
        `the label of ${file.place(row)}, ${shown(own)}`,
        shown(label),
        'Correct one of them.',
      );
    }
    labels[row] = own ?? label;
    seeds[row] = 1;
  }
  const marked = { ...file, labels };
  return { file: marked, seeds: checkedSeeds(marked, seeds) };
}

/** A prototype is a row whose class is known. */
function checkedSeeds(file: LabelFile, seeds: Uint8Array | null): Uint8Array | null {
  const row = seeds?.findIndex((marked, at) => marked === 1 && (file.labels?.[at] ?? null) === null) ?? -1;
  if (row < 0) return seeds;
  throw invalid(file.place(row), 'a label, since the row is a prototype', 'none', 'Label it, or make it no prototype.');
}

function checkRoles(roles: Roles, { classes }: ClassAssignment, options: FilesOptions, where: Files): void {
  if (roles.items.length === 0) {
    throw new QuorateError('DATA_INVALID', {
      where: options.labels,
      expected: 'at least one task to label',
      got: `none besides ${roles.prototypes.length} prototypes`,
      fix: 'Give more rows of the classes of the run, or set dataset.prototypesPerClass lower.',
    });
  }
  if (!roles.truthKnown) return;
  const present = new Set(roles.itemClass);
  const empty = classes.filter((_, k) => !present.has(k));
  if (empty.length > 0) {
    const rule = 'rows become prototypes first (dataset.prototypesPerClass)';
    where.note(`${options.labels}: no tasks of ${empty.length} classes (${quoted(empty)}); ${rule}.`);
  }
}

function noFeatures(neededBy: readonly string[]): QuorateError {
  return new QuorateError('DATA_UNAVAILABLE', {
    where: 'dataset.features',
    expected: `a file of features, needed by ${neededBy.join(', ') || 'a part of the run'}`,
    got: 'none',
    fix: 'Set dataset.features to a file with a row for each row of dataset.labels, or learner.use=none to do without.',
  });
}

function describe(name: string, { taskIds, classes, prototypes, features }: Dataset, truth: Truth | null): string {
  const known = truth ? 'truth known' : 'truth not known';
  const columns = features ? `${features.columns} feature columns` : 'no features';
  return `${name}: ${taskIds.length} tasks of ${classes.length} classes, ${prototypes.ids.length} prototypes, ${columns}, ${known}`;
}
