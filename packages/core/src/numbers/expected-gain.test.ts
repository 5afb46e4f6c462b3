import type { WorkerConfusions } from '../contracts/worker-model.js';
import { describe, expect, it } from 'vitest';
import { enumeratedGain } from './expected-gain.fixture.js';
import { ExpectedGain, meanConfusion } from './expected-gain.js';
import { normalizeRows } from './matrix.js';
import { makeRng } from './random.js';

/** Random workers and one item whose belief is spread over `spread` of the K classes. */
function situation(K: number, spread: number, seed: number): { posterior: Float64Array; confusions: WorkerConfusions } {
  const rng = makeRng(seed);
  const W = 3;
  const probability = new Float64Array(W * K * K);
  for (let j = 0; j < W; j++) {
    for (let k = 0; k < K; k++) {
      const row = Float64Array.from({ length: K }, (_, z) => rng.uniform() ** 4 + (z === k ? 3 * rng.uniform() : 0));
      normalizeRows(row, K);
      row.forEach((p, z) => (probability[(j * K + z) * K + k] = p));
    }
  }
  const posterior = new Float64Array(K);
  for (const k of rng.choose(K, spread)) posterior[k] = 0.05 + rng.uniform();
  normalizeRows(posterior, K);
  return { posterior, confusions: { workers: W, classes: K, probability } };
}

const gainOf = ({ posterior, confusions }: ReturnType<typeof situation>): number =>
  new ExpectedGain(meanConfusion(confusions), confusions.classes).of(0, posterior);

describe('the expected gain', () => {
  it('is what enumerating the answers says', () => {
    for (let seed = 0; seed < 60; seed++) {
      const request = situation(2 + (seed % 5), 1 + (seed % (2 + (seed % 5))), seed);
      const gain = new ExpectedGain(meanConfusion(request.confusions), request.confusions.classes);
      expect(gain.of(0, request.posterior)).toBeCloseTo(Math.max(0, enumeratedGain(request, 0)), 12);
      expect(gain.ofTwo(0, request.posterior)).toBeCloseTo(Math.max(0, enumeratedGain(request, 0, 2)), 12);
    }
  });

  it('with many classes is exact for a belief in at most six, and a lower bound, not far off, for others', () => {
    for (let seed = 0; seed < 30; seed++) {
      const few = situation(40, 6, seed);
      expect(gainOf(few)).toBeCloseTo(enumeratedGain(few, 0), 12);
      const two = new ExpectedGain(meanConfusion(few.confusions), 40).ofTwo(0, few.posterior);
      expect(two).toBeLessThanOrEqual(enumeratedGain(few, 0, 2) + 1e-12);
      const many = situation(40, 30, seed);
      expect(gainOf(many)).toBeLessThanOrEqual(enumeratedGain(many, 0) + 1e-12);
    }
  });

  it('is nothing for one answer beside an equal one, and something for two', () => {
    // Right with probability 0.7, like whoever gave the answer that is there.
    const probability = Float64Array.from([0, 1, 2].flatMap((z) => [0, 1, 2].map((k) => (z === k ? 0.7 : 0.15))));
    const confusions = { workers: 1, classes: 3, probability };
    const gain = new ExpectedGain(meanConfusion(confusions), 3);
    expect(gain.of(0, Float64Array.of(0.7, 0.15, 0.15))).toBeCloseTo(0, 12);
    // Of two answers that agree against the first: 2 · 0.15 · (0.7² - 0.7 · 0.15²/0.15).
    expect(gain.ofTwo(0, Float64Array.of(0.7, 0.15, 0.15))).toBeCloseTo(2 * (0.15 * 0.49 - 0.7 * 0.15 ** 2), 12);
  });

  it('is nothing where the label is certain, and all that is missing where workers are always right', () => {
    const { posterior, confusions } = situation(4, 4, 1);
    expect(gainOf({ posterior: Float64Array.of(0, 1, 0, 0), confusions })).toBe(0);
    const perfect = new Float64Array(3 * 16);
    for (let j = 0; j < 3; j++) for (let k = 0; k < 4; k++) perfect[(j * 4 + k) * 4 + k] = 1;
    const sure = { posterior, confusions: { ...confusions, probability: perfect } };
    expect(gainOf(sure)).toBeCloseTo(1 - Math.max(...posterior), 12);
  });

  it('is nothing where workers guess', () => {
    const { posterior, confusions } = situation(5, 5, 2);
    expect(
      gainOf({ posterior, confusions: { ...confusions, probability: new Float64Array(75).fill(0.2) } }),
    ).toBeCloseTo(0, 12);
  });
});
