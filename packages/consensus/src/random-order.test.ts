import { describe, expect, it } from 'vitest';
import { makeRng, type Aggregator } from '@quorate/core';
import { referenceAggregator } from '@quorate/testkit';
import { logisticRegression } from './logistic-regression.js';
import { randomOrderLabels, type RecordedAnswers } from './random-order.js';

/** 60 items of two classes in two clouds, four answers each, right three times out of four. */
function record(): RecordedAnswers & { truth: Int32Array } {
  const rng = makeRng('record');
  const truth = Int32Array.from({ length: 60 }, () => (rng.uniform() < 0.7 ? 1 : 0));
  const item = Int32Array.from({ length: 240 }, (_, a) => a >> 2);
  const data = new Float32Array(120);
  truth.forEach((k, i) => data.set([3 * k + rng.normal(), rng.normal()], 2 * i));
  return {
    truth,
    items: 60,
    workers: 4,
    classes: 2,
    item,
    worker: Int32Array.from({ length: 240 }, (_, a) => a & 3),
    label: item.map((i) => (rng.uniform() < 0.75 ? truth[i]! : 1 - truth[i]!)),
    features: { data, columns: 2 },
    prototypeClass: new Int32Array(0),
  };
}

/** Vote shares. */
const votes: Aggregator = {
  ...referenceAggregator(),
  aggregate: ({ annotations: { items, classes: K, firstOfItem, nextOfItem, label }, posterior }) => {
    posterior.fill(1 / K);
    for (let i = 0; i < items; i++) {
      for (let a = firstOfItem[i]!; a >= 0; a = nextOfItem[a]!) posterior[i * K + label[a]!]!++;
      const sum = posterior[2 * i]! + posterior[2 * i + 1]!;
      for (let k = 0; k < K; k++) posterior[i * K + k]! /= sum;
    }
  },
};
const right = (labels: Int32Array, truth: Int32Array): number => labels.filter((k, i) => k === truth[i]).length;

describe('answers in random order', () => {
  it('are all of them where all are taken, in any order', () => {
    const given = record();
    const one = randomOrderLabels(given, 240, votes, makeRng(1));
    expect(randomOrderLabels(given, 9999, votes, makeRng(2))).toEqual(one);
    const counts = given.truth.map((_, i) => given.label.slice(4 * i, 4 * i + 4).reduce((a, b) => a + b));
    one.majority.forEach((k, i) => expect(k).toBe(counts[i]! > 2 ? 1 : 0));
  });

  it('give tasks that nobody answered the most frequent class, but for the regression, which sees them', () => {
    const given = record();
    const { majority, dawidSkene, regression } = randomOrderLabels(given, 30, votes, makeRng(3));
    expect(majority.filter((k) => k === 1).length).toBeGreaterThan(45);
    expect(right(regression!, given.truth)).toBeGreaterThan(right(dawidSkene, given.truth));
  });

  it('have no regression without features', () => {
    expect(randomOrderLabels({ ...record(), features: null }, 100, votes, makeRng(1)).regression).toBeNull();
  });
});

describe('logistic regression', () => {
  it('is where the gradient of its objective is zero', () => {
    const { features, truth } = record();
    const rows = Int32Array.from({ length: 60 }, (_, i) => i);
    const targets = Float64Array.from(truth, (k) => k).reduce<number[]>((all, k) => [...all, 1 - k, k], []);
    const p = logisticRegression(features!, 2, rows, Float64Array.from(targets));
    // The ridge spares no weight, but sums over classes vanish; the intercept's pull is that of the ridge alone.
    const pull = [0, 1].map((k) => truth.reduce((sum, y, i) => sum + (y === k ? 1 : 0) - p[2 * i + k]!, 0));
    expect(pull[0]! + pull[1]!).toBeCloseTo(0, 9);
    expect(Math.abs(pull[1]!)).toBeLessThan(2);
    for (let i = 0; i < 60; i++) expect(p[2 * i]! + p[2 * i + 1]!).toBeCloseTo(1, 12);
  });

  it('says nothing of which it has learned nothing', () => {
    const none = logisticRegression(record().features!, 2, new Int32Array(0), new Float64Array(0));
    expect(new Set(none)).toEqual(new Set([0.5]));
  });

  it('survives constant columns', () => {
    const data = new Float32Array(20).fill(3);
    const p = logisticRegression({ data, columns: 2 }, 2, Int32Array.of(0, 1), Float64Array.of(1, 0, 0, 1));
    for (const x of p) expect(x).toBeCloseTo(0.5, 9);
  });
});
