import {
  QuorateError,
  defineComponent,
  fallingSizes,
  type ClassLabel,
  type Dataset,
  type LoadRequest,
  type LoadedDataset,
  type Rng,
} from '@quorate/core';
import { z } from 'zod';
import { datasetHash } from './dataset-hash.js';
import { decayingDeviations, gaussianRows, groupedMeans } from './gaussian-classes.js';

const optionsSchema = z.strictObject({
  classes: z.int().min(2).default(10).describe('number of classes, where the run has no list of classes'),
  itemsPerClass: z.int().min(1).default(200).describe('tasks of each class'),
  prototypesPerClass: z.int().min(0).default(10).describe('further rows of each class, whose class is given'),
  imbalance: z
    .number()
    .min(1)
    .default(1)
    .describe('tasks of the first class for each of the last; the classes between fall in equal proportions'),
  distractorsPerClass: z.int().min(0).default(0).describe('tasks of the class "other" for each class'),
  columns: z.int().min(1).default(64).describe('feature columns'),
  separation: z
    .number()
    .min(0)
    .default(3)
    .describe('distance of two classes of one group, in standard deviations within a class; other groups: twice that'),
  groups: z.int().min(1).default(3).describe('groups of classes that are near each other; at most one for each class'),
});

/** Normal classes in groups: features without any file, every difficulty, the truth known. */
export const synthetic = defineComponent({
  kind: 'datasetSource',
  name: 'synthetic',
  summary: 'generated features of classes in groups; no file needed',
  options: optionsSchema,
  create: (options) => ({ load: (request, rng) => generate(options, request, rng) }),
});

function generate(options: z.output<typeof optionsSchema>, request: LoadRequest, rng: Rng): LoadedDataset {
  const { itemsPerClass, prototypesPerClass, distractorsPerClass, columns, separation, imbalance } = options;
  const named = request.classes ?? Array.from({ length: options.classes }, (_, k) => `class-${k}`);
  const K = named.length;
  const distractors = distractorsPerClass > 0;
  const classes = distractors ? [...named, 'other'] : named;
  checkNames(classes);
  const groups = Math.min(options.groups, K);
  const means = groupedMeans({ classes: K, columns, separation, groups }, rng.fork('means'));
  // Every distractor is of one of K further classes, which lie in groups of their own making.
  const otherMeans = groupedMeans({ classes: K, columns, separation, groups }, rng.fork('other-means'));
  const allMeans = new Float64Array([...means, ...otherMeans]);
  const deviations = decayingDeviations(columns);
  const kinds = (sizes: readonly number[], others: number, stream: Rng): Int32Array =>
    Int32Array.from([
      ...sizes.flatMap((size, k) => Array<number>(size).fill(k)),
      ...Array.from({ length: others }, () => K + stream.int(K)),
    ]);
  const itemKind = kinds(fallingSizes(K, itemsPerClass, imbalance), K * distractorsPerClass, rng.fork('other-items'));
  const prototypeKind = kinds(
    Array<number>(K).fill(prototypesPerClass),
    distractorsPerClass,
    rng.fork('other-prototypes'),
  );
  const data = new Float32Array((itemKind.length + prototypeKind.length) * columns);
  data.set(gaussianRows(allMeans, deviations, itemKind, rng.fork('items')));
  data.set(gaussianRows(allMeans, deviations, prototypeKind, rng.fork('prototypes')), itemKind.length * columns);
  const dataset: Dataset = {
    taskIds: Array.from(itemKind, (_, i) => `task-${String(i).padStart(5, '0')}`),
    classes,
    ...(distractors ? { distractorClass: K } : {}),
    features: { data, columns },
    prototypes: {
      ids: Array.from(prototypeKind, (_, p) => `prototype-${String(p).padStart(5, '0')}`),
      classOf: prototypeKind.map((kind) => Math.min(kind, K)),
    },
  };
  const truth = { classOf: itemKind.map((kind) => Math.min(kind, K)) };
  const size = `${itemKind.length} tasks of ${classes.length} classes, ${prototypeKind.length} prototypes`;
  const description = `synthetic: ${size}, ${columns} feature columns, separation ${separation}`;
  return { dataset, truth, hash: datasetHash(dataset, truth), description };
}

function checkNames(classes: readonly ClassLabel[]): void {
  const different = new Set(classes.map(String)).size;
  if (classes.length >= 2 && different === classes.length) return;
  throw new QuorateError('DATA_INVALID', {
    where: 'classes',
    expected: 'two or more class names, all different',
    got: `${classes.length}, of which ${different} are different`,
    fix: 'Name every class once; "other" is the name of the distractors\' class.',
  });
}
