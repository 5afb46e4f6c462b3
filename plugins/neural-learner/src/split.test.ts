import type { Dataset } from '@quorate/core';
import { describe, expect, it } from 'vitest';
import { usualMinimum } from './split.js';

const dataset = (perClass: readonly number[]): Dataset => {
  const classOf = Int32Array.from(perClass.flatMap((count, k) => new Array<number>(count).fill(k)));
  const ids = Array.from(classOf, (_, p) => `p${p}`);
  return { taskIds: ['t'], classes: perClass.map((_, k) => k), features: null, prototypes: { ids, classOf } };
};

describe('the least number of validation examples of a class', () => {
  it.each([
    ['ten prototypes a class, as published', [10, 10, 10], 5],
    ['three', [3, 3, 3], 1],
    ['one', [1, 1, 1], 0],
    ['a class with few images', [10, 10, 4], 5],
    ['many distractors', [10, 10, 10, 100], 5],
    ['none', [0, 0, 0], 5],
    ['most classes without any', [0, 0, 7], 5],
  ])('%s', (_, perClass, want) => {
    expect(usualMinimum(dataset(perClass))).toBe(want);
  });
});
