import { makeRng, type Rng } from '@quorate/core';
import { referenceBackend } from '@quorate/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { approximateNeighbours, type Usearch } from './neighbours-approximate.js';
import { nearestNeighbours, type NearestNeighbours } from './neighbours.js';

const backend = referenceBackend();

/** The `k` nearest others of a row, the nearest first. */
function bruteForce(
  points: Float32Array,
  columns: number,
  row: number,
  k = Infinity,
): { index: number; distance: number }[] {
  const distances = new Float32Array(points.length / columns);
  for (let other = 0; other < distances.length; other++) {
    let distance = 0;
    for (let d = 0; d < columns; d++) distance += (points[row * columns + d]! - points[other * columns + d]!) ** 2;
    distances[other] = distance;
  }
  distances[row] = Infinity;
  const farthest = distances.toSorted()[Math.min(k, distances.length) - 1]!;
  const all: { index: number; distance: number }[] = [];
  distances.forEach((distance, index) => {
    if (index !== row && distance <= farthest) all.push({ index, distance });
  });
  return all.sort((a, b) => a.distance - b.distance || a.index - b.index).slice(0, k);
}

/** Points around random centres; `sorted`: one cluster after the other. */
function clusters(rows: number, columns: number, rng: Rng, sorted = false): Float32Array {
  const centres = Array.from({ length: 20 }, () => Float64Array.from({ length: columns }, () => rng.normal()));
  const points = new Float32Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    const centre = centres[sorted ? Math.floor((20 * r) / rows) : rng.int(20)]!;
    for (let d = 0; d < columns; d++) points[r * columns + d] = centre[d]! + 0.7 * rng.normal();
  }
  return points;
}

const exact = (points: Float32Array, columns: number, k: number): Promise<NearestNeighbours> =>
  nearestNeighbours(backend, points, points.length / columns, columns, k, { method: 'exact' }, makeRng(1));

describe('exact neighbours', () => {
  const generated = fc.record({
    rows: fc.integer({ min: 0, max: 60 }),
    columns: fc.integer({ min: 1, max: 6 }),
    k: fc.integer({ min: 0, max: 9 }),
    seed: fc.nat(9999),
    offset: fc.constantFrom(0, 1000),
    unit: fc.constantFrom(1, 1e-15, 1e15),
    ties: fc.boolean(),
  });

  it('are those of brute force, nearest first, the lowest index first among equals', () =>
    fc.assert(
      fc.asyncProperty(generated, async ({ rows, columns, k, seed, offset, unit, ties }) => {
        const rng = makeRng(seed);
        const points = Float32Array.from(
          { length: rows * columns },
          () => unit * (offset + (ties ? rng.int(3) : rng.normal())),
        );
        const { index, distance, k: count } = await exact(points, columns, k);
        expect(count).toBe(Math.max(0, Math.min(k, rows - 1)));
        for (let row = 0; row < rows; row++) {
          const nearest = bruteForce(points, columns, row);
          const got = Array.from({ length: count }, (_, x) => ({
            index: index[row * count + x]!,
            distance: distance[row * count + x]!,
          }));
          expect(got.map((one) => one.distance)).toEqual(nearest.slice(0, count).map((one) => one.distance));
          // Each at its own distance, and in order among equals.
          const place = got.map((one) => nearest.findIndex(({ index }) => index === one.index));
          expect(place.map((at) => nearest[at]!.distance)).toEqual(got.map((one) => one.distance));
          expect(place).toEqual([...place].sort((a, b) => a - b));
          expect(new Set(place).size).toBe(count);
        }
      }),
      { seed: 1, numRuns: 150 },
    ));

  it('are the lowest indices where all points are one', async () => {
    for (const value of [0, 0.1, -3e30]) {
      const { index, distance } = await exact(new Float32Array(1300 * 3).fill(value), 3, 4);
      expect([...index.subarray(0, 12)]).toEqual([1, 2, 3, 4, 0, 2, 3, 4, 0, 1, 3, 4]);
      expect([...index.subarray(4 * 1299)]).toEqual([0, 1, 2, 3]);
      expect(distance.every((x) => x === 0)).toBe(true);
    }
  });

  it('are found across blocks of rows and columns, in whatever order the points come', async () => {
    const line = Float32Array.from({ length: 2500 }, (_, x) => (x * 1.5) ** 1.01);
    for (const points of [line, line.slice().reverse(), clusters(1100, 2, makeRng(3))]) {
      const columns = points.length === 2500 ? 1 : 2;
      const { index, k } = await exact(points, columns, 3);
      for (const row of [0, 1, 511, 512, 1023, 1024, 1025, points.length / columns - 1]) {
        const nearest = bruteForce(points, columns, row, 3);
        expect([...index.subarray(row * k, (row + 1) * k)]).toEqual(nearest.map((one) => one.index));
      }
    }
  });
});

