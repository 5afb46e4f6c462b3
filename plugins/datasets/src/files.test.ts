import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import {
  QuorateError,
  makeRng,
  type ClassLabel,
  type DatasetSource,
  type Files,
  type LoadedDataset,
} from '@quorate/core';
import { buildComponent, describeDatasetSource, type Make } from '@quorate/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { files } from './files.js';

let folder = '';
const notes: string[] = [];
const where: Files = {
  resolve: (path) => resolve(folder, path),
  locate: () => undefined,
  get cacheDir() {
    return folder;
  },
  note: (message) => void notes.push(message),
};

/** An `.npy` file of version 1. */
function npy(
  rows: number,
  columns: number,
  value: (row: number, column: number) => number,
  more: Partial<Layout> = {},
) {
  const { descr = '<f4', fortran = false } = more;
  const order = fortran ? 'True' : 'False';
  const text = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': (${rows}, ${columns}), }`.padEnd(117) + '\n';
  const header = Buffer.from(`\x93NUMPY\x01\x00v\x00${text}`, 'latin1');
  const values = Array.from({ length: rows * columns }, (_, x) =>
    fortran ? value(x % rows, Math.floor(x / rows)) : value(Math.floor(x / columns), x % columns),
  );
  const data = descr === '<f4' ? Float32Array.from(values) : Float64Array.from(values);
  return Buffer.concat([header, new Uint8Array(data.buffer)]);
}
interface Layout {
  readonly descr: string;
  readonly fortran: boolean;
}

const cell = (row: number, column: number): number => row + column / 8;
const ROWS = 60;
const rowOf = (id: string): number => Number(id.slice(1));
/** Class of a row: `a`, `b`, `c`, and every tenth `z`. */
const labelOf = (row: number): string => (row % 10 === 9 ? 'z' : 'abc'[row % 3]!);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quorate-files-'));
  const lines = (label: (row: number) => string, rows = ROWS): string =>
    ['id,label', ...Array.from({ length: rows }, (_, row) => `t${row},${label(row)}`)].join('\n');
  const bad = npy(ROWS, 3, (row, column) => (row === 41 && column === 2 ? NaN : cell(row, column)));
  const contents: Record<string, string | Buffer> = {
    'labels.csv': lines(labelOf),
    'none.csv': lines(() => ''),
    'one.csv': lines(() => 'a'),
    'short.csv': lines(labelOf, ROWS - 1),
    'empty.csv': '',
    'x.npy': npy(ROWS, 3, cell),
    'x8.npy': npy(ROWS, 3, cell, { descr: '<f8' }),
    'xf.npy': npy(ROWS, 3, cell, { fortran: true }),
    'xf8.npy': npy(ROWS, 3, cell, { fortran: true, descr: '<f8' }),
    'nan.npy': bad,
    'infinite.npy': npy(ROWS, 3, (row) => (row === 5 ? 1e300 : row), { descr: '<f8' }),
    'truncated.npy': npy(ROWS, 3, cell).subarray(0, 300),
    'empty.npy': '',
    'text.npy': 'id,label',
  };
  for (const [name, content] of Object.entries(contents)) await writeFile(join(folder, name), content);
});
afterAll(() => rm(folder, { recursive: true }));

