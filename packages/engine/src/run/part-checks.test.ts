import { describe, expect, it } from 'vitest';
import { QuorateError, type LoadedDataset } from '@quorate/core';
import { awaitPart, callPart, checkDataset, checkWorkers } from './part-checks.js';

const loaded = (change: object = {}, truth: object | null = { classOf: Int32Array.of(0, 1) }): LoadedDataset =>
  ({
    dataset: {
      taskIds: ['a', 'b'],
      classes: ['x', 'y'],
      features: { data: Float32Array.of(1, 2, 3), columns: 1 },
      prototypes: { ids: ['p'], classOf: Int32Array.of(0) },
      ...change,
    },
    truth,
    hash: '',
    description: '',
  }) as LoadedDataset;

describe('what a data set must be', () => {
  it('is accepted as it should be, with or without truth and features', () => {
    checkDataset(loaded(), 'data');
    checkDataset(loaded({ features: null }, null), 'data');
  });

  it.each([
    ['no task', { taskIds: [] }],
    ['one class', { classes: ['x'] }],
    ['a class twice', { classes: ['x', 'x'] }],
    ['a task twice', { taskIds: ['a', 'a'] }],
    ['a prototype of a class that does not exist', { prototypes: { ids: ['p'], classOf: Int32Array.of(2) } }],
    ['features for fewer rows', { features: { data: Float32Array.of(1, 2), columns: 1 } }],
    ['features with NaN', { features: { data: Float32Array.of(1, Number.NaN, 3), columns: 1 } }],
    ['no prototypes member', { prototypes: undefined }],
  ])('is refused with %s', (_, change) => {
    expect(() => checkDataset(loaded(change), 'data')).toThrow(QuorateError);
  });

  it.each([
    ['for fewer tasks', { classOf: Int32Array.of(0) }],
    ['of a class that does not exist', { classOf: Int32Array.of(0, 7) }],
  ])('is refused with truth %s', (_, truth) => {
    expect(() => checkDataset(loaded({}, truth), 'data')).toThrow(QuorateError);
  });
});

it.each([[['a', 'a']], [['a', '']], [['a', 3 as unknown as string]]])('refuses workers %j', (ids) => {
  expect(() => checkWorkers(ids, 'workers')).toThrow(QuorateError);
});

describe('what a part throws', () => {
  const boom = (): never => {
    throw new TypeError('boom');
  };

  it('becomes a fault of that part, at once or awaited', async () => {
    const fault = { code: 'PART_FAILED', detail: { where: 'sampler "s"', got: 'boom' } };
    await expect(awaitPart('sampler "s"', async () => boom())).rejects.toMatchObject(fault);
    await expect(awaitPart('sampler "s"', () => callPart('sampler "s"', boom))).rejects.toMatchObject(fault);
  });

  it('is left alone where it is an error for users already', () => {
    const mine = new QuorateError('DATA_INVALID', { where: 'w', expected: 'e', got: 'g', fix: 'f' });
    expect(() =>
      callPart('source', () => {
        throw mine;
      }),
    ).toThrow(mine);
  });
});
