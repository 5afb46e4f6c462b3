import { AnnotationIndex, makeRng, type Dataset, type Files, type LearnRequest } from '@quorate/core';
import { referenceSelector } from '@quorate/testkit';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { referenceBackend } from './backend-reference.js';
import { TemperatureCalibrator } from './calibrator-temperature.js';
import { NeuralLearner } from './neural-learner.js';
import { networkOptions, type NetworkOptions } from './options.js';
import { gainOverChance } from './validated-fit.js';

interface Situation {
  readonly items: number;
  readonly classes: number;
  readonly columns?: number;
  readonly prototypesPerClass: number;
  /** Items 0..annotated-1 have one right answer each. */
  readonly annotated?: number;
  /** Classes of items and prototypes leave this one out. */
  readonly without?: number;
  readonly features?: (row: number, column: number, label: number) => number;
}

/** Blobs: column k is larger where the class is k. Item i is of class i mod K. */
function situation(given: Situation): { dataset: Dataset; truth: Int32Array; request: LearnRequest } {
  const { items: N, classes: K, prototypesPerClass, annotated = 0, without } = given;
  const D = given.columns ?? K;
  const rng = makeRng('blobs');
  const kinds = Array.from({ length: K }, (_, k) => k).filter((k) => k !== without);
  const truth = Int32Array.from({ length: N }, (_, i) => kinds[i % kinds.length]!);
  const classOf = Int32Array.from(kinds.flatMap((k) => new Array<number>(prototypesPerClass).fill(k)));
  const labels = [...truth, ...classOf];
  const value = given.features ?? ((_row, column, label) => rng.normal() + (column === label ? 4 : 0));
  const data = Float32Array.from({ length: labels.length * D }, (_, x) => {
    const row = Math.floor(x / D);
    return value(row, x % D, labels[row]!);
  });
  const dataset: Dataset = {
    taskIds: Array.from({ length: N }, (_, i) => `t${i}`),
    classes: Array.from({ length: K }, (_, k) => k),
    features: { data, columns: D },
    prototypes: { ids: Array.from(classOf, (_, p) => `p${p}`), classOf },
  };
  const annotations = new AnnotationIndex(N, 1, K);
  const posterior = new Float64Array(N * K).fill(1 / K);
  const risk = new Float64Array(N).fill(1 - 1 / K);
  for (let i = 0; i < annotated; i++) {
    annotations.append(i, 0, truth[i]!);
    posterior.fill(0, i * K, (i + 1) * K);
    posterior[i * K + truth[i]!] = 1;
    risk[i] = 0;
  }
  const request = {
    dataset,
    annotations,
    posterior,
    risk,
    riskThreshold: 0.1,
    annotationLogLikelihood: () => undefined,
  };
  return { dataset, truth, request };
}

const defaults = z.object(networkOptions).parse({});

function learner(dataset: Dataset, options: Partial<NetworkOptions> = {}, hidden: readonly number[] = [16]) {
  const notes = new Set<string>();
  const files: Files = { resolve: String, locate: () => undefined, cacheDir: '', note: (text) => void notes.add(text) };
  const made = new NeuralLearner(
    { ...defaults, steps: 100, learningRatePerRoot: 0.005, ...options },
    hidden.map((units) => ({ units, activation: 'tanh' as const })),
    {
      selector: referenceSelector(),
      calibrator: new TemperatureCalibrator({ optimizer: 'converged' }),
      backend: referenceBackend,
      dataset,
      features: dataset.features!,
      files,
    },
  );
  return { made, notes };
}

function accuracy(probability: Float32Array, truth: Int32Array, K: number): number {
  let right = 0;
  truth.forEach((k, i) => {
    const row = probability.subarray(i * K, (i + 1) * K);
    if (row.indexOf(Math.max(...row)) === k) right++;
  });
  return right / truth.length;
}

