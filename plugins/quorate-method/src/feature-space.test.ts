import { makeRng } from '@quorate/core';
import { describe, expect, it } from 'vitest';
import { blobs, plainProducts } from './blobs.fixture.js';
import { componentsFor, prepareSpace } from './feature-space.js';

describe('the number of components', () => {
  it.each([
    [20, 128],
    [384, 128],
    [900, 300],
    [2000, 512],
    [15_000, 512],
    [50_000, 282],
    [125_000, 178],
    [1_000_000, 128],
  ])('of %i rows is %i', (rows, count) => {
    expect(componentsFor(rows)).toBe(count);
  });

  it('is that of the columns where there are no more', async () => {
    const { dataset } = blobs({ items: 450, classes: 2, columns: 140, prototypesPerClass: 1, separation: 1 });
    const options = { components: 'auto', neighbours: 0 } as const;
    const space = await prepareSpace(plainProducts, dataset.features!, 452, options, makeRng(1));
    expect(space.columns).toBe(140);
    expect(space.share).toBeCloseTo(1, 6);
  });
});
