import { createHash } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  QuorateError,
  T,
  defineComponent,
  messageOf,
  nearest,
  splitDataset,
  type ClassLabel,
  type DatasetSource,
  type Features,
  type Files,
  type LoadRequest,
  type LoadedDataset,
  type Rng,
  type Split,
} from '@quorate/core';
import { readNpyHeader, readNpyRows } from '@quorate/core/bytes';
import { z } from 'zod';
import { classNames, imagenet100 } from './classes.js';
import { paperImageList, parseImageList, type ImageList } from './image-list.js';

/** The name under which `T.Files` looks for the files. */
const DATA = 'imagenet-sandbox';
const LABELS = 'train_labeled.txt';
const FEATURES = 'features/byol_r50-e3b0c442.pth_feat1.npy';
const FEATURES_ADDRESS =
  'http://www.cs.toronto.edu/~andrew/research/cvpr2021-good_practices/data/byol_r50-e3b0c442.pth_feat1.npy';
const LIST_ADDRESS = 'https://github.com/fidler-lab/efficient-annotation-cookbook';
/** Name of the distractors' class. */
const OTHER = 'other';

const options = z.strictObject({
  path: z
    .string()
    .nullable()
    .default(null)
    .describe('folder of the two files; null: below QUORATE_DATA_DIR or in the cache'),
  labels: z.string().default(LABELS).describe('file with one image path <wnid>/<file> a line'),
  features: z.string().default(FEATURES).describe('.npy of float32 or float64, one row for each line of the labels'),
  itemsPerClass: z.int().min(1).nullable().default(null).describe('at most so many items of each class; null: all'),
  prototypesPerClass: z.int().min(0).default(10).describe('images of each class whose label is known from the start'),
  distractorsPerClass: z
    .int()
    .min(0)
    .default(0)
    .describe('K times as many images of other classes become items of one more class, `other`'),
});
type Options = z.output<typeof options>;

/** The images of the paper, their classes, and their features where a part of the run needs them. */
export const imagenet = defineComponent({
  kind: 'datasetSource',
  name: 'imagenet',
  summary: 'images of the 100 ImageNet classes of the paper, with BYOL features where they are needed',
  options,
  inject: [T.Files],
  create: (given, files): DatasetSource => ({ load: (request, rng) => load(given, files, request, rng) }),
});

async function load(given: Options, files: Files, request: LoadRequest, rng: Rng): Promise<LoadedDataset> {
  const missing = [given.labels, given.features].filter((name) => locate(given.path, name, files) === null);
  if (request.featuresNeeded && missing.length > 0) throw unavailable(missing, request.neededBy);
  const listFile = locate(given.path, given.labels, files);
  const list = listFile === null ? null : await readList(listFile, given.labels, given.path);
  if (list === null) {
    files.note(
      `${given.labels} is not there and no part needs features, so the images are the paper's by number only: ` +
        `true classes with made-up ids.`,
    );
  }
  const images = list ?? paperImageList();
  const wanted = request.classes ?? imagenet100;
  const split = splitDataset(
    {
      classOf: classesOf(images, wanted, listFile ?? 'the published counts'),
      classes: wanted.length,
      itemsPerClass: given.itemsPerClass ?? Infinity,
      prototypesPerClass: given.prototypesPerClass,
      distractorsPerClass: given.distractorsPerClass,
    },
    rng,
  );
  const classes = given.distractorsPerClass > 0 ? [...wanted, OTHER] : [...wanted];
  check(split, wanted.length, classes.length, given);
  const features = request.featuresNeeded ? await readFeatures(given, files, request, split, images.ids.length) : null;
  const prototypes = {
    ids: Array.from(split.prototypes, (row) => images.ids[row]!),
    classOf: split.prototypeClass,
  };
  const taskIds = Array.from(split.items, (row) => images.ids[row]!);
  return {
    dataset: {
      taskIds,
      classes,
      ...(given.distractorsPerClass > 0 ? { distractorClass: wanted.length } : {}),
      features,
      prototypes,
    },
    truth: { classOf: split.itemClass },
    hash: hashOf(classes, [...taskIds, ...prototypes.ids], split, features),
    description: describe(classes, split, features, list === null),
  };
}

/** Where a file is: below the user's folder if there is one, else where published data is kept; null when nowhere. */
function locate(path: string | null, file: string, files: Files): string | null {
  return path === null ? (files.locate(DATA, file) ?? null) : join(files.resolve(path), file);
}

async function readList(file: string, name: string, path: string | null): Promise<ImageList> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (thrown) {
    throw unreadable(file, name, path, thrown);
  }
  return parseImageList(text, file);
}

