import { describe, expect, it } from 'vitest';
import { chanceOfRight } from './majority-baseline.js';

describe('the expected accuracy of a majority vote', () => {
  it.each([
    [[1, 1, 1], 1, 1],
    [[1, 0, 1], 1, 1],
    [[1, 0, 1], 0, 0],
    [[0, 1, 2], 1, 1 / 3],
    [[0, 1, 2], 3, 0],
    [[2, 2, 0], 3, 0],
    [[0, 1], 0, 1 / 2],
  ])('votes %j, truth %i: %f', (votes, truth, chance) => {
    expect(chanceOfRight(Int32Array.from(votes), truth, 4)).toBeCloseTo(chance, 12);
  });

  it('is a distribution over the possible truths', () => {
    for (let x = 0; x < 64; x++) {
      const votes = Int32Array.of(x & 3, (x >> 2) & 3, x >> 4);
      const sum = [0, 1, 2, 3].reduce((all, k) => all + chanceOfRight(votes, k, 4), 0);
      expect(sum).toBeCloseTo(1, 12);
    }
  });
});
