import { makeRng } from '@quorate/core';
import { describe, expect, it } from 'vitest';
import { principalComponents } from './principal-components.js';

/** Rows that vary along three orthogonal directions of 6 columns, by 9, 4 and 1, around a mean. */
function rowsOf(n: number): Float32Array {
  const rng = makeRng(4);
  const rows = new Float32Array(n * 6);
  for (let i = 0; i < n; i++) {
    const [a, b, c] = [9 * rng.normal(), 4 * rng.normal(), rng.normal()];
    rows.set([a + b + 5, a - b, c, c, 7, b], i * 6);
  }
  return rows;
}
const distance = (x: Float32Array, columns: number, i: number, j: number): number => {
  let sum = 0;
  for (let c = 0; c < columns; c++) sum += (x[i * columns + c]! - x[j * columns + c]!) ** 2;
  return Math.sqrt(sum);
};

describe('principal components', () => {
  it('keep the proportions of distances where they hold all the variance', () => {
    const rows = rowsOf(300);
    const projected = principalComponents(rows, 6, 3, makeRng(1));
    const factor = distance(projected, 3, 0, 1) / distance(rows, 6, 0, 1);
    for (let i = 2; i < 100; i++) {
      expect(distance(projected, 3, i, 1) / distance(rows, 6, i, 1)).toBeCloseTo(factor, 4);
    }
  });

  it('are the leading ones, with mean 0, variance 1 on average, and uncorrelated', () => {
    const rows = rowsOf(500);
    const full = principalComponents(rows, 6, 3, makeRng(1));
    const projected = principalComponents(rows, 6, 2, makeRng(1));
    const moment = (a: number, b: number): number => {
      let sum = 0;
      for (let i = 0; i < 500; i++) sum += projected[i * 2 + a]! * projected[i * 2 + b]!;
      return sum / 500;
    };
    for (const c of [0, 1]) {
      let sum = 0;
      for (let i = 0; i < 500; i++) sum += projected[i * 2 + c]!;
      expect(sum / 500).toBeCloseTo(0, 4);
    }
    expect((moment(0, 0) + moment(1, 1)) / 2).toBeCloseTo(1, 4);
    expect(Math.abs(moment(0, 1))).toBeLessThan(0.05);
    expect(moment(0, 0)).toBeGreaterThan(3 * moment(1, 1));
    // Without the third, weakest direction hardly anything changes.
    const factor = distance(projected, 2, 0, 1) / distance(full, 3, 0, 1);
    expect(distance(projected, 2, 2, 3) / distance(full, 3, 2, 3)).toBeCloseTo(factor, 1);
  });

  it('survive constant rows', () => {
    expect([...principalComponents(new Float32Array(20).fill(3), 5, 2, makeRng(1))]).toEqual(Array(8).fill(0));
  });
});
