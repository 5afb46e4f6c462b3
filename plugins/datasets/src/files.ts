import { readFile } from 'node:fs/promises';
import {
  QuorateError,
  T,
  defineComponent,
  splitDataset,
  type Dataset,
  type Files,
  type LoadRequest,
  type LoadedDataset,
  type Rng,
  type Split,
} from '@quorate/core';
import type { Truth } from '@quorate/core/truth';
import { z } from 'zod';
import { assignClasses, quoted, type ClassAssignment } from './class-assignment.js';
import { datasetHash } from './dataset-hash.js';
import { openFeatures, readable } from './feature-file.js';
import { parseLabelFile } from './label-file.js';

const optionsSchema = z.strictObject({
  features: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('path of an .npy matrix, one row a task; null for none'),
  labels: z.string().min(1).describe('path of ids and labels (CSV with the header id,label, or JSON Lines)'),
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
  summary: 'your own features (.npy) and labels (CSV or JSON Lines)',
  options: optionsSchema,
  inject: [T.Files],
  create: (options, where) => ({ load: (request, rng) => load(options, where, request, rng) }),
});

async function load(options: FilesOptions, where: Files, request: LoadRequest, rng: Rng): Promise<LoadedDataset> {
  const { labels: name, features: matrix } = options;
  if (request.featuresNeeded && matrix === null) throw noFeatures(request.neededBy);
  const file = parseLabelFile(name, await readable(name, () => readFile(where.resolve(name))));
  const assignment = assignClasses({
    name,
    file,
    classes: request.classes,
    distractors: options.distractorsPerClass > 0,
    otherClasses: options.otherClasses,
  });
  const opened = matrix === null ? null : await openFeatures(matrix, where.resolve(matrix), file.ids.length, name);
  try {
    const split = splitRows(assignment, file.ids.length, options, rng);
    checkSplit(split, assignment, options, where);
    const idsOf = (rows: Int32Array): string[] => Array.from(rows, (row) => file.ids[row]!);
    const dataset: Dataset = {
      taskIds: idsOf(split.items),
      classes: assignment.classes,
      ...(options.distractorsPerClass > 0 ? { distractorClass: assignment.named } : {}),
      features: opened ? await opened.read([...split.items, ...split.prototypes]) : null,
      prototypes: { ids: idsOf(split.prototypes), classOf: split.prototypeClass },
    };
    const truth = assignment.classOf && { classOf: split.itemClass };
    return { dataset, truth, hash: datasetHash(dataset, truth), description: describe(name, dataset, truth) };
  } finally {
    await opened?.close();
  }
}

/** Without labels every row is an item, in the order of the file, and there are no prototypes. */
function splitRows({ classOf, named }: ClassAssignment, rows: number, options: FilesOptions, rng: Rng): Split {
  if (classOf === null) {
    const none = new Int32Array(0);
    const items = Int32Array.from({ length: rows }, (_, row) => row);
    return { items, prototypes: none, itemClass: none, prototypeClass: none };
  }
  const { prototypesPerClass, distractorsPerClass } = options;
  const itemsPerClass = options.itemsPerClass ?? Infinity;
  return splitDataset({ classOf, classes: named, itemsPerClass, prototypesPerClass, distractorsPerClass }, rng);
}

function checkSplit(split: Split, { classes, classOf }: ClassAssignment, options: FilesOptions, where: Files): void {
  if (split.items.length === 0) {
    throw new QuorateError('DATA_INVALID', {
      where: options.labels,
      expected: 'at least one task to label',
      got: `none besides ${split.prototypes.length} prototypes`,
      fix: 'Give more rows of the classes of the run, or set dataset.prototypesPerClass lower.',
    });
  }
  if (classOf === null) {
    if (options.itemsPerClass !== null) {
      where.note(`${options.labels} has no labels: all rows are tasks, dataset.itemsPerClass does not apply.`);
    }
    return;
  }
  const present = new Set(split.itemClass);
  const empty = classes.filter((_, k) => !present.has(k));
  if (empty.length > 0) {
    const rule = 'rows become prototypes first (dataset.prototypesPerClass)';
    where.note(`${options.labels}: no tasks of ${empty.length} classes (${quoted(empty)}); ${rule}.`);
  }
}

function noFeatures(neededBy: readonly string[]): QuorateError {
  return new QuorateError('DATA_UNAVAILABLE', {
    where: 'dataset.features',
    expected: `an .npy file, needed by ${neededBy.join(', ') || 'a part of the run'}`,
    got: 'none',
    fix: 'Set dataset.features to a matrix with one row for each row of dataset.labels.',
  });
}

function describe(name: string, { taskIds, classes, prototypes, features }: Dataset, truth: Truth | null): string {
  const known = truth ? 'truth known' : 'no truth';
  const columns = features ? `${features.columns} feature columns` : 'no features';
  return `${name}: ${taskIds.length} tasks of ${classes.length} classes, ${prototypes.ids.length} prototypes, ${columns}, ${known}`;
}