/** Share of the true 20 nearest that were found, over every 29th row. */
function recall(points: Float32Array, columns: number, { index, k }: NearestNeighbours): number {
  let [hits, all] = [0, 0];
  for (let row = 0; row < points.length / columns; row += 29) {
    const found = new Set(index.subarray(row * k, (row + 1) * k));
    for (const { index: other } of bruteForce(points, columns, row, k)) hits += Number(found.has(other));
    all += k;
  }
  return hits / all;
}

const approximate = (points: Float32Array, columns: number, k: number, seed = 1): Promise<NearestNeighbours> =>
  nearestNeighbours(backend, points, points.length / columns, columns, k, { method: 'approximate' }, makeRng(seed));

describe('approximate neighbours', () => {
  it.each([false, true])('have a recall of 0.9 at least, k = 20, 64 columns, sorted: %s', async (sorted) => {
    const points = clusters(4000, 64, makeRng(2), sorted);
    const found = await approximate(points, 64, 20);
    expect(found).toMatchObject({ k: 20, method: 'approximate' });
    expect(recall(points, 64, found)).toBeGreaterThan(0.9);
  });

  it('come with their distances, nearest first, each once, without the row itself', async () => {
    const points = clusters(700, 5, makeRng(3));
    const { index, distance, k } = await approximate(points, 5, 6);
    for (let row = 0; row < 700; row++) {
      const found = index.subarray(row * k, (row + 1) * k);
      expect(new Set(found).size).toBe(k);
      expect(found.includes(row)).toBe(false);
      const all = bruteForce(points, 5, row);
      const own = [...found].map((other) => all.find(({ index }) => index === other)!);
      expect([...distance.subarray(row * k, (row + 1) * k)]).toEqual(own.map((one) => one.distance));
      expect(own).toEqual([...own].sort((a, b) => a.distance - b.distance || a.index - b.index));
    }
  });

  it('are the same bytes with 1, 2 and 4 threads, and again', async () => {
    const points = clusters(3000, 16, makeRng(4));
    const usearch = (await import('usearch')) as unknown as Usearch;
    const matrix = { data: points, rows: 3000, columns: 16 };
    const results = [];
    for (const threads of [1, 2, 4, 2]) {
      const into = { index: new Int32Array(3000 * 7), distance: new Float32Array(3000 * 7) };
      const short = await approximateNeighbours(usearch, matrix, 7, threads, makeRng(1), into);
      results.push({ short, ...into });
    }
    for (const result of results) expect(result).toEqual(results[0]);
  });

  it('are complete where many points are one, and of few points', async () => {
    const same = new Float32Array(2600).fill(1.5);
    const { index, distance } = await approximate(same, 1, 5);
    expect(distance.every((x) => x === 0)).toBe(true);
    for (let row = 0; row < 2600; row++) {
      const found = new Set(index.subarray(row * 5, (row + 1) * 5));
      expect(found.size).toBe(5);
      expect(found.has(row)).toBe(false);
    }
    for (const rows of [1, 2, 3, 501]) {
      const points = clusters(rows, 3, makeRng(rows));
      const few = await approximate(points, 3, 4);
      if (rows < 10) expect(few).toEqual({ ...(await exact(points, 3, 4)), method: 'approximate' });
      expect(few.index.length).toBe(rows * Math.min(4, rows - 1));
    }
  });
});

describe('the choice of the method', () => {
  it('is exact up to 30,000 rows, and beyond where usearch is missing', async () => {
    const missing = (): Promise<unknown> => Promise.reject(new Error('Cannot find package'));
    const method = async (rows: number, given: 'auto' | 'exact', load = missing) =>
      (await nearestNeighbours(backend, new Float32Array(rows), rows, 1, 0, { method: given }, makeRng(1), load))
        .method;
    expect(await method(30_000, 'auto', () => import('usearch'))).toBe('exact');
    expect(await method(30_001, 'auto', () => import('usearch'))).toBe('approximate');
    expect(await method(30_001, 'auto')).toBe('exact');
    expect(await method(30_001, 'exact', () => import('usearch'))).toBe('exact');
    const forced = { method: 'approximate' } as const;
    await expect(
      nearestNeighbours(backend, new Float32Array(9), 3, 3, 1, forced, makeRng(1), missing),
    ).rejects.toMatchObject({
      code: 'PART_MISSING',
      message: expect.stringContaining('npm install usearch') as string,
    });
  });

  it('is approximate beyond, with few lost', async () => {
    const points = clusters(30_001, 4, makeRng(6));
    const found = await nearestNeighbours(backend, points, 30_001, 4, 5, {}, makeRng(1));
    expect(found.method).toBe('approximate');
    let hits = 0;
    for (let row = 0; row < 30_001; row += 1000) {
      const got = new Set(found.index.subarray(row * 5, (row + 1) * 5));
      for (const { index } of bruteForce(points, 4, row, 5)) hits += Number(got.has(index));
    }
    expect(hits / (31 * 5)).toBeGreaterThan(0.9);
  });
});
