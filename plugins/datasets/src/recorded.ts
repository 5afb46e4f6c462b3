import {
  QuorateError,
  T,
  defineComponent,
  type AnswerFiles,
  type ClassLabel,
  type Dataset,
  type Files,
  type LoadRequest,
  type LoadedDataset,
  type Rng,
} from '@quorate/core';
import type { Truth } from '@quorate/core/truth';
import { openTable } from '@quorate/tables';
import { z } from 'zod';
import { sortedLabels } from './class-assignment.js';
import { datasetHash } from './dataset-hash.js';
import { openFeatures, type FeatureFile } from './feature-file.js';
import { readLabels } from './label-file.js';

const optionsSchema = z.strictObject({
  file: z
    .string()
    .min(1)
    .describe('answers of people, in any format that "quorate aggregate" reads: their tasks are the tasks'),
  format: z.string().min(1).nullable().default(null).describe('format of the answers; null: told by their content'),
  columns: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('what the columns of the answers are; null: told by the header'),
  gold: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('file with the known class of some tasks or all; null: none'),
  features: z.string().min(1).nullable().default(null).describe('features of the tasks (.npy, ...); null: none'),
  rows: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('file with the id of each row of the features; null: the .csv of the same name'),
  prototypesPerClass: z
    .int()
    .min(0)
    .nullable()
    .default(null)
    .describe(
      'gold tasks of each class that are given from the start; null: 10 with features, but at most half of them, else none',
    ),
});
type RecordedOptions = z.output<typeof optionsSchema>;

/** With features, unless the user says otherwise. */
const PROTOTYPES = 10;

/** Tasks that people have answered already, with the gold and the features that there are. */
export const recorded = defineComponent({
  kind: 'datasetSource',
  name: 'recorded',
  summary: 'tasks of recorded answers, with gold of some or all, and features where there are any',
  options: optionsSchema,
  inject: [T.Files, T.AnswerFiles],
  create: (options, where, answers) => ({ load: (request, rng) => load(options, where, answers, request, rng) }),
});

async function load(
  options: RecordedOptions,
  where: Files,
  answers: AnswerFiles,
  request: LoadRequest,
  rng: Rng,
): Promise<LoadedDataset> {
  const { file, format, columns } = options;
  if (request.featuresNeeded && options.features === null) throw noFeatures(request.neededBy);
  const table = await answers.read({ file, format, options: columns === null ? {} : { columns } });
  const gold = await goldOf(options, table, answers);
  const opened = await openRows(options, where);
  try {
    const ids = opened?.ids ?? table.taskIds;
    const classes = request.classes ?? sortedLabels([...table.classes, ...gold.values()]);
    const numberOf = new Map(classes.map((label, k) => [String(label), k]));
    const known = Int32Array.from(ids, (id) => numberOf.get(String(gold.get(id))) ?? -1);
    const prototypes = drawPrototypes(known, classes.length, options, rng);
    const chosen = new Set(prototypes);
    const items = Int32Array.from(ids.keys()).filter((row) => !chosen.has(row));
    const idsOf = (rows: Int32Array): string[] => Array.from(rows, (row) => ids[row]!);
    const classOf = (rows: Int32Array): Int32Array => rows.map((row) => known[row]!);
    const dataset: Dataset = {
      taskIds: idsOf(items),
      classes,
      features: opened ? await opened.features.read([...items, ...prototypes]) : null,
      prototypes: { ids: idsOf(prototypes), classOf: classOf(prototypes) },
    };
    const truth: Truth | null = classOf(items).some((k) => k >= 0) ? { classOf: classOf(items) } : null;
    return { dataset, truth, hash: datasetHash(dataset, truth), description: describe(file, dataset, truth) };
  } finally {
    await opened?.features.close();
  }
}

async function goldOf(
  { gold }: RecordedOptions,
  table: Awaited<ReturnType<AnswerFiles['read']>>,
  answers: AnswerFiles,
): Promise<ReadonlyMap<string, ClassLabel>> {
  if (gold !== null) return answers.readGold({ file: gold });
  const known = new Map<string, ClassLabel>();
  table.gold?.forEach((k, i) => k >= 0 && known.set(table.taskIds[i]!, table.classes[k]!));
  return known;
}

async function openRows(
  { features, rows }: RecordedOptions,
  where: Files,
): Promise<{ ids: readonly string[]; features: FeatureFile } | null> {
  if (features === null) return null;
  const name = rows ?? features.replace(/\.[^./\\]+$/, '.csv');
  const note = (message: string): void => where.note(message);
  const opened = await openTable({ name, path: where.resolve(name), header: null, note });
  try {
    const labels = await readLabels(opened.table, { named: {}, classes: null });
    const file = await openFeatures({
      name: features,
      path: where.resolve(features),
      wanted: null,
      labelsName: name,
      labels,
      note,
    });
    return { ids: labels.ids, features: file };
  } finally {
    await opened.close();
  }
}

/** Rows of the prototypes, class by class. */
function drawPrototypes(
  known: Int32Array,
  classes: number,
  { features, prototypesPerClass }: RecordedOptions,
  rng: Rng,
): Int32Array {
  const drawn: number[] = [];
  for (let k = 0; k < classes; k++) {
    const rows = [...known.keys()].filter((row) => known[row] === k);
    const usual = features === null ? 0 : Math.min(PROTOTYPES, Math.floor(rows.length / 2));
    const order = rng.permutation(rows.length);
    for (const x of order.subarray(0, prototypesPerClass ?? usual)) drawn.push(rows[x]!);
  }
  return Int32Array.from(drawn);
}

function noFeatures(neededBy: readonly string[]): QuorateError {
  return new QuorateError('DATA_UNAVAILABLE', {
    where: 'dataset.features',
    expected: `features, needed by ${neededBy.join(', ') || 'a part of the run'}`,
    got: 'none',
    fix: 'Give the features of the tasks (--features of quorate replay), or set learner.use=none.',
  });
}

function describe(name: string, { taskIds, classes, prototypes, features }: Dataset, truth: Truth | null): string {
  const known = truth?.classOf.filter((k) => k >= 0).length ?? 0;
  const gold = known === 0 ? 'no gold' : known === taskIds.length ? 'gold of all' : `gold of ${known}`;
  const columns = features ? `${features.columns} feature columns` : 'no features';
  return `${name}: ${taskIds.length} tasks of ${classes.length} classes, ${prototypes.ids.length} prototypes, ${columns}, ${gold}`;
}
