import { makeRng, type Audit } from '@quorate/core';
import { recalibrate } from '@quorate/core/numbers';
import { describe, expect, it } from 'vitest';
import { fitRecalibration } from './fit-recalibration.js';

const K = 4;

/** Posteriors that name class 0, and the truth drawn from what they ought to have said. */
function world(N: number, top: number, ought: number) {
  const rng = makeRng(`recalibration/${top}/${ought}`);
  const posterior = new Float64Array(N * K);
  const truth = Int32Array.from({ length: N }, (_, i) => {
    // Some items are harder than others.
    const p = Math.min(1, top * (0.9 + 0.1 * rng.uniform()));
    for (let k = 0; k < K; k++) posterior[i * K + k] = k === 0 ? p : (1 - p) / (K - 1);
    return rng.uniform() < ought ? 0 : 1 + rng.int(K - 1);
  });
  return { posterior, truth };
}

const auditsOf = (truth: Int32Array, count: number): Audit[] =>
  Array.from(truth.subarray(0, count), (label, item) => ({ item, label, delivered: 0, round: 1, step: 1 }));

/** Mean confidence of the label, over items from `from` on. */
function confidence(posterior: Float64Array, from: number): number {
  let sum = 0;
  for (let i = from; i < posterior.length / K; i++) sum += posterior[i * K]!;
  return sum / (posterior.length / K - from);
}

describe('recalibration on the audited items', () => {
  it('leaves the posterior as it is without audits', () => {
    expect(fitRecalibration(world(10, 0.9, 0.9).posterior, K, [])).toEqual({ power: 1, mix: 0 });
  });

  it.each([
    [0.999, 0.85],
    [0.99, 0.7],
    [0.97, 0.93],
  ])('brings a confidence of %d to the %d that are right', (top, ought) => {
    const { posterior, truth } = world(2000, top, ought);
    const before = confidence(posterior, 60);
    const fitted = fitRecalibration(posterior, K, auditsOf(truth, 60));
    recalibrate(posterior, K, fitted, posterior);
    const after = confidence(posterior, 60);
    expect(Math.abs(after - ought)).toBeLessThan(0.5 * Math.abs(before - ought) + 0.03);
  });

  it('is the best of its grid by the stated objective, and survives certainty that was wrong', () => {
    const posterior = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0);
    const audits = auditsOf(Int32Array.of(0, 2), 2);
    const value = (power: number, mix: number): number => {
      const right = (1 - mix + mix / K) * (mix / K);
      return Math.log(right) - (Math.log(power) / 0.7) ** 2 / 2 - 5 * mix;
    };
    const mixes = [0, 0.01, 0.02, 0.04, 0.07, 0.1, 0.15, 0.2, 0.3];
    const best = mixes.reduce((a, b) => (value(1, b) > value(1, a) ? b : a));
    expect(fitRecalibration(posterior, K, audits)).toEqual({ power: 1, mix: best });
  });
});

describe('recalibrate', () => {
  it('keeps rows summing to 1, their order, and rows of zeros; certainty and underflow do not break it', () => {
    const posterior = Float64Array.of(0.5, 0.3, 0.2, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1e-300, 1e-310, 0);
    for (const power of [0.15, 1, 1.2]) {
      for (const mix of [0, 0.3]) {
        const out = new Float64Array(posterior.length);
        recalibrate(posterior, K, { power, mix }, out);
        const sums = [0, 4, 8, 12].map((start) => out.subarray(start, start + K).reduce((a, b) => a + b, 0));
        expect(sums[2]).toBe(0);
        for (const sum of [sums[0]!, sums[1]!, sums[3]!]) expect(sum).toBeCloseTo(1, 12);
        for (let x = 0; x < K - 1; x++) expect(out[x]!).toBeGreaterThan(out[x + 1]! - 1e-15);
      }
    }
    const same = new Float64Array(posterior.length);
    recalibrate(posterior, K, { power: 1, mix: 0 }, same);
    same.forEach((q, x) => expect(q).toBeCloseTo(posterior[x]!, 12));
  });
});
