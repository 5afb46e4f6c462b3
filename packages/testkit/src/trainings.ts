import { makeRng, type Activation, type MlpParams, type MlpSpec, type Rows, type Targets } from '@quorate/core';
import fc from 'fast-check';

/** A training to be made up. */
export interface Case {
  readonly columns: number;
  readonly hidden: readonly number[];
  readonly classes: number;
  readonly rows: number;
  readonly batchSize: number;
  readonly steps: number;
  readonly weightDecay: number;
  /** Of the hidden layers; null: left out. */
  readonly activations: readonly Activation[] | null;
  readonly seed: number;
}

export const anyCase: fc.Arbitrary<Case> = fc.record({
  columns: fc.integer({ min: 1, max: 5 }),
  hidden: fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 2 }),
  classes: fc.integer({ min: 2, max: 4 }),
  rows: fc.integer({ min: 1, max: 12 }),
  batchSize: fc.integer({ min: 1, max: 7 }),
  steps: fc.integer({ min: 1, max: 12 }),
  weightDecay: fc.constantFrom(0, 1e-3, 0.1),
  activations: fc.option(fc.tuple(...[0, 1].map(() => fc.constantFrom<Activation>('tanh', 'relu', 'sigmoid')))),
  seed: fc.nat(9999),
});

/** The arguments of a fit. */
export interface Training {
  readonly spec: MlpSpec;
  readonly data: Rows;
  readonly start: MlpParams;
  readonly batches: Int32Array;
  readonly batchSize: number;
}

/** Made up of random numbers from the seed of the case. */
export function training(one: Case): Training {
  const rng = makeRng(`backend/${one.seed}`);
  const layers = [one.columns, ...one.hidden, one.classes];
  const uniform = (n: number, bound: number): Float32Array =>
    Float32Array.from({ length: n }, () => bound * (2 * rng.uniform() - 1));
  const all = 2 * one.rows;
  const spec = { layers, learningRate: 3e-3, weightDecay: one.weightDecay };
  return {
    spec,
    data: {
      features: Float32Array.from({ length: all * one.columns }, () => rng.normal()),
      columns: one.columns,
      rows: rng.choose(all, one.rows),
      labels: Int32Array.from({ length: one.rows }, () => rng.int(one.classes)),
    },
    start: {
      weights: layers.slice(1).map((to, l) => uniform(layers[l]! * to, 1 / Math.sqrt(layers[l]!))),
      biases: layers.slice(1).map((to, l) => uniform(to, 1 / Math.sqrt(layers[l]!))),
      ...(one.activations ? { activations: one.activations.slice(0, one.hidden.length) } : {}),
    },
    batches: Int32Array.from({ length: one.batchSize * one.steps }, () => rng.int(one.rows)),
    batchSize: one.batchSize,
  };
}

/** The labels of a training as targets. */
export function certain({ data: { labels }, spec }: Training): Targets {
  const K = spec.layers.at(-1)!;
  const n = labels!.length;
  const probability = Float32Array.from({ length: n * K }, (_, x) => (x % K === labels![Math.floor(x / K)] ? 1 : 0));
  return { probability, crossEntropy: new Float32Array(n).fill(1), squared: new Float32Array(n) };
}

/** Targets of every kind: some certain, some not, some for the one loss, some for the other, some for nothing. */
export function anyTargets({ data: { rows }, spec }: Training, seed: number): Targets {
  const rng = makeRng(`targets/${seed}`);
  const K = spec.layers.at(-1)!;
  const weights = (): Float32Array => Float32Array.from(rows, () => (rng.int(3) === 0 ? 0 : 3 * rng.uniform()));
  const probability = new Float32Array(rows.length * K);
  for (let i = 0; i < rows.length; i++) {
    const row = Array.from({ length: K }, () => (rng.int(3) === 0 ? 0 : rng.uniform()));
    row[rng.int(K)]! += 0.1;
    const sum = row.reduce((a, b) => a + b, 0);
    row.forEach((x, k) => (probability[i * K + k] = x / sum));
  }
  return { probability, crossEntropy: weights(), squared: weights() };
}

export function withTargets(given: Training, targets: Targets): Training {
  const { labels: _, ...data } = given.data;
  return { ...given, data: { ...data, targets } };
}