async function load(
  options: object,
  classes: ClassLabel[] | null = null,
  needed = false,
  truthNeeded = false,
): Promise<LoadedDataset> {
  const source = files.create!(files.options.parse(options), where) as DatasetSource;
  const neededBy = needed ? ['learner "mlp"'] : [];
  return source.load({ classes, featuresNeeded: needed, neededBy, truthNeeded }, makeRng(3));
}
async function refusal(promise: Promise<unknown>): Promise<QuorateError> {
  const thrown: unknown = await promise.then(
    () => 'nothing was refused',
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(QuorateError);
  return thrown as QuorateError;
}

describe('dataset.use=files', () => {
  it.each(['x.npy', 'x8.npy', 'xf.npy', 'xf8.npy'])('gives every task its own row and class (%s)', async (features) => {
    const { dataset, truth } = await load({ features, labels: 'labels.csv', prototypesPerClass: 2 });
    const { taskIds, classes, prototypes } = dataset;
    expect(classes).toEqual(['a', 'b', 'c', 'z']);
    expect(prototypes.ids).toHaveLength(8);
    expect(new Set([...taskIds, ...prototypes.ids]).size).toBe(ROWS);
    const classOf = [...truth!.classOf, ...prototypes.classOf];
    for (const [at, id] of [...taskIds, ...prototypes.ids].entries()) {
      const row = rowOf(id);
      expect(classes[classOf[at]!]).toBe(labelOf(row));
      expect([...dataset.features!.data.subarray(at * 3, at * 3 + 3)]).toEqual([0, 1, 2].map((c) => cell(row, c)));
    }
  });

  it('gives the same data from every layout of the file, and another hash for another stream', async () => {
    const hashes = await Promise.all(
      ['x.npy', 'xf8.npy'].map(async (features) => (await load({ features, labels: 'labels.csv' })).hash),
    );
    expect(hashes[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(hashes[1]).toBe(hashes[0]);
    expect((await load({ labels: 'labels.csv' })).hash).not.toBe(hashes[0]);
  });

  it('takes distractors out of the rows of other classes', async () => {
    const options = { labels: 'labels.csv', itemsPerClass: 4, prototypesPerClass: 1, distractorsPerClass: 1 };
    const { dataset, truth } = await load(options, ['c', 'a']);
    expect(dataset.classes).toEqual(['c', 'a', 'other']);
    expect([...truth!.classOf]).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2, 2]);
    for (const [i, id] of dataset.taskIds.entries()) {
      expect(labelOf(rowOf(id))).toMatch([/c/, /a/, /b|z/][truth!.classOf[i]!]!);
    }
  });

  it('reads only the rows that it takes: a NaN elsewhere does no harm', async () => {
    const options = { features: 'nan.npy', labels: 'labels.csv', otherClasses: 'ignore' };
    const { dataset } = await load(options, ['a', 'b']);
    expect(labelOf(41)).toBe('c');
    expect(dataset.features!.data.every(Number.isFinite)).toBe(true);
  });

  it('makes every row a task, in order, where there are no labels', async () => {
    notes.length = 0;
    const loaded = await load({ features: 'x.npy', labels: 'none.csv', itemsPerClass: 3 }, ['a', 'b'], true);
    expect(loaded.truth).toBe(null);
    expect(loaded.dataset.taskIds.map(rowOf)).toEqual([...Array(ROWS).keys()]);
    expect(loaded.dataset.prototypes.ids).toEqual([]);
    expect(notes).toEqual([
      expect.stringMatching(/itemsPerClass does not apply/),
      expect.stringMatching(/nothing is known of any task yet/),
    ]);
  });

  describe('with labels of some rows only', () => {
    const partly = (row: number): string => (row < 12 ? labelOf(row) : '');
    beforeAll(async () => {
      const rows = [...Array(ROWS).keys()];
      const csv = (head: string, line: (row: number) => string): string => [head, ...rows.map(line)].join('\n');
      await writeFile(
        join(folder, 'partly.csv'),
        csv('id,label', (row) => `t${row},${partly(row)}`),
      );
      await writeFile(
        join(folder, 'ids.csv'),
        csv('id', (row) => `t${row}`),
      );
      await writeFile(join(folder, 'seeds.csv'), 'id,label\nt3,a\nt4,b\nt5,c\n');
      await writeFile(
        join(folder, 'column.csv'),
        csv('id,label,prototype', (row) => `t${row},${labelOf(row)},${row < 4 ? 1 : 0}`),
      );
      // The same tasks in another order, with their ids.
      await writeFile(
        join(folder, 'backwards.csv'),
        csv('id,f0,f1', (row) => `t${ROWS - 1 - row},${ROWS - 1 - row},7`),
      );
      await writeFile(
        join(folder, 'others.csv'),
        csv('id,f0,f1', (row) => `x${row},1,2`),
      );
    });

    it('makes the labelled rows prototypes, the others tasks of unknown truth', async () => {
      notes.length = 0;
      const { dataset, truth, description } = await load({ labels: 'partly.csv', features: 'x.npy' });
      expect(truth).toBe(null);
      expect(dataset.classes).toEqual(['a', 'b', 'c', 'z']);
      expect(dataset.taskIds.map(rowOf)).toEqual([...Array(ROWS).keys()].slice(12));
      expect(dataset.prototypes.ids).toHaveLength(12);
      for (const [p, id] of dataset.prototypes.ids.entries()) {
        expect(dataset.classes[dataset.prototypes.classOf[p]!]).toBe(labelOf(rowOf(id)));
        const at = 3 * (dataset.taskIds.length + p);
        expect(dataset.features!.data[at]).toBe(cell(rowOf(id), 0));
      }
      expect(notes).toEqual([
        expect.stringMatching(/12 rows whose label is given are prototypes, the 48 others are tasks/),
      ]);
      expect(description).toMatch(/truth not known/);
    });

    it('leaves the others out where the truth is needed, and says so', async () => {
      notes.length = 0;
      const { dataset, truth } = await load({ labels: 'partly.csv', prototypesPerClass: 1 }, null, false, true);
      expect(truth!.classOf).toHaveLength(dataset.taskIds.length);
      expect(dataset.taskIds.length + dataset.prototypes.ids.length).toBe(12);
      expect(notes[0]).toMatch(/48 of 60 rows have no label and are left out: workers are simulated/);
    });

    it('takes prototypes out of a file of their own', async () => {
      const { dataset, truth } = await load({ labels: 'ids.csv', prototypes: 'seeds.csv' }, null, false, true);
      expect(dataset.prototypes.ids).toEqual(['t3', 't4', 't5']);
      expect([dataset.classes, [...dataset.prototypes.classOf]]).toEqual([
        ['a', 'b', 'c'],
        [0, 1, 2],
      ]);
      expect([truth, dataset.taskIds.length]).toEqual([null, ROWS - 3]);
      const whole = await load({ labels: 'labels.csv', prototypes: 'seeds.csv' });
      expect(whole.dataset.prototypes.ids).toEqual(['t3', 't4', 't5']);
      expect(whole.truth!.classOf).toHaveLength(ROWS - 3);
    });

    it('takes prototypes out of a column', async () => {
      const { dataset, truth } = await load({ labels: 'column.csv' });
      expect(dataset.prototypes.ids.map(rowOf).sort()).toEqual([0, 1, 2, 3]);
      expect(truth!.classOf).toHaveLength(ROWS - 4);
    });

    it('joins features to labels by their ids, where both have them', async () => {
      const { dataset } = await load({ labels: 'labels.csv', features: 'backwards.csv' });
      const ids = [...dataset.taskIds, ...dataset.prototypes.ids];
      expect(ids.map((_, at) => dataset.features!.data[2 * at])).toEqual(ids.map(rowOf));
      const error = await refusal(load({ labels: 'labels.csv', features: 'others.csv' }));
      expect(error.message).toMatch(/none for 60 of 60 \("t0", "t1", "t2"/);
    });

    it.each([
      [
        'a prototype that is no row',
        'id,label\nt99,a\nt1,b\n',
        'labels.csv',
        /wrong\.csv:2.*an id of labels\.csv.*"t99"/,
      ],
      ['a prototype of another class', 'id,label\nt0,b\nt1,b\n', 'labels.csv', /wrong\.csv:2.*labels\.csv:2, "a".*"b"/],
      ['a prototype without a label', 'id\nt0\n', 'ids.csv', /ids\.csv:2.*a label, since the row is a prototype/],
    ])('refuses %s', async (_, content, labels, message) => {
      await writeFile(join(folder, 'wrong.csv'), content);
      expect((await refusal(load({ labels, prototypes: 'wrong.csv' }, ['a', 'b']))).message).toMatch(message);
    });
  });

  it('takes fewer where there are fewer, and says which classes have no tasks', async () => {
    notes.length = 0;
    const { dataset } = await load({ labels: 'labels.csv', prototypesPerClass: 6 }, ['a', 'b', 'c', 'z', 'y']);
    expect(dataset.prototypes.ids).toHaveLength(24);
    expect(notes).toEqual([expect.stringMatching(/no tasks of 2 classes \("z", "y"\)/)]);
  });

  it.each<[string, object, string, RegExp]>([
    ['no label file', { labels: 'nowhere.csv' }, 'nowhere.csv', /no such file/],
    ['a folder for labels', { labels: '.' }, '.', /a folder/],
    ['an empty label file', { labels: 'empty.csv' }, 'empty.csv', /an empty file/],
    ['one class', { labels: 'one.csv' }, 'one.csv', /two classes/],
    ['no tasks', { labels: 'labels.csv', prototypesPerClass: 99 }, 'labels.csv', /none besides 60 prototypes/],
    ['no feature file', { features: 'nowhere.npy' }, 'nowhere.npy', /no such file/],
    ['a folder for features', { features: '.' }, '.', /a folder/],
    ['more features than labels', { features: 'x.npy', labels: 'short.csv' }, 'x.npy', /59 rows.*got 60 rows/],
    ['a truncated .npy', { features: 'truncated.npy' }, 'truncated.npy', /300 bytes/],
    ['an empty .npy', { features: 'empty.npy' }, 'empty.npy', /an empty file/],
    ['another file', { features: 'text.npy' }, 'text.npy', /no rows|no columns|columns of numbers|rows of features/],
    ['a NaN', { features: 'nan.npy' }, 'nan.npy', /NaN in row 41, column 2/],
    ['an infinite value', { features: 'infinite.npy' }, 'infinite.npy', /infinite.*row 5, column 0/],
  ])('refuses %s in one line', async (_, options, place, message) => {
    const error = await refusal(load({ labels: 'labels.csv', ...options }));
    expect(error.code).toBe('DATA_INVALID');
    expect(error.detail.where).toBe(place);
    expect(error.message).toMatch(message);
    expect(error.message).not.toMatch(/\n/);
  });

  it('refuses a run that needs features where no file is named', async () => {
    const error = await refusal(load({ labels: 'labels.csv' }, null, true));
    expect(error.code).toBe('DATA_UNAVAILABLE');
    expect(error.message).toMatch(/learner "mlp".*dataset\.features/);
  });
});

const make = (options: Readonly<Record<string, unknown>>): Make<DatasetSource> =>
  buildComponent<DatasetSource>(files, { options, setup: { files: where } });
describeDatasetSource(
  'files with features',
  make({ features: 'xf8.npy', labels: 'labels.csv', prototypesPerClass: 2 }),
);
describeDatasetSource('files with labels only', make({ labels: 'labels.csv', itemsPerClass: 4 }));
describeDatasetSource('files without truth', make({ features: 'x.npy', labels: 'none.csv' }), { classes: ['a', 'b'] });