async function say(given: Situation, options: Partial<NetworkOptions> = {}, hidden?: readonly number[]) {
  const { dataset, truth, request } = situation(given);
  const { made, notes } = learner(dataset, options, hidden);
  const { probability, includesOwnAnswers } = await made.fitPredict(request, makeRng('learn'));
  const K = given.classes;
  for (let i = 0; i < truth.length; i++) {
    const row = Array.from(probability.subarray(i * K, (i + 1) * K));
    expect(Math.abs(row.reduce((a, b) => a + b, 0) - 1)).toBeLessThan(1e-4);
  }
  return { probability, includesOwnAnswers, notes: [...notes], accuracy: accuracy(probability, truth, K), K };
}

const isUniform = (probability: Float32Array, K: number): boolean =>
  probability.every((p) => Math.abs(p - 1 / K) < 1e-6);

describe('a learner that has enough to go by', () => {
  it.each([
    ['prototypes alone', { items: 200, classes: 4, prototypesPerClass: 10 }, {}],
    ['annotations and prototypes', { items: 200, classes: 4, prototypesPerClass: 10, annotated: 60 }, {}],
    ['two classes', { items: 200, classes: 2, prototypesPerClass: 10, annotated: 40 }, {}],
    ['fewer rows than a batch', { items: 20, classes: 2, prototypesPerClass: 4 }, { batchSize: 1024 }],
    ['a hold-out', { items: 200, classes: 4, prototypesPerClass: 10, annotated: 60 }, { validation: 'holdout' }],
    ['folds', { items: 200, classes: 4, prototypesPerClass: 10, annotated: 60 }, { validation: 'folds' }],
    ['no prototypes', { items: 200, classes: 4, prototypesPerClass: 0, annotated: 80 }, {}],
    ['no prototypes, folds', { items: 200, classes: 4, prototypesPerClass: 0, annotated: 80 }, { validation: 'folds' }],
    ['one prototype a class', { items: 200, classes: 4, prototypesPerClass: 1, annotated: 80 }, {}],
    [
      'fewer steps than one look',
      { items: 200, classes: 4, prototypesPerClass: 10 },
      { steps: 7, learningRatePerRoot: 0.03 },
    ],
  ] as const)('%s', async (_name, given, options) => {
    const { accuracy: right, notes } = await say(given, options);
    expect(right).toBeGreaterThan(0.93);
    expect(notes).toEqual([]);
  });

  it('softmax regression', async () => {
    const given = { items: 200, classes: 4, prototypesPerClass: 10, annotated: 60 };
    expect((await say(given, {}, [])).accuracy).toBeGreaterThan(0.93);
  });

  it('a thousand classes', async () => {
    const given = { items: 1000, classes: 1000, columns: 8, prototypesPerClass: 1, annotated: 1000 };
    const { probability } = await say(given, { steps: 2, batchSize: 64 });
    expect(probability.every(Number.isFinite)).toBe(true);
  });
});

describe('a learner that has too little to go by says that all classes are equally probable', () => {
  it.each([
    ['no examples at all', { items: 6, classes: 3, prototypesPerClass: 0 }, {}],
    ['one prototype a class, to validate with', { items: 6, classes: 3, prototypesPerClass: 1 }, {}],
    ['folds of nothing', { items: 6, classes: 3, prototypesPerClass: 0 }, { validation: 'folds' }],
  ] as const)('%s', async (_name, given, options) => {
    const { probability, K, notes, includesOwnAnswers } = await say(given, options);
    expect(isUniform(probability, K)).toBe(true);
    expect(includesOwnAnswers).toBe(false);
    if (!('validation' in options)) expect(notes).toMatchObject([expect.stringContaining('too few examples')]);
  });

  it('features that are all the same', async () => {
    const same = { items: 60, classes: 3, prototypesPerClass: 10, annotated: 30, features: () => 2 };
    const { probability, K } = await say(same);
    expect(isUniform(probability, K)).toBe(true);
  });

  it('features of pure noise', async () => {
    const rng = makeRng('noise');
    const noise = { items: 400, classes: 4, prototypesPerClass: 10, annotated: 200, features: () => rng.normal() };
    const { probability, K, notes } = await say({ ...noise, columns: 20 });
    expect(isUniform(probability, K)).toBe(true);
    expect(notes).toMatchObject([expect.stringContaining('no better than chance')]);
  });
});

