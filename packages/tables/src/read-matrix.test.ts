import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isQuorateError, makeRng } from '@quorate/core';
import { afterAll, describe, expect, it } from 'vitest';
import { openMatrix, type MatrixRequest } from './read-matrix.js';

const fixtures = fileURLToPath(new URL('../fixtures/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'quorate-tables-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const request = (name: string, options: Partial<MatrixRequest> = {}): MatrixRequest => ({
  name,
  path: join(fixtures, name),
  wanted: null,
  note: () => undefined,
  ...options,
});

/** Everything in a file, its last row first. */
async function read(given: MatrixRequest) {
  const matrix = await openMatrix(given);
  try {
    const order = Array.from({ length: matrix.rows }, (_, r) => matrix.rows - 1 - r);
    const { data, columns } = await matrix.read(order);
    return {
      rows: order.map((_, r) => Array.from(data.subarray(r * columns, (r + 1) * columns))),
      ids: matrix.ids,
      what: matrix.what,
    };
  } finally {
    await matrix.close();
  }
}

const written = (name: string, content: string | Uint8Array): MatrixRequest => {
  writeFileSync(join(folder, name), content);
  return request(name, { path: join(folder, name) });
};

const features = [3, 2, 1, 0].map((r) => [0, 1, 2].map((c) => r - 1 + c / 4));

describe('a matrix is read out of what NumPy, pandas, Arrow and h5py write', () => {
  it.each([
    ['one.npz', null, null],
    ['two.npz', null, null],
    ['both.npz', 'train', null],
    ['wide.parquet', null, 'abcd'],
    ['lists.parquet', null, 'abcd'],
    ['wide.feather', null, 'abcd'],
    ['fixed-zstd.feather', null, 'abcd'],
    ['half.feather', null, 'abcd'],
    ['stream.arrow', null, 'abcd'],
    ['one.h5', null, null],
    ['two.h5', 'train/x', null],
    ['pandas.csv', null, 'abcd'],
    ['numbered.csv', null, null],
    ['blanks.txt', null, null],
    ['commas.txt', null, null],
    ['semicolons.csv', null, 'abcd'],
    ['texts.csv', null, 'abcd'],
    ['arrays.tsv', null, 'abcd'],
    ['lists.jsonl', null, 'abcd'],
    ['lists.json', null, 'abcd'],
    ['wide.csv.gz', null, 'abcd'],
    ['wide.csv.gz', 'f*', 'abcd'],
  ])('%s %s', async (name, wanted, ids) => {
    const got = await read(request(name, { wanted: wanted === null ? null : [wanted] }));
    expect(got.rows).toEqual(features);
    expect(got.ids && Array.from(got.ids).join('')).toBe(ids);
  });

  it('takes big-endian whole numbers of HDF5, and columns in the order in which they are named', async () => {
    const { rows } = await read(request('two.h5', { wanted: ['test/x'] }));
    expect(rows[0]).toEqual([3, 4, 5]);
    const { rows: two } = await read(request('wide.parquet', { wanted: ['f2', 'f0'] }));
    expect(two[0]).toEqual([2.5, 2]);
  });

  it('takes an ending for nothing: the file itself says what it is', async () => {
    const misnamed = written('features.npy', readFileSync(join(fixtures, 'wide.parquet')));
    expect((await read(misnamed)).rows).toEqual(features);
  });
});

describe('what is not clear or not numbers is refused with a true reason and what to do', () => {
  const refusal = (given: MatrixRequest): Promise<string> => read(given).then(String, String);

  it.each([
    ['both.npz', null, /"train" \(4 × 3\), "test" \(4 × 3\).*dataset\.featureColumns/],
    ['both.npz', 'tran', /an array "tran", got the arrays "train", "test"/],
    ['objects.npz', null, /Python objects.*numpy\.load\('objects\.npz', allow_pickle=True\)\['x'\]/],
    ['two.h5', null, /test\/x \(4 × 3\).*train\/x \(4 × 3\)/],
    ['wide.parquet', 'g*', /a column "g\*"/],
  ])('%s %s', async (name, wanted, reason) => {
    expect(await refusal(request(name, { wanted: wanted === null ? null : [wanted] }))).toMatch(reason);
  });

  it.each<[string, string | readonly number[], RegExp]>([
    ['empty.npy', '', /an empty file/],
    ['torch.pt', [0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c], /a pickle, which only Python can load/],
    ['photo.jpg', [0xff, 0xd8, 0xff, 0xe0, 0, 16, 74, 70], /an image.*quorate features/],
    ['names.csv', 'id,name\na,x\nb,y\n', /columns of numbers.*the columns "id", "name"/],
    ['hole.csv', 'id,f0,f1\na,1,2\nb,,4\n', /hole\.csv:3, column "f0": expected a number/],
    ['two-lists.jsonl', '{"a":[1,2],"b":[3]}\n', /one column of lists of numbers, got "a", "b"/],
    [
      'ragged.jsonl',
      '{"id":"x","e":[1,2]}\n{"id":"y","e":[1,2,3]}\n',
      /ragged\.jsonl:2.*2 numbers, as in the first row, got 3/,
    ],
    ['nan.csv', 'id,f0\na,1\nb,nan\n', /NaN in row 1, column 0/],
    ['short.csv', 'id,f0,f1\na,1,2\nb,3\n', /short\.csv:3: expected 3 fields/],
  ])('%s', async (name, content, reason) => {
    const bytes = typeof content === 'string' ? content : Uint8Array.from(content);
    expect(await refusal(written(name, bytes))).toMatch(reason);
  });

  it('names a file that is not there, and a folder', async () => {
    expect(await refusal(request('nowhere.npy'))).toMatch(/nowhere\.npy.*no such file.*Correct the path/);
    expect(await refusal(request('.', { path: folder }))).toMatch(/a folder/);
  });
});

it.each([
  'one.npz',
  'wide.parquet',
  'lists.parquet',
  'wide.feather',
  'stream.arrow',
  'one.h5',
  'pandas.csv',
  'lists.jsonl',
])('damaged copies of %s are read or refused, never a fault of the program', async (name) => {
  const rng = makeRng(name);
  const whole = readFileSync(join(fixtures, name));
  for (let copy = 0; copy < 60; copy++) {
    const cut = copy % 3 === 0 ? whole.subarray(0, rng.int(whole.length)) : whole;
    const bytes = Uint8Array.from(cut);
    for (let change = 0; change < copy % 4 && bytes.length > 0; change++) bytes[rng.int(bytes.length)] = rng.int(256);
    try {
      const { rows } = await read(written('damaged', bytes));
      expect(rows.flat().every(Number.isFinite)).toBe(true);
    } catch (thrown) {
      if (!isQuorateError(thrown)) throw thrown;
      expect(thrown.code).toBe('DATA_INVALID');
    }
  }
});
