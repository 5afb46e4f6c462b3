import { makeRng, type Rng } from '@quorate/core';
import { referenceBackend } from '@quorate/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearestNeighbours, type Neighbours } from './neighbours.js';

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
function clusters(rows: number, columns: number, rng: Rng, sorted = false, noise = 0.7): Float32Array {
  const centres = Array.from({ length: 20 }, () => Float64Array.from({ length: columns }, () => rng.normal()));
  const points = new Float32Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    const centre = centres[sorted ? Math.floor((20 * r) / rows) : rng.int(20)]!;
    for (let d = 0; d < columns; d++) points[r * columns + d] = centre[d]! + noise * rng.normal();
  }
  return points;
}

const nearest = (data: Float32Array, columns: number, k: number): Promise<Neighbours> =>
  nearestNeighbours(backend, { data, rows: data.length / columns, columns }, k, makeRng(1));

describe('the nearest neighbours', () => {
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
        const { index, distance, k: count } = await nearest(points, columns, k);
        expect(count).toBe(Math.max(0, Math.min(k, rows - 1)));
        for (let row = 0; row < rows; row++) {
          const all = bruteForce(points, columns, row);
          const got = Array.from({ length: count }, (_, x) => ({
            index: index[row * count + x]!,
            distance: distance[row * count + x]!,
          }));
          expect(got.map((one) => one.distance)).toEqual(all.slice(0, count).map((one) => one.distance));
          // Each at its own distance, and in order among equals.
          const place = got.map((one) => all.findIndex(({ index }) => index === one.index));
          expect(place.map((at) => all[at]!.distance)).toEqual(got.map((one) => one.distance));
          expect(place).toEqual([...place].sort((a, b) => a - b));
          expect(new Set(place).size).toBe(count);
        }
      }),
      { seed: 1, numRuns: 150 },
    ));

  it('are the lowest indices where all points are one', async () => {
    for (const value of [0, 0.1, -3e30]) {
      const { index, distance } = await nearest(new Float32Array(1300 * 3).fill(value), 3, 4);
      expect([...index.subarray(0, 12)]).toEqual([1, 2, 3, 4, 0, 2, 3, 4, 0, 1, 3, 4]);
      expect([...index.subarray(4 * 1299)]).toEqual([0, 1, 2, 3]);
      expect(distance.every((x) => x === 0)).toBe(true);
    }
  });

  it('are found across blocks of rows and columns, in whatever order the points come', async () => {
    const line = Float32Array.from({ length: 2500 }, (_, x) => (x * 1.5) ** 1.01);
    const clouds = [false, true].map((sorted) => clusters(2600, 3, makeRng(3), sorted));
    for (const points of [line, line.slice().reverse(), ...clouds]) {
      const columns = points.length === 2500 ? 1 : 3;
      const { index, k } = await nearest(points, columns, 3);
      for (const row of [0, 1, 511, 512, 1023, 1024, 1025, 1535, 1536, 2047, 2048, points.length / columns - 1]) {
        const all = bruteForce(points, columns, row, 3);
        expect([...index.subarray(row * k, (row + 1) * k)]).toEqual(all.map((one) => one.index));
      }
    }
  });
});

describe('the nearest neighbours among many rows', () => {
  /** As beyond 30,000 rows, with the share of pairs that were compared. */
  async function amongCells(data: Float32Array, columns: number, k: number) {
    const rows = data.length / columns;
    let scores = 0;
    const product: typeof backend.product = (left, right, out, transpose) => {
      scores += left.rows * right.rows;
      return backend.product(left, right, out, transpose);
    };
    const found = await nearestNeighbours({ product }, { data, rows, columns }, k, makeRng(1), 500);
    return { ...found, compared: scores / rows ** 2 };
  }

  it.each([
    ['cells that lie apart: few pairs are compared', 0.3, 0.5],
    ['no cells that lie apart: most pairs are', 30, 1.2],
  ])('are found but for a few in a hundred; %s', async (_, noise, most) => {
    const points = clusters(4000, 16, makeRng(2), false, noise);
    const { index, k, compared } = await amongCells(points, 16, 20);
    expect(compared).toBeLessThan(most);
    let hits = 0;
    for (let row = 0; row < 4000; row += 40) {
      const got = new Set(index.subarray(row * k, (row + 1) * k));
      for (const { index: other } of bruteForce(points, 16, row, k)) hits += Number(got.has(other));
    }
    expect(hits / (100 * k)).toBeGreaterThan(0.95);
  });

  it('come with their distances, nearest first, each once, without the row itself, and as the same bytes again', async () => {
    const points = clusters(1500, 5, makeRng(3));
    const { index, distance, k, ...rest } = await amongCells(points, 5, 6);
    for (let row = 0; row < 1500; row += 7) {
      const found = index.subarray(row * k, (row + 1) * k);
      expect(new Set(found).size).toBe(k);
      expect(found.includes(row)).toBe(false);
      const all = bruteForce(points, 5, row);
      const own = [...found].map((other) => all.find(({ index }) => index === other)!);
      expect([...distance.subarray(row * k, (row + 1) * k)]).toEqual(own.map((one) => one.distance));
      expect(own).toEqual([...own].sort((a, b) => a.distance - b.distance || a.index - b.index));
    }
    expect(await amongCells(points, 5, 6)).toEqual({ index, distance, k, ...rest });
  });

  it('are complete where all points are one, and where more are wanted than a sample holds', async () => {
    const { index, distance } = await amongCells(new Float32Array(2600).fill(1.5), 1, 5);
    expect(distance.every((x) => x === 0)).toBe(true);
    for (let row = 0; row < 2600; row++) {
      const found = new Set(index.subarray(row * 5, (row + 1) * 5));
      expect(found.size).toBe(5);
      expect(found.has(row)).toBe(false);
    }
    const points = clusters(520, 2, makeRng(4));
    const { compared: _all, ...many } = await amongCells(points, 2, 260);
    expect(many).toEqual(await nearest(points, 2, 260));
  });
});
