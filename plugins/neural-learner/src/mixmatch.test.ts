import { makeRng, type Dataset, type LearnRequest, type MixMatch, type MlpParams } from '@quorate/core';
import { softmax } from '@quorate/core/numbers';
import { AnnotationIndex } from '@quorate/core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { referenceBackend } from './backend-reference.js';
import { drawBeta } from './beta.js';
import { TemperatureCalibrator } from './calibrator-temperature.js';
import { columnDeviations } from './column-deviations.js';
import { gatherExamples } from './examples.js';
import { MixedMinibatches } from './mixmatch.js';
import { NeuralLearner } from './neural-learner.js';
import { networkOptions } from './options.js';

const settings = { mu: 2, alpha: 0.75, temperature: 0.5, weight: 75, noise: 0 };

describe('Beta(alpha, alpha)', () => {
  it.each([0.01, 0.3, 0.75, 1, 4])('has mean 1/2 and variance 1 / (8 alpha + 4) for alpha = %f', (alpha) => {
    const rng = makeRng(`beta/${alpha}`);
    const draws = Float64Array.from({ length: 20_000 }, () => drawBeta(alpha, rng));
    const mean = draws.reduce((sum, x) => sum + x, 0) / draws.length;
    const variance = draws.reduce((sum, x) => sum + (x - mean) ** 2, 0) / draws.length;
    expect(draws.every((x) => x >= 0 && x <= 1)).toBe(true);
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.012);
    expect(Math.abs(variance * (8 * alpha + 4) - 1)).toBeLessThan(0.04);
  });

  it('is a coin for alpha = 0', () => {
    const rng = makeRng('coin');
    const draws = Array.from({ length: 50 }, () => drawBeta(0, rng));
    expect(new Set(draws)).toEqual(new Set([0, 1]));
  });
});

it('takes the standard deviation of every column', () => {
  const deviations = columnDeviations({ data: Float32Array.of(1, 5, 3, 5, 5, 5, 7, 5), columns: 2 });
  expect(Array.from(deviations)).toEqual([Math.fround(Math.sqrt(5)), 0]);
});

/** Items 0..items-1, of which the first `annotated` have an answer, with the given features; no prototypes. */
function data(features: Float32Array, columns: number, truth: Int32Array, annotated: number, prototypes = 0) {
  const N = truth.length - prototypes;
  const K = Math.max(...truth) + 1;
  const dataset: Dataset = {
    taskIds: Array.from({ length: N }, (_, i) => `t${i}`),
    classes: Array.from({ length: K }, (_, k) => k),
    features: { data: features, columns },
    prototypes: { ids: Array.from({ length: prototypes }, (_, p) => `p${p}`), classOf: truth.slice(N) },
  };
  const annotations = new AnnotationIndex(N, 1, K);
  const posterior = new Float64Array(N * K).fill(1 / K);
  for (let i = 0; i < annotated; i++) {
    annotations.append(i, 0, truth[i]!);
    posterior.fill(0, i * K, (i + 1) * K);
    posterior[i * K + truth[i]!] = 1;
  }
  const risk = new Float64Array(N).fill(0.5);
  const request: LearnRequest = {
    dataset,
    annotations,
    posterior,
    risk,
    riskThreshold: 0.1,
    annotationLogLikelihood: () => undefined,
  };
  const rows = Int32Array.from({ length: annotated }, (_, i) => i);
  const unlabelled = Int32Array.from({ length: N - annotated }, (_, i) => annotated + i);
  return { dataset, request, rows, labels: truth.slice(0, annotated), unlabelled };
}

