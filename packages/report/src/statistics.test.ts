import { makeRng } from '@quorate/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holm, median, pairedDifference, spreadOf, t975 } from './statistics.js';

const numbers = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 1, maxLength: 12 });

it('the median is the middle, whatever the order', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([1, Infinity, Infinity])).toBe(Infinity);
  expect(median([])).toBeNaN();
});

it('quantiles of t: the tables of the textbooks', () => {
  for (const [freedom, t] of [
    [1, 12.706],
    [4, 2.776],
    [30, 2.042],
    [31, 2.0395],
    [40, 2.0211],
    [100, 1.984],
    [1e6, 1.96],
  ] as const) {
    // prettier-ignore
    expect(t975(freedom)).toBeCloseTo(t, 3);
  }
});

it('the spread of a few runs is their range, of five or more a t-interval', () => {
  expect(spreadOf([1, 5, 2])).toEqual({ middle: 2, low: 1, high: 5 });
  const { middle, low, high } = spreadOf([1, 2, 3, 4, 5]);
  expect([middle, low, high].map((x) => Number(x.toFixed(4)))).toEqual([3, 1.0371, 4.9629]);
  fc.assert(
    fc.property(numbers, (values) => {
      const spread = spreadOf(values);
      expect(spread.low).toBeLessThanOrEqual(spread.middle + 1e-9);
      expect(spread.high).toBeGreaterThanOrEqual(spread.middle - 1e-9);
    }),
  );
});

describe("Holm's correction", () => {
  it('is that of the textbook', () => {
    expect(holm([0.01, 0.04, 0.03, 0.005])).toEqual([0.03, 0.06, 0.06, 0.02]);
    expect(holm([null, 0.02, null, 0.5])).toEqual([null, 0.04, null, 0.5]);
    expect(holm([])).toEqual([]);
  });

  it('rejects what the step-down procedure rejects', () => {
    const ps = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 });
    fc.assert(
      fc.property(ps, (p) => {
        const order = [...p.keys()].sort((a, b) => p[a]! - p[b]!);
        const rejected = new Set<number>();
        for (const [rank, i] of order.entries()) {
          if (p[i]! * (p.length - rank) >= 0.05) break;
          rejected.add(i);
        }
        expect(
          holm(p)
            .flatMap((one, i) => (one! < 0.05 ? [i] : []))
            .sort(),
        ).toEqual([...rejected].sort());
      }),
    );
  });
});

describe('paired differences', () => {
  it('say nothing of one or two pairs', () => {
    expect(pairedDifference([0.1, 0.2], 'x')).toMatchObject({ pairs: 2, low: null, high: null, p: null });
  });

  it('of equal pairs are no difference, and turned round are turned round', () => {
    expect(pairedDifference([0, 0, 0], 'x')).toMatchObject({ mean: 0, low: 0, high: 0, p: 1 });
    const there = pairedDifference([1, 2, 3, 5], 'x');
    const back = pairedDifference([-1, -2, -3, -5], 'x');
    expect(back.p).toBe(there.p);
    expect([back.low, back.high]).toEqual([-there.high!, -there.low!]);
  });

  it('hold the truth about as often as they say, also with five pairs', () => {
    const rng = makeRng('coverage');
    const normal = (): number => Math.sqrt(-2 * Math.log(1 - rng.uniform())) * Math.cos(2 * Math.PI * rng.uniform());
    let held = 0;
    let rejected = 0;
    const trials = 200;
    for (let trial = 0; trial < trials; trial++) {
      const { low, high, p } = pairedDifference(Array.from({ length: 5 }, normal), `trial ${trial}`);
      if (low! <= 0 && 0 <= high!) held++;
      if (p! < 0.05) rejected++;
    }
    expect(held / trials).toBeGreaterThan(0.9);
    expect(rejected / trials).toBeLessThan(0.1);
  });
});
