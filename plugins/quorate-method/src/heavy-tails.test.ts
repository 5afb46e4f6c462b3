import { makeRng, type Matrix } from '@quorate/core';
import { describe, expect, it } from 'vitest';
import { heavyTails, tamed } from './heavy-tails.js';

/** Rows whose columns are made of normal numbers. */
function matrixOf(rows: number, columns: readonly ((x: number) => number)[]): Matrix {
  const rng = makeRng('tails');
  const data = new Float32Array(rows * columns.length);
  for (let x = 0; x < data.length; x++) data[x] = columns[x % columns.length]!(rng.normal());
  return { data, rows, columns: columns.length };
}

const column = ({ data, columns: D }: Matrix, d: number): number[] =>
  Array.from({ length: data.length / D }, (_, r) => data[r * D + d]!);
const meanOf = (x: readonly number[]): number => x.reduce((a, b) => a + b, 0) / x.length;
const deviation = (x: readonly number[]): number => Math.sqrt(meanOf(x.map((one) => (one - meanOf(x)) ** 2)));

describe('heavy tails', () => {
  const lognormal = (x: number): number => 100 + Math.exp(1.5 * x);
  const features = matrixOf(1500, [(x) => x, lognormal, (x) => 3 * x - 7, (x) => x ** 5, () => 4]);
  const tails = heavyTails(features);

  it('are found where they are, and nowhere else', () => {
    expect([...tails.columns]).toEqual([1, 3]);
  });

  it('are taken in as the definition says, with the standard deviation that was there', () => {
    [...tails.columns].forEach((d, f) => {
      const values = column(features, d);
      const median = [...values].sort((a, b) => a - b)[750]!;
      const spread = meanOf(values.map((x) => Math.abs(x - median)));
      const plain = values.map((x) => Math.sign(x - median) * Math.log(1 + Math.abs(x - median) / spread));
      const got = values.map((x) => tamed(tails, f, x));
      const factor = deviation(values) / deviation(plain);
      got.forEach((one, r) => expect(one / factor).toBeCloseTo(plain[r]!, 9));
      expect(deviation(got)).toBeCloseTo(deviation(values), 6);
    });
  });

  it('keep the order of the rows', () => {
    const values = column(features, 1).sort((a, b) => a - b);
    for (let r = 1; r < values.length; r++)
      expect(tamed(tails, 0, values[r]!)).toBeGreaterThanOrEqual(tamed(tails, 0, values[r - 1]!));
  });

  it('leave a rare yes where it was beside the no, in units of the column', () => {
    const rare = heavyTails(matrixOf(1000, [(x) => (x > 1.7 ? 1 : 0)]));
    expect([...rare.columns]).toEqual([0]);
    expect(tamed(rare, 0, 1) - tamed(rare, 0, 0)).toBeCloseTo(1, 6);
  });

  it('are judged by some of very many rows, and of none there are none', () => {
    const many = heavyTails(matrixOf(50_000, [(x) => x, lognormal]));
    expect([...many.columns]).toEqual([1]);
    expect(heavyTails({ data: new Float32Array(0), rows: 0, columns: 0 }).columns.length).toBe(0);
    expect(heavyTails({ data: Float32Array.of(1, 2), rows: 1, columns: 2 }).columns.length).toBe(0);
  });
});