/** Class of every row, -1 for a row of another class. */
function classesOf(images: ImageList, wanted: readonly ClassLabel[], where: string): Int32Array {
  const index = new Map(wanted.map((name, k) => [String(name), k]));
  const classOf = Int32Array.from(images.wnids, (wnid) => index.get(wnid) ?? -1);
  const found = new Set(classOf);
  const lost = wanted.findIndex((_, k) => !found.has(k));
  if (lost < 0) return classOf;
  const name = String(wanted[lost]!);
  const near = nearest(name, new Set(images.wnids));
  throw new QuorateError('DATA_INVALID', {
    where: `classes, item ${lost}`,
    expected: `a WordNet id that ${where} has images of`,
    got: `"${name}"`,
    fix: near === undefined ? 'Choose one of the imagenet experiments, or another dataset.' : `Did you mean "${near}"?`,
  });
}

function check(split: Split, K: number, classes: number, { prototypesPerClass, distractorsPerClass }: Options): void {
  const refused = (where: string, expected: string, got: string, fix: string): QuorateError =>
    new QuorateError('DATA_INVALID', { where, expected, got, fix });
  if (classes < 2) {
    throw refused('classes', 'at least two classes', String(classes), 'Add a class, or choose an experiment.');
  }
  if (distractorsPerClass > 0 && split.itemClass.at(-1) !== K) {
    const fix = 'Set it to 0, or leave some classes out.';
    throw refused('dataset.distractorsPerClass', 'images of classes that the run is not about', 'none', fix);
  }
  if (split.items.length === 0) {
    const got = `none beside ${prototypesPerClass} prototypes of each class`;
    throw refused('dataset', 'at least one item', got, 'Lower dataset.prototypesPerClass.');
  }
}

/** Reads the rows of the items, then those of the prototypes. */
async function readFeatures(
  given: Options,
  files: Files,
  request: LoadRequest,
  { items, prototypes }: Split,
  images: number,
): Promise<Features> {
  const path = locate(given.path, given.features, files)!;
  const handle = await open(path).catch((thrown: unknown) => {
    throw unreadable(path, given.features, given.path, thrown);
  });
  try {
    const file = {
      name: path,
      bytes: (await handle.stat()).size,
      read: async (position: number, into: Uint8Array) => (await handle.read(into, 0, into.length, position)).bytesRead,
    };
    const header = await readNpyHeader(file);
    if (header.rows !== images) {
      throw new QuorateError('DATA_INVALID', {
        where: path,
        expected: `${images} rows, one for each line of ${given.labels}`,
        got: String(header.rows),
        fix: 'Take both files from one source.',
      });
    }
    const rows = new Int32Array(items.length + prototypes.length);
    rows.set(items);
    rows.set(prototypes, items.length);
    return { data: await readNpyRows(file, header, rows), columns: header.columns };
  } finally {
    await handle.close();
  }
}

function unreadable(file: string, name: string, path: string | null, cause: unknown): QuorateError {
  return new QuorateError('DATA_INVALID', {
    where: file,
    expected: 'a file that can be read',
    got: messageOf(cause),
    fix: `${path === null ? 'Put it there.' : 'Correct dataset.path.'} ${source(name)}`.trim(),
    cause,
  });
}

function unavailable(names: readonly string[], neededBy: readonly string[]): QuorateError {
  return new QuorateError('DATA_UNAVAILABLE', {
    where: 'dataset.use=imagenet',
    expected: `${names.join(' and ')}, since features are needed${neededBy.length > 0 ? ` by ${neededBy.join(', ')}` : ''}`,
    got: names.length === 1 ? 'no such file' : 'neither file',
    fix:
      names.map((name) => `${source(name)} `).join('') +
      `Keep ${names.length === 1 ? 'it' : 'them'} below QUORATE_DATA_DIR, in ${DATA}/, or set dataset.path to the folder.`,
  });
}

/** How to get a published file: a sentence; nothing for a file of the user's own. */
function source(name: string): string {
  if (name === FEATURES)
    return `curl -L --create-dirs -o ${DATA}/${name} ${FEATURES_ADDRESS} gets the features (1 GB).`;
  return name === LABELS ? `${name} comes with the original program, ${LIST_ADDRESS}.` : '';
}

/** SHA-256 over classes, ids, their classes and the bytes of the features. */
function hashOf(
  classes: readonly ClassLabel[],
  ids: readonly string[],
  split: Split,
  features: Features | null,
): string {
  const hash = createHash('sha256').update(JSON.stringify([classes, ids, features?.columns ?? 0]));
  for (const array of [split.itemClass, split.prototypeClass, features?.data]) {
    if (array) hash.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  }
  return hash.digest('hex');
}

function describe(classes: readonly ClassLabel[], split: Split, features: Features | null, byNumber: boolean): string {
  const some = classes.slice(0, 3).map((name) => classNames.get(String(name)) ?? String(name));
  const listed = some.join(', ') + (classes.length > some.length ? ', ...' : '');
  const what = features === null ? 'labels only' : `${features.columns} features`;
  return (
    `ImageNet: ${split.items.length} images of ${classes.length} classes (${listed}), ` +
    `${split.prototypes.length} prototypes, ${what}${byNumber ? ", the paper's numbers of images" : ''}`
  );
}
