import { AnnotationIndex, makeRng, type Activation, type Dataset, type Files } from '@quorate/core';
import { referenceSelector } from '@quorate/testkit';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { referenceBackend } from './backend-reference.js';
import { TemperatureCalibrator } from './calibrator-temperature.js';
import { mlp } from './learners.js';
import { NeuralLearner } from './neural-learner.js';
import { networkOptions } from './options.js';

/** Two rings around the origin, which no line divides; the even items lie on the inner one. */
const [N, P] = [200, 40];
const ring = (row: number): number => row % 2;
const rng = makeRng('rings');
const data = Float32Array.from({ length: 2 * (N + P) }, () => 0);
for (let row = 0; row < N + P; row++) {
  const [angle, radius] = [2 * Math.PI * rng.uniform(), 0.5 + 1.5 * ring(row) + 0.1 * rng.normal()];
  data.set([radius * Math.cos(angle), radius * Math.sin(angle)], 2 * row);
}
const dataset: Dataset = {
  taskIds: Array.from({ length: N }, (_, i) => `t${i}`),
  classes: ['in', 'out'],
  features: { data, columns: 2 },
  prototypes: {
    ids: Array.from({ length: P }, (_, p) => `p${p}`),
    classOf: Int32Array.from({ length: P }, (_, p) => p % 2),
  },
};
const annotations = new AnnotationIndex(N, 1, 2);
for (let i = 0; i < N; i++) annotations.append(i, 0, ring(i));
const posterior = Float64Array.from({ length: 2 * N }, (_, x) => +(x % 2 === ring(x >> 1)));
const request = {
  ...{ dataset, annotations, posterior, risk: new Float64Array(N), riskThreshold: 0.1 },
  annotationLogLikelihood: () => undefined,
};
const files: Files = { resolve: String, locate: () => undefined, cacheDir: '', note: () => undefined };

function learner(layers: readonly (readonly [number, Activation])[]): NeuralLearner {
  const options = { ...z.object(networkOptions).parse({}), steps: 300, learningRatePerRoot: 0.005 };
  const hidden = layers.map(([units, activation]) => ({ units, activation }));
  const calibrator = new TemperatureCalibrator({ optimizer: 'converged' });
  const parts = { selector: referenceSelector(), calibrator, backend: referenceBackend };
  return new NeuralLearner(options, hidden, { ...parts, dataset, features: dataset.features!, files });
}
const accuracy = (probability: Float32Array): number =>
  Array.from({ length: N }, (_, i) => +(probability[2 * i + ring(i)]! > 0.5)).reduce((a, b) => a + b, 0) / N;

describe('hidden layers of the user', () => {
  it.each<[string, readonly (readonly [number, Activation])[]]>([
    ['tanh', [[16, 'tanh']]],
    ['relu', [[16, 'relu']]],
    [
      'relu, then sigmoid',
      [
        [16, 'relu'],
        [8, 'sigmoid'],
      ],
    ],
  ])('%s: learn what no line divides, and say the same after they were saved', async (_, layers) => {
    const one = learner(layers);
    const { probability } = await one.fitPredict(request, makeRng('fit'));
    expect(accuracy(probability)).toBeGreaterThan(0.95);
    const two = learner(layers);
    two.restore(one.snapshot());
    expect((await two.lastOutput()).probability).toEqual(probability);
  });

  it('are those of the option, and without it tanh as published', () => {
    const { layers } = mlp.options.parse({ layers: [{ units: 8, activation: 'relu' }, { units: 4 }] }) as {
      layers: object;
    };
    expect(layers).toEqual([
      { units: 8, activation: 'relu' },
      { units: 4, activation: 'tanh' },
    ]);
    expect(mlp.options.parse({})).toMatchObject({ layers: null, hiddenLayers: 1, hiddenSize: 64 });
    expect(mlp.options.safeParse({ layers: [{ units: 8, activation: 'swish' }] }).success).toBe(false);
  });

  it('that are none cannot', async () => {
    expect(accuracy((await learner([]).fitPredict(request, makeRng('fit'))).probability)).toBeLessThan(0.8);
  });
});