describe('a minibatch', () => {
  const [N, K, annotated, batchSize] = [12, 3, 5, 4];
  const truth = Int32Array.from({ length: N }, (_, i) => i % K);
  /** Row i is the i-th unit vector: a mixed row shows what it was mixed of. */
  const unit = Float32Array.from({ length: N * N }, (_, x) => (x % N === Math.floor(x / N) ? 1 : 0));
  const { dataset, rows, labels, unlabelled } = data(unit, N, truth, annotated);
  const rng = makeRng('network');
  const params: MlpParams = {
    weights: [Float32Array.from({ length: N * K }, () => rng.normal())],
    biases: [new Float32Array(K)],
  };
  const minibatches = (mixMatch: MixMatch): MixedMinibatches =>
    new MixedMinibatches({
      backend: referenceBackend,
      features: dataset.features!,
      examples: gatherExamples({ rows, labels, weights: null, mixMatch }, dataset),
      mixMatch,
      labelled: Int32Array.of(4, 0, 2, 2, 1, 1, 3, 0),
      batchSize,
      steps: 2,
      rng: makeRng('mix'),
    });
  /** What MixMatch wants of a row before mixing: its label, or the network's guess to the power of 1/T. */
  const target = (row: number): number[] => {
    if (row < annotated) return Array.from({ length: K }, (_, k) => (k === truth[row] ? 1 : 0));
    const logits = Float64Array.from(params.weights[0]!.subarray(row * K, (row + 1) * K), (z) => z / 0.5);
    softmax(logits);
    return [...logits];
  };

  it('mixes every row, and its target alike, with another row of it', async () => {
    const made = minibatches({ ...settings, unlabelled });
    expect(made.size).toBe(12);
    const shares: number[] = [];
    for (const labelled of [
      [4, 0, 2, 2],
      [1, 1, 3, 0],
    ]) {
      const { features, rows: order, targets } = await made.next(params);
      expect([...order]).toEqual(Array.from({ length: 12 }, (_, i) => i));
      for (let i = 0; i < 12; i++) {
        const x = features.subarray(i * N, (i + 1) * N);
        const parts = [...x.entries()].filter(([, share]) => share > 0);
        expect(parts.length).toBeLessThanOrEqual(2);
        expect(parts.reduce((sum, [, share]) => sum + share, 0)).toBeCloseTo(1, 6);
        const main = parts.reduce((a, b) => (b[1] > a[1] ? b : a));
        shares.push(main[1]);
        if (i < batchSize) expect(main[0]).toBe(labelled[i]);
        else expect(main[0]).toBeGreaterThanOrEqual(annotated);
        const want = Array.from({ length: K }, (_, k) =>
          parts.reduce((sum, [row, share]) => sum + share * target(row)[k]!, 0),
        );
        const got = targets!.probability.subarray(i * K, (i + 1) * K);
        want.forEach((t, k) => expect(got[k]).toBeCloseTo(t, 5));
      }
    }
    expect(Math.min(...shares)).toBeGreaterThanOrEqual(0.5);
    expect(Math.min(...shares)).toBeLessThan(0.9);
  });

  it('weighs the two losses as their means over their own rows, the unlabelled one more from step to step', async () => {
    const made = minibatches({ ...settings, unlabelled });
    // A mean over 12 rows: labelled ones count 12/4, unlabelled ones at the end 75 · 12 / (8 rows · 3 classes).
    for (const full of [0.5, 1]) {
      const { targets } = await made.next(params);
      expect([...targets!.crossEntropy]).toEqual([...Array<number>(4).fill(3), ...Array<number>(8).fill(0)]);
      expect([...targets!.squared]).toEqual([...Array<number>(4).fill(0), ...Array<number>(8).fill(full * 37.5)]);
    }
  });

  it('has labelled rows only where everything is labelled', async () => {
    const made = minibatches({ ...settings, alpha: 0, unlabelled: new Int32Array(0) });
    const { features, targets } = await made.next(params);
    expect(made.size).toBe(4);
    expect([...targets!.crossEntropy]).toEqual([1, 1, 1, 1]);
    expect([4, 0, 2, 2].map((row, i) => features[i * N + row])).toEqual([1, 1, 1, 1]);
  });

  it('adds noise of the size that was asked for', async () => {
    const noisy = await minibatches({ ...settings, alpha: 0, noise: 0.5, unlabelled }).next(params);
    const plain = await minibatches({ ...settings, alpha: 0, unlabelled }).next(params);
    const noise = noisy.features.map((x, at) => x - plain.features[at]!);
    const deviation = Math.sqrt(noise.reduce((sum, x) => sum + x * x, 0) / noise.length);
    const column = Math.sqrt((1 / N) * (1 - 1 / N));
    expect(Math.abs(deviation / (0.5 * column) - 1)).toBeLessThan(0.2);
  });
});

describe('a learner that trains by MixMatch', () => {
  const options = { ...z.object(networkOptions).parse({}), steps: 200, batchSize: 32, learningRatePerRoot: 0.002 };
  const fit = async (given: ReturnType<typeof data>, mixMatch: MixMatch | null) => {
    const { dataset, rows, labels, request } = given;
    const learner = new NeuralLearner(options, [{ units: 8, activation: 'tanh' }], {
      selector: { select: () => ({ rows, labels, weights: null, ...(mixMatch ? { mixMatch } : {}) }) },
      calibrator: new TemperatureCalibrator({ optimizer: 'converged' }),
      backend: referenceBackend,
      dataset,
      features: dataset.features!,
      files: { resolve: String, locate: () => undefined, cacheDir: '', note: () => undefined },
    });
    return (await learner.fitPredict(request, makeRng('learn'))).probability;
  };

  /** Three normal classes, most rows without a label. */
  const blobs = (seed: string, spread: number, D: number) => {
    const rng = makeRng(seed);
    const [items, prototypes, K, annotated] = [400, 30, 3, 30];
    const truth = Int32Array.from({ length: items + prototypes }, (_, i) => i % K);
    const features = Float32Array.from({ length: truth.length * D }, (_, x) => {
      return spread * rng.normal() + (x % D === truth[Math.floor(x / D)] ? 2 : 0);
    });
    return data(features, D, truth, annotated, prototypes);
  };

  it('is the supervised one where unlabelled rows weigh nothing and nothing is mixed', async () => {
    const given = blobs('same', 0.7, 6);
    const { unlabelled } = given;
    const supervised = await fit(given, null);
    for (const mu of [1, 3]) {
      const same = await fit(given, { ...settings, mu, weight: 0, alpha: 0, unlabelled });
      supervised.forEach((p, x) => expect(same[x]).toBeCloseTo(p, 5));
    }
    const other = await fit(given, { ...settings, unlabelled });
    expect(Math.max(...supervised.map((p, x) => Math.abs(p - other[x]!)))).toBeGreaterThan(0.01);
  });

  it('makes fewer errors than without its unlabelled rows, where classes are apart', async () => {
    const errors = { mixed: 0, supervised: 0 };
    for (const seed of ['a', 'b', 'c', 'd', 'e', 'f']) {
      const given = blobs(seed, 0.6, 6);
      const wrong = (said: Float32Array): number => {
        const rows = Array.from({ length: 400 }, (_, i) => said.subarray(3 * i, 3 * i + 3));
        return rows.filter((row, i) => row.indexOf(Math.max(...row)) !== i % 3).length;
      };
      errors.mixed += wrong(await fit(given, { ...settings, unlabelled: given.unlabelled }));
      errors.supervised += wrong(await fit(given, null));
    }
    expect(errors.supervised).toBeGreaterThan(20);
    expect(errors.mixed).toBeLessThan(0.85 * errors.supervised);
  });
});
