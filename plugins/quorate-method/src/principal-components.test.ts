import { makeRng, type Matrix } from '@quorate/core';
import { symmetricEigen } from '@quorate/core/numbers';
import { referenceBackend } from '@quorate/testkit';
import { describe, expect, it } from 'vitest';
import { heavyTails, tamed } from './heavy-tails.js';
import { principalComponents } from './principal-components.js';

const backend = referenceBackend();
const rng = makeRng('principal components');

/** Rows Σ_f scale_f · normal · direction_f + noise · normal + offset, over random directions. */
function lowRank(rows: number, columns: number, scales: readonly number[], noise: number, offset = 0): Matrix {
  const directions = scales.map(() => Float64Array.from({ length: columns }, () => rng.normal() / Math.sqrt(columns)));
  const data = new Float32Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    const factors = scales.map((scale) => scale * rng.normal());
    for (let d = 0; d < columns; d++) {
      let x = offset + noise * rng.normal();
      factors.forEach((factor, f) => (x += factor * directions[f]![d]!));
      data[r * columns + d] = x;
    }
  }
  return { data, rows, columns };
}

/** Scores of the exact components in float64, out of the eigenvectors of the n×n matrix of inner products, unscaled. */
function exactScores({ data, rows, columns }: Matrix, count: number): number[][] {
  const mean = Float64Array.from({ length: columns }, (_, d) => {
    let sum = 0;
    for (let r = 0; r < rows; r++) sum += data[r * columns + d]!;
    return sum / rows;
  });
  const inner = new Float64Array(rows * rows);
  for (let r = 0; r < rows; r++) {
    for (let s = 0; s <= r; s++) {
      let sum = 0;
      for (let d = 0; d < columns; d++)
        sum += (data[r * columns + d]! - mean[d]!) * (data[s * columns + d]! - mean[d]!);
      inner[r * rows + s] = sum;
    }
  }
  const { values, vectors } = symmetricEigen(inner, rows);
  return Array.from({ length: count }, (_, j) =>
    Array.from(vectors.subarray(j * rows, (j + 1) * rows), (u) => u * Math.sqrt(Math.max(0, values[j]!))),
  );
}

const column = (data: Float32Array, columns: number, c: number): number[] =>
  Array.from({ length: data.length / columns }, (_, r) => data[r * columns + c]!);
const dot = (x: readonly number[], y: readonly number[]): number => x.reduce((sum, v, i) => sum + v * y[i]!, 0);
const cosine = (x: readonly number[], y: readonly number[]): number => dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y));
const meanVariance = (data: Float32Array): number => data.reduce((sum, x) => sum + x * x, 0) / data.length;