describe('a class without an example', () => {
  it('is left open to a worker who says so', async () => {
    const {
      probability,
      K,
      accuracy: right,
    } = await say({
      items: 200,
      classes: 4,
      prototypesPerClass: 10,
      annotated: 60,
      without: 2,
    });
    expect(right).toBeGreaterThan(0.93);
    const share = probability.filter((_, x) => x % K === 2);
    expect(Math.min(...share)).toBeCloseTo(1 / (60 + 4), 6);
    expect(Math.max(...share)).toBeCloseTo(1 / (60 + 4), 6);
  });
});

describe('a learner that diverges', () => {
  const huge = { items: 60, classes: 3, prototypesPerClass: 10, annotated: 30, features: () => 3e38 };

  it('says nothing when it never had a good model', async () => {
    const infinite = { ...huge, features: () => Infinity };
    const { probability, K, notes } = await say(infinite);
    expect(isUniform(probability, K)).toBe(true);
    expect(notes).toMatchObject([expect.stringContaining('diverged')]);
  });

  it('survives features of a huge scale', async () => {
    const { probability } = await say(huge);
    expect(probability.every(Number.isFinite)).toBe(true);
  });

  it.each(['local', 'global'] as const)('keeps the last good model (%s)', async (scope) => {
    const { dataset, request } = situation({ items: 60, classes: 3, prototypesPerClass: 10, annotated: 30 });
    const { made, notes } = learner(dataset, { scope });
    const good = await made.fitPredict(request, makeRng('learn'));
    const kept = good.probability.slice();
    dataset.features!.data.fill(NaN, 0, 30 * dataset.features!.columns);
    const after = await made.fitPredict(request, makeRng('learn again'));
    expect([...notes]).toMatchObject([expect.stringContaining('diverged')]);
    expect(after.probability).toEqual(kept);
  });
});

describe('the best model of all steps', () => {
  it('is replaced by a better one only, and outlives a resume to the byte', async () => {
    const { dataset, request } = situation({ items: 300, classes: 4, prototypesPerClass: 10, annotated: 200 });
    // Every third item has the label of its neighbour.
    const wrong = request.posterior.map((p, x, all) => (Math.floor(x / 4) % 3 === 0 ? all[(x + 4) % all.length]! : p));
    const misled = { ...request, posterior: wrong };
    const { made } = learner(dataset);
    const first = await made.fitPredict(request, makeRng('a'));
    const saved = made.snapshot();
    const second = await made.fitPredict(misled, makeRng('b'));
    expect(second.probability).toBe(first.probability);

    const { made: resumed } = learner(dataset);
    resumed.restore(saved);
    expect((await resumed.fitPredict(misled, makeRng('b'))).probability).toEqual(first.probability);

    const { made: local } = learner(dataset, { scope: 'local' });
    await local.fitPredict(request, makeRng('a'));
    expect((await local.fitPredict(misled, makeRng('b'))).probability).not.toEqual(first.probability);
  });
});

describe('the gain over chance', () => {
  const heldOut = (rows: readonly (readonly [number, number])[]) => ({
    logits: Float32Array.from(rows.flat(), Math.log),
    labels: new Int32Array(rows.length),
    classes: 2,
  });

  it('is counted in standard errors', () => {
    // Gains ln(2 · 0.8) and ln(2 · 0.4): mean 0.1234, standard deviation 0.4901, so over √2.
    const gain = (Math.log(1.6) + Math.log(0.8)) / 2 / (Math.abs(Math.log(1.6) - Math.log(0.8)) / 2);
    expect(
      gainOverChance(
        heldOut([
          [0.8, 0.2],
          [0.4, 0.6],
        ]),
      ),
    ).toBeCloseTo(gain, 5);
  });

  it('is infinite where all rows gain the same, and never there for equal logits', () => {
    expect(
      gainOverChance(
        heldOut([
          [0.8, 0.2],
          [0.8, 0.2],
        ]),
      ),
    ).toBe(Infinity);
    expect(
      gainOverChance(
        heldOut([
          [0.5, 0.5],
          [0.5, 0.5],
        ]),
      ),
    ).toBe(-Infinity);
    expect(gainOverChance(heldOut([[0.2, 0.8]]))).toBe(-Infinity);
  });
});
