import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitDataset } from '../data/dataset-split.js';
import { logSumExp, softmax } from './log-space.js';
import { argmax, bayesRisk, diagonalMeans, normalizeRows } from './matrix.js';
import { makeRng } from './random.js';

describe('log space', () => {
  it('agrees with the naive sum where that does not overflow', () =>
    fc.assert(
      fc.property(fc.array(fc.double({ min: -20, max: 20, noNaN: true }), { minLength: 1, maxLength: 20 }), (x) => {
        const naive = Math.log(x.reduce((sum, v) => sum + Math.exp(v), 0));
        expect(logSumExp(x)).toBeCloseTo(naive, 9);
        const p = Float64Array.from(x);
        expect(softmax(p)).toBeCloseTo(naive, 9);
        expect(p.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
        x.forEach((v, k) => expect(p[k]).toBeCloseTo(Math.exp(v - naive), 9));
      }),
      { seed: 1 },
    ));

  it('survives what a naive sum does not', () => {
    expect(logSumExp([-1e5, -1e5])).toBeCloseTo(-1e5 + Math.LN2, 6);
    expect(logSumExp([1e5])).toBe(1e5);
    expect(logSumExp([-Infinity, -Infinity])).toBe(-Infinity);
    const p = Float64Array.of(9, -1e9, 0, 0, 9);
    softmax(p, 1, 3);
    expect([...p]).toEqual([9, 0, 0.5, 0.5, 9]);
  });
});

describe('matrix', () => {
  it('argmax gives ties to the lowest index', () => {
    expect(argmax([1, 3, 3])).toBe(1);
    expect(argmax([9, 1, 1, 0], 1, 3)).toBe(0);
  });
  it('risk is one minus the greatest entry', () => {
    const risk = new Float64Array(2);
    bayesRisk(Float64Array.of(0.25, 0.75, 0, 0), 2, risk);
    expect([...risk]).toEqual([0.25, 1]);
  });
  it('normalises rows and leaves empty ones', () => {
    const m = Float64Array.of(1, 3, 0, 0);
    expect(normalizeRows(m, 2)).toBe(1);
    expect([...m]).toEqual([0.25, 0.75, 0, 0]);
  });
  it('means of diagonal and rest', () => {
    expect(diagonalMeans([4, 1, 3, 6], 2)).toEqual({ diagonal: 5, off: 2 });
    expect(diagonalMeans([4], 1)).toEqual({ diagonal: 4, off: 0 });
  });
});

describe('dataset split', () => {
  const classOf = Int32Array.from({ length: 100 }, (_, row) => (row % 5) - 1); // -1: 20 rows of no class
  const request = { classOf, classes: 4, itemsPerClass: 10, prototypesPerClass: 3, distractorsPerClass: 0 };

  it('draws prototypes first, then items, class by class, no row twice', () => {
    const split = splitDataset(request, makeRng(1));
    expect([...split.prototypeClass]).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]);
    expect(split.items).toHaveLength(40);
    const rows = [...split.items, ...split.prototypes];
    expect(new Set(rows).size).toBe(rows.length);
    split.items.forEach((row, i) => expect(classOf[row]).toBe(split.itemClass[i]));
    split.prototypes.forEach((row, p) => expect(classOf[row]).toBe(split.prototypeClass[p]));
    expect([...splitDataset(request, makeRng(1)).items]).toEqual([...split.items]);
    expect([...splitDataset(request, makeRng(2)).items]).not.toEqual([...split.items]);
  });

  it('takes fewer where fewer exist, and all with Infinity', () => {
    const all = splitDataset({ ...request, itemsPerClass: Infinity, prototypesPerClass: 0 }, makeRng(1));
    expect(all.items).toHaveLength(80);
    expect(splitDataset({ ...request, prototypesPerClass: 50 }, makeRng(1)).items).toHaveLength(0);
  });

  it('adds K times as many distractors as one more class', () => {
    const split = splitDataset({ ...request, distractorsPerClass: 3 }, makeRng(1));
    expect(split.itemClass.filter((k) => k === 4)).toHaveLength(12);
    expect(split.prototypeClass.filter((k) => k === 4)).toHaveLength(3);
  });
});
