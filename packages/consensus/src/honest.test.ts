import { makeRng } from '@quorate/core';
import { describe, expect, it } from 'vitest';
import { drawGold } from './draw-gold.js';
import { reliabilityOf } from './reliability.js';

describe('drawGold', () => {
  const label = Int32Array.from({ length: 1000 }, (_, i) => (i % 100 === 0 ? -1 : i < 900 ? 0 : i < 995 ? 1 : 2));
  const nothing = (): boolean => false;

  it('deals evenly over the labels; what a rare one lacks the others give', () => {
    const drawn = drawGold(label, 50, nothing, makeRng(1));
    expect(new Set(drawn).size).toBe(50);
    const counts = [0, 0, 0];
    for (const i of drawn) counts[label[i]!]!++;
    expect(counts[2]).toBe(5);
    expect(Math.abs(counts[0]! - counts[1]!)).toBeLessThanOrEqual(1);
  });

  it('is random within a label, the same for a seed, and without what is known', () => {
    const times = new Float64Array(1000);
    for (let seed = 0; seed < 400; seed++) for (const i of drawGold(label, 20, nothing, makeRng(seed))) times[i]!++;
    // Ten of 891 tasks, 400 times: 4.5 each.
    const first = times.subarray(0, 450).reduce((a, b) => a + b) / times.subarray(0, 900).reduce((a, b) => a + b);
    expect(first).toBeGreaterThan(0.47);
    expect(first).toBeLessThan(0.53);
    expect(drawGold(label, 20, nothing, makeRng(7))).toEqual(drawGold(label, 20, nothing, makeRng(7)));
    expect(drawGold(label, 20, (i) => i !== 901, makeRng(7))).toEqual([901]);
    expect(drawGold(label, 5000, nothing, makeRng(7))).toHaveLength(990);
    expect(drawGold(new Int32Array(3).fill(-1), 5, nothing, makeRng(7))).toEqual([]);
  });

  it('hides the labels in its order', () => {
    const drawn = drawGold(label, 200, nothing, makeRng(3));
    const half = drawn.slice(0, 100).filter((i) => label[i] === 0).length;
    expect(half).toBeGreaterThan(30);
    expect(half).toBeLessThan(75);
  });
});

describe('reliabilityOf', () => {
  it('is nothing without checked labels', () => {
    expect(reliabilityOf({ confidence: [], right: [], answers: [] })).toBeNull();
  });

  it('counts every task once, in each view', () => {
    const rng = makeRng(2);
    const n = 500;
    const confidence = Array.from({ length: n }, () => rng.uniform());
    const right = confidence.map((p) => Number(rng.uniform() < p / 2));
    const answers = confidence.map(() => 1 + rng.int(4));
    const found = reliabilityOf({ confidence, right, answers })!;
    expect(found.tasks).toBe(n);
    for (const groups of [found.byConfidence, found.byAnswers]) {
      expect(groups.reduce((sum, { tasks }) => sum + tasks, 0)).toBe(n);
      expect(groups.reduce((sum, { tasks, right }) => sum + tasks * right, 0)).toBeCloseTo(n * found.right, 9);
      for (const { low, right, high } of groups) {
        expect(low).toBeLessThan(right + 1e-9);
        expect(high).toBeGreaterThan(right - 1e-9);
      }
    }
    expect(found.claimed - found.right).toBeCloseTo(0.25, 1);
    expect(found.ece).toBeGreaterThan(0.2);
    found.byAnswers.forEach(({ from }, g) => expect(from).toBeGreaterThan(found.byAnswers[g - 1]?.to ?? 0));
    found.byConfidence.forEach(({ claimed }, g) => {
      expect(claimed).toBeGreaterThanOrEqual(found.byConfidence[g - 1]?.claimed ?? 0);
    });
  });

  it('all of one number of answers are one group; few tasks are one group', () => {
    const same = { confidence: [0.9, 0.8, 0.7], right: [1, 1, 0], answers: [3, 3, 3] };
    const { byAnswers, byConfidence, ece } = reliabilityOf(same)!;
    expect(byAnswers).toMatchObject([{ from: 3, to: 3, tasks: 3 }]);
    expect(byConfidence).toHaveLength(1);
    expect(ece).toBeCloseTo((0.1 + 0.2 + 0.7) / 3, 12);
  });
});
