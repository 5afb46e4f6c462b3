import { AnnotationIndex, makeRng } from '@quorate/core';
import { ExpectedGain } from '@quorate/core/numbers';
import { describe, expect, it } from 'vitest';
import { FamilyAnswers } from './family-answers.js';
import type { Trust } from './trust.js';
import { chooseItems, itemsOfTrial } from './worth.js';

const [N, K] = [300, 3];

function matrix(right: number): Float64Array {
  return Float64Array.from({ length: K * K }, (_, x) => (x % (K + 1) === 0 ? right : (1 - right) / (K - 1)));
}

/** A family that has answered about the first `answered` items. */
function family(answered = 0): FamilyAnswers {
  const index = new AnnotationIndex(N, 1, K);
  for (let i = 0; i < answered; i++) index.append(i, 0, i % K);
  const one = new FamilyAnswers(N, K, [{ model: 0, worker: 0, simulator: {} }]);
  one.read(index);
  return one;
}

const trust = (evidence: number, right = 0.8, weight = 1): Trust => ({
  weight,
  evidence,
  confusion: matrix(right),
  withoutFold: [],
});

const rng = makeRng('worth');
const posterior = Float64Array.from({ length: N * K }, () => rng.uniform() ** 3);
for (let i = 0; i < N; i++) {
  const row = posterior.subarray(i * K, (i + 1) * K);
  const sum = row.reduce((a, b) => a + b);
  row.forEach((p, k) => (row[k] = p / sum));
}
const risk = Float64Array.from({ length: N }, (_, i) => 1 - Math.max(...posterior.subarray(i * K, (i + 1) * K)));

function chosen(price: number, believed: Trust | null, answered = 0): Int32Array {
  const person = new ExpectedGain(matrix(0.85), K);
  return chooseItems({
    family: family(answered),
    trust: believed,
    price,
    personPrice: 1,
    posterior,
    risk,
    riskThreshold: 0.1,
    person,
  });
}

/** Σ_z max_k y(k) P(z | k) - max_k y(k), by going through all answers. */
function gain(i: number, right: number): number {
  const row = posterior.subarray(i * K, (i + 1) * K);
  let after = 0;
  for (let z = 0; z < K; z++)
    after += Math.max(...Array.from(row, (y, k) => y * (z === k ? right : (1 - right) / (K - 1))));
  return after - Math.max(...row);
}

describe('what a model is asked', () => {
  it('is everything where it costs nothing, once', () => {
    expect(chosen(0, null)).toHaveLength(N);
    expect(chosen(0, trust(-9), 40)).toHaveLength(N - 40);
  });

  it('is nothing before people have answered enough, and nothing where they say otherwise', () => {
    for (const believed of [null, trust(2.9), trust(9, 0.8, 0)]) expect(chosen(0.01, believed)).toHaveLength(0);
  });

  it.each([0.01, 0.5, 0.9, 1, 2])('is what it gains more about per price than a person (price %d)', (price) => {
    const items = new Set(chosen(price, trust(9), 50));
    for (let i = 0; i < N; i++) {
      const worth = i >= 50 && risk[i]! > 0.1 && gain(i, 0.8) > 1e-12 && gain(i, 0.8) >= gain(i, 0.85) * price - 1e-12;
      expect(items.has(i), `item ${i}`).toBe(worth);
    }
  });

  it('is asked less where it is believed less', () => {
    expect(chosen(0.5, trust(9, 0.8, 0.25)).length).toBeLessThan(chosen(0.5, trust(9)).length);
  });
});

describe('a trial', () => {
  const people = (count: number): AnnotationIndex => {
    const index = new AnnotationIndex(N, 1, K);
    for (let i = 0; i < count; i++) index.append(i, 0, 0);
    return index;
  };

  it('is about items that people have answered about, 100 at most, those included that it has seen', () => {
    expect(itemsOfTrial(family(), people(0))).toHaveLength(0);
    expect([...itemsOfTrial(family(30), people(40))]).toEqual([30, 31, 32, 33, 34, 35, 36, 37, 38, 39]);
    expect(itemsOfTrial(family(), people(250))).toHaveLength(100);
    expect(itemsOfTrial(family(150), people(250))).toHaveLength(0);
  });
});
