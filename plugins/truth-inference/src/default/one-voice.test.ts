import { expect, it } from 'vitest';
import { oneVoice } from './one-voice.js';

const answers = (start: number[], worker: number[], label: number[]) => ({
  items: start.length - 1,
  workers: 3,
  classes: 2,
  count: worker.length,
  start: Int32Array.from(start),
  worker: Int32Array.from(worker),
  label: Int32Array.from(label),
});

it('keeps the first answer of each worker to each task', () => {
  const one = oneVoice(answers([0, 3, 3, 6], [0, 0, 1, 2, 1, 2], [1, 0, 1, 0, 1, 0]));
  expect([[...one.start], [...one.worker], [...one.label], one.count]).toEqual([
    [0, 2, 2, 4],
    [0, 1, 2, 1],
    [1, 1, 0, 1],
    4,
  ]);
});

it('returns the same answers where nobody repeats', () => {
  const plain = answers([0, 2, 3], [0, 1, 0], [0, 1, 1]);
  expect(oneVoice(plain)).toBe(plain);
});