describe('principalComponents', () => {
  it('take in the heavy tails of columns first', async () => {
    const plain = lowRank(400, 6, [9, 8, 7], 0.5);
    const heavy = {
      ...plain,
      data: plain.data.map((x, at) => (at % 6 === 2 ? x ** 3 : x)),
    };
    const tails = heavyTails(heavy);
    expect([...tails.columns]).toEqual([2]);
    const taken: Matrix = { ...plain, data: heavy.data.map((x, at) => (at % 6 === 2 ? tamed(tails, 0, x) : x)) };
    expect(heavyTails(taken).columns.length).toBe(0);
    const got = await principalComponents(backend, heavy, 3, makeRng(1));
    const want = await principalComponents(backend, taken, 3, makeRng(1));
    got.projected.forEach((x, at) => expect(x).toBeCloseTo(want.projected[at]!, 3));
  });

  it.each([
    ['of the exact covariance', lowRank(90, 12, [5, 4, 3, 2.2, 1.5], 0.1)],
    ['of features far from zero', lowRank(90, 12, [5, 4, 3, 2.2, 1.5], 0.1, 500)],
    ['of more features than rows', lowRank(20, 60, [5, 4, 3, 2.2, 1.5], 0.01)],
    ['of a randomised subspace', lowRank(70, 600, [50, 40, 30, 22, 15], 0.1)],
  ])('are those %s, in proportion, with mean variance 1', async (_, features) => {
    const count = 4;
    const { projected, columns, share } = await principalComponents(backend, features, count, makeRng(1));
    expect(columns).toBe(count);
    const all = exactScores(features, Math.min(features.rows, features.columns));
    const want = all.slice(0, count);
    const squares = all.map((scores) => dot(scores, scores));
    const sumOf = (list: readonly number[]): number => list.reduce((sum, x) => sum + x, 0);
    expect(share).toBeCloseTo(sumOf(squares.slice(0, count)) / sumOf(squares), 4);
    const first = column(projected, columns, 0);
    for (let c = 0; c < count; c++) {
      const got = column(projected, columns, c);
      expect(Math.abs(cosine(got, want[c]!))).toBeGreaterThan(1 - 1e-4);
      expect(dot(got, got) / dot(first, first)).toBeCloseTo(dot(want[c]!, want[c]!) / dot(want[0]!, want[0]!), 3);
    }
    expect(meanVariance(projected)).toBeCloseTo(1, 4);
  });

  it('find a subspace of slowly falling variances within a few degrees', async () => {
    const scales = Array.from({ length: 30 }, (_, f) => 20 * 0.9 ** f);
    const features = lowRank(120, 700, scales, 0.2);
    const { projected, columns } = await principalComponents(backend, features, 16, makeRng(2));
    const got = Array.from({ length: columns }, (_, c) => column(projected, columns, c));
    const want = exactScores(features, 16);
    // cos² of the angles between the spans: eigenvalues of MᵀM, M the inner products of orthonormal bases.
    const M = got.map((x) => want.map((y) => cosine(x, y)));
    const MM = M.flatMap((x) => M.map((y) => dot(x, y)));
    const smallest = symmetricEigen(MM, 16).values[15]!;
    expect(Math.acos(Math.sqrt(Math.min(1, smallest))) * (180 / Math.PI)).toBeLessThan(8);
  });

  it('keep all distances, times one number, where no component is left out', async () => {
    const features = lowRank(40, 6, [3, 2, 1], 0.5, 10);
    const { projected, columns } = await principalComponents(backend, features, 99, makeRng(1));
    expect(columns).toBe(6);
    const distance = (x: Float32Array, a: number, b: number): number =>
      Math.hypot(...Array.from({ length: 6 }, (_, d) => x[a * 6 + d]! - x[b * 6 + d]!));
    const factor = distance(projected, 0, 1) / distance(features.data, 0, 1);
    for (let r = 2; r < 40; r++) {
      expect(distance(projected, r, r - 1)).toBeCloseTo(factor * distance(features.data, r, r - 1), 4);
    }
  });

  it('are as many as the rank', async () => {
    const rank = async (features: Matrix): Promise<number> =>
      (await principalComponents(backend, features, 50, makeRng(3))).columns;
    expect(await rank(lowRank(60, 30, [3, 2, 1], 0))).toBe(3);
    expect(await rank(lowRank(60, 600, [3, 2, 1], 0))).toBe(3);
    expect(await rank(lowRank(5, 30, [3, 2, 1], 0.5))).toBe(4);
    expect(await rank(lowRank(5, 600, [3, 2, 1], 0.5))).toBe(4);
    expect(await rank(lowRank(60, 1, [3], 0))).toBe(1);
  });

  it('are one column of zeros where nothing varies', async () => {
    for (const [rows, columns] of [
      [7, 5],
      [7, 600],
      [1, 5],
      [1, 1],
      [1, 600],
    ] as const) {
      const data = new Float32Array(rows * columns).map((_, x) => 3 + (x % columns) / 7);
      const got = await principalComponents(backend, { data, rows, columns }, 4, makeRng(1));
      expect(got).toEqual({ projected: new Float32Array(rows), columns: 1, share: 1 });
    }
    const none = { data: new Float32Array(0), rows: 0, columns: 3 };
    expect(await principalComponents(backend, none, 4, makeRng(1))).toEqual({
      projected: new Float32Array(0),
      columns: 1,
      share: 1,
    });
  });

  it('ignore constant columns and the unit of all features, however large or small', async () => {
    const features = lowRank(30, 3, [3, 2, 1], 0.5);
    const { projected } = await principalComponents(backend, features, 3, makeRng(1));
    for (const unit of [1e36, 1e-30, 1]) {
      const wide = new Float32Array(30 * 5).map((_, x) =>
        x % 5 < 3 ? unit * features.data[3 * Math.floor(x / 5) + (x % 5)]! : unit,
      );
      const got = await principalComponents(backend, { data: wide, rows: 30, columns: 5 }, 4, makeRng(1));
      expect(got.columns).toBe(3);
      got.projected.forEach((x, at) => expect(x).toBeCloseTo(projected[at]!, 3));
    }
  });

  it('have a fixed sign, and the same bytes for the same stream', async () => {
    const features = lowRank(50, 600, [9, 8, 7], 0.1);
    const once = await principalComponents(backend, features, 3, makeRng(5));
    expect(await principalComponents(backend, features, 3, makeRng(5))).toEqual(once);
    const other = await principalComponents(backend, features, 3, makeRng(6));
    other.projected.forEach((x, at) => expect(x).toBeCloseTo(once.projected[at]!, 2));
    // The feature that dominates a component grows with it.
    const line = { data: Float32Array.of(1, -5, 2, -10, 3, -15), rows: 3, columns: 2 };
    const { projected } = await principalComponents(backend, line, 2, makeRng(1));
    expect(projected[0]).toBeGreaterThan(projected[1]!);
  });

  it('go over rows of more than one block, and leave them as they were', async () => {
    const rows = 2 ** 21 + 1000;
    const data = new Float32Array(2 * rows);
    for (let r = 0; r < rows; r++) {
      const t = (r % 1001) - 500;
      data[2 * r] = 3 * t;
      data[2 * r + 1] = 4 * t + (r % 2);
    }
    const before = data.slice();
    const { projected, columns } = await principalComponents(backend, { data, rows, columns: 2 }, 1, makeRng(1));
    expect(columns).toBe(1);
    const first = projected[0]!;
    expect(first).toBeCloseTo(-Math.sqrt(3), 1);
    let worst = 0;
    for (let r = 0; r < rows; r++) {
      worst = Math.max(worst, Math.abs(projected[r]! - (first * ((r % 1001) - 500)) / -500));
    }
    expect(worst).toBeLessThan(0.01);
    expect(data.every((x, at) => x === before[at])).toBe(true);
  });
});
