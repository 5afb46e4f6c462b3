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
function clusters(rows: number, columns: number, rng: Rng, sorted = false): Float32Array {
  const centres = Array.from({ length: 20 }, () => Float64Array.from({ length: columns }, () => rng.normal()));
  const points = new Float32Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    const centre = centres[sorted ? Math.floor((20 * r) / rows) : rng.int(20)]!;
    for (let d = 0; d < columns; d++) points[r * columns + d] = centre[d]! + 0.7 * rng.normal();
  }
  return points;
}

const nearest = (data: Float32Array, columns: number, k: number): Promise<Neighbours> =>
  nearestNeighbours(backend, { data, rows: data.length / columns, columns }, k);

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
          place.forEach((at, x) => expect(all[at]!.distance).toBe(got[x]!.distance));
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
        const all = bruteForce(points, columns, row).slice(0, 3);
        expect([...index.subarray(row * k, (row + 1) * k)]).toEqual(all.map((one) => one.index));
      }
    }
  });
});
