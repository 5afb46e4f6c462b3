import { diagonalMeans } from '@quorate/core/numbers';
import { makeRng, T, type AnyComponent, type Dataset, type WorkerSimulator } from '@quorate/core';
import type { Truth } from '@quorate/core/truth';
import { buildComponent, describeWorkerSimulator } from '@quorate/testkit';
import { describe, expect, it } from 'vitest';
import perfect from './simulator-perfect.js';
import { simulations } from './simulator-presets.js';
import structured from './simulator-structured.js';
import uniform from './simulator-uniform.js';
import plugin from './index.js';

const components: Record<string, AnyComponent> = { perfect, uniform, structured };

describeWorkerSimulator('perfect', buildComponent(perfect));
describeWorkerSimulator('uniform', buildComponent(uniform));
describeWorkerSimulator('structured', buildComponent(structured));
describeWorkerSimulator('structured (accuracy 0.2)', buildComponent(structured, { options: { accuracy: 0.2 } }));

const N = 60;

/** Classes on a line, two prototypes of each; items' features say nothing. */
function lineOf(classes: number, withFeatures = true): Dataset {
  const classOf = Int32Array.from({ length: 2 * classes }, (_, p) => p >> 1);
  const data = new Float32Array(N + 2 * classes);
  classOf.forEach((k, p) => (data[N + p] = k * k + (p % 2) / 10));
  return {
    taskIds: Array.from({ length: N }, (_, i) => `t${i}`),
    classes: Array.from({ length: classes }, (_, k) => `c${k}`),
    features: withFeatures ? { data, columns: 1 } : null,
    prototypes: { ids: Array.from(classOf, (_, p) => `p${p}`), classOf },
  };
}

const truthOf = (classes: number): Truth => ({ classOf: Int32Array.from({ length: N }, (_, i) => i % classes) });

interface Given {
  readonly dataset?: Dataset;
  readonly truth?: Truth | null;
  readonly seed?: number;
}

function build(
  name: string,
  options: Readonly<Record<string, unknown>> = {},
  { dataset = lineOf(5), truth = truthOf(5), seed = 1 }: Given = {},
): WorkerSimulator {
  const inject = components[name]!.inject;
  const given = inject.map((id) => (id === T.Dataset ? dataset : id === T.Rng ? makeRng(seed) : truth));
  return components[name]!.create!(components[name]!.options.parse(options), ...given) as WorkerSimulator;
}

const rowOf = (simulator: WorkerSimulator, worker: number, k: number, K = 5): number[] => [
  ...simulator.knowledge.confusion(worker)!.subarray(k * K, (k + 1) * K),
];

describe.each(Object.keys(components))('workers of %s', (name) => {
  it('answer as their confusion matrices say', () => {
    const simulator = build(name, { workers: 3 });
    const each = 20_000;
    for (const [worker, item] of [
      [0, 0],
      [2, 3],
    ] as const) {
      const labels = new Int32Array(each);
      const questions = {
        count: each,
        item: new Int32Array(each).fill(item),
        worker: new Int32Array(each).fill(worker),
      };
      void simulator.answer(questions, labels, makeRng(4));
      const counts = new Int32Array(5);
      for (const z of labels) counts[z]!++;
      rowOf(simulator, worker, item % 5).forEach((p, z) => {
        // Five standard deviations.
        expect(Math.abs(counts[z]! - each * p)).toBeLessThanOrEqual(5 * Math.sqrt(each * p * (1 - p)));
      });
    }
  });

  it('have ids as wide as the last one needs', () => {
    expect(build(name).workerIds.slice(0, 3)).toEqual(['w00', 'w01', 'w02']);
    expect(build(name).workerIds.length).toBe(50);
    expect(build(name, { workers: 101 }).workerIds.at(-1)).toBe('w100');
    expect(build(name, { workers: 101 }).workerIds[7]).toBe('w007');
  });

  it('are known from a study of 25 answers per class', () => {
    const simulator = build(name, { workers: 4 });
    const counts = simulator.knowledge.pooledCounts!;
    for (let k = 0; k < 5; k++) {
      for (let z = 0; z < 5; z++) {
        const mean = [0, 1, 2, 3].reduce((sum, j) => sum + rowOf(simulator, j, k)[z]! / 4, 0);
        expect(counts[k * 5 + z]).toBeCloseTo(25 * mean, 9);
      }
    }
    expect(simulator.knowledge.confusion(4)).toBeNull();
  });

  it('need the truth, and say so', () => {
    expect(() => build(name, {}, { truth: null })).toThrow(expect.objectContaining({ code: 'DATA_UNAVAILABLE' }));
    expect(components[name]!.needs!({})).toEqual(['truth']);
  });

  it('are the same workers, whoever comes after them', () => {
    const confusions = (simulator: WorkerSimulator) => [0, 1, 2].map((j) => simulator.knowledge.confusion(j));
    expect(confusions(build(name, { workers: 9 }))).toEqual(confusions(build(name, { workers: 3 })));
  });

  it('come with a simulation preset', () => {
    const preset = simulations.find((one) => one.name === name);
    expect(preset).toMatchObject({ group: 'simulation', config: { workers: { use: name } } });
    expect(plugin.presets).toContain(preset);
    expect(plugin.components).toContain(components[name]);
  });
});

it('perfect: workers are always right', () => {
  const simulator = build('perfect', { workers: 2 });
  const item = Int32Array.from({ length: N }, (_, i) => i);
  const labels = new Int32Array(N);
  void simulator.answer({ count: N, item, worker: item.map((i) => i % 2) }, labels, makeRng(1));
  expect(labels).toEqual(truthOf(5).classOf);
});

/** Mean and standard deviation of the diagonal entries over workers and classes. */
function accuracies(simulator: WorkerSimulator, K: number): { mean: number; deviation: number; all: number[] } {
  const all = simulator.workerIds.flatMap((_, j) => {
    const confusion = simulator.knowledge.confusion(j)!;
    return Array.from({ length: K }, (_, k) => confusion[k * K + k]!);
  });
  const mean = all.reduce((sum, a) => sum + a, 0) / all.length;
  return { mean, deviation: Math.sqrt(all.reduce((sum, a) => sum + (a - mean) ** 2, 0) / all.length), all };
}

describe('uniform', () => {
  const K = 20;
  const wide = { dataset: lineOf(K), truth: truthOf(K) };

  it('draws accuracies around the reliability, with the spread that was asked for', () => {
    const { mean, deviation } = accuracies(build('uniform', { workers: 100, spread: 0.05 }, wide), K);
    expect(mean).toBeCloseTo(0.7, 2);
    expect(deviation).toBeCloseTo(0.05, 2);
  });

  it('keeps them between guessing and 0.99, and at the mean without spread', () => {
    const { all } = accuracies(build('uniform', { spread: 0.8 }, wide), K);
    expect(Math.min(...all)).toBe(1 / K);
    expect(Math.max(...all)).toBe(0.99);
    expect(accuracies(build('uniform', { reliability: 1, spread: 0 }, wide), K).mean).toBe(1);
    expect(new Set(accuracies(build('uniform', { reliability: 0.01, spread: 0 }, wide), K).all)).toEqual(
      new Set([0.01]),
    );
  });

  it('spreads the errors evenly', () => {
    const row = rowOf(build('uniform'), 0, 2);
    const errors = row.filter((_, z) => z !== 2);
    expect(new Set(errors).size).toBe(1);
    expect(errors[0]).toBeCloseTo((1 - row[2]!) / 4, 12);
  });
});

describe('structured', () => {
  const K = 12;
  const wide = { dataset: lineOf(K), truth: truthOf(K) };
  const errorsOn = (simulator: WorkerSimulator, k: number, classes: readonly number[]): number => {
    const row = rowOf(simulator, 0, k, K);
    return classes.reduce((sum, z) => sum + row[z]!, 0) / (1 - row[k]!);
  };

  it('draws accuracies around their mean; workers differ, and so do classes', () => {
    const simulator = build('structured', { workers: 400, spread: 0.08 }, { dataset: lineOf(60), truth: truthOf(60) });
    const { mean, deviation } = accuracies(simulator, 60);
    expect(Math.abs(mean - 0.7)).toBeLessThan(0.02);
    expect(Math.abs(deviation - 0.08)).toBeLessThan(0.01);
    const ofWorker = simulator.workerIds.map((_, j) => diagonalMeans(simulator.knowledge.confusion(j)!, 60).diagonal);
    const between = Math.sqrt(ofWorker.reduce((sum, a) => sum + (a - mean) ** 2, 0) / 400);
    expect(Math.abs(between - 0.08 / Math.sqrt(3))).toBeLessThan(0.01);
  });

  it('confuses the classes whose prototypes are nearest', () => {
    // The classes lie at 0, 1, 4, 9, ..., 121.
    const simulator = build('structured', { confusableClasses: 2 }, wide);
    expect(errorsOn(simulator, 0, [1, 2])).toBeCloseTo(0.9, 9);
    expect(errorsOn(simulator, 5, [4, 6])).toBeCloseTo(0.9, 9);
    expect(errorsOn(simulator, 11, [10, 9])).toBeCloseTo(0.9, 9);
    const pooled = build('structured', { workers: 200 }, wide).knowledge.pooledCounts!;
    expect(pooled[1]!).toBeGreaterThan(pooled[2]!);
    expect(pooled[2]!).toBeGreaterThan(pooled[3]!);
    expect(pooled[3]!).toBeGreaterThan(pooled[4]!);
  });

  it('reads nothing of the items', () => {
    const { features, ...rest } = lineOf(K);
    const data = features!.data.slice();
    data.fill(77, 0, N);
    const other = { ...rest, features: { data, columns: 1 } };
    expect(build('structured', {}, { ...wide, dataset: other }).knowledge.confusion(3)).toEqual(
      build('structured', {}, wide).knowledge.confusion(3),
    );
  });

  it('confuses the classes that a given similarity says', () => {
    const similarity = Array.from({ length: K }, (_, k) =>
      Array.from({ length: K }, (_, z) => -Math.abs(((k + 6) % K) - z)),
    );
    const simulator = build('structured', { similarity, confusableClasses: 1, concentration: 1 }, wide);
    expect(errorsOn(simulator, 0, [6])).toBeCloseTo(1, 9);
    expect(errorsOn(simulator, 7, [1])).toBeCloseTo(1, 9);
  });

  it.each([
    ['rows', [[1, 0]]],
    ['a row of 1', Array.from({ length: K }, () => [1])],
  ])('refuses a similarity of another shape: %s', (got, similarity) => {
    const make = () => build('structured', { similarity }, wide);
    expect(make).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
    expect(make).toThrow(got);
  });

  it('makes confusable classes up, the same for a seed, where no features are', () => {
    const blind = { ...wide, dataset: lineOf(K, false) };
    const of = (seed: number) => build('structured', {}, { ...blind, seed }).knowledge.pooledCounts!;
    expect(of(1)).toEqual(of(1));
    expect(of(1)).not.toEqual(of(2));
    const row = rowOf(build('structured', { concentration: 1 }, blind), 0, 4, K);
    expect(row.filter((p) => p > 0).length).toBe(4);
  });

  it('ranks a class without prototypes below those that have some', () => {
    const dataset = lineOf(K);
    const classOf = dataset.prototypes.classOf.map((k) => (k === 1 ? 0 : k));
    const without = { ...dataset, prototypes: { ...dataset.prototypes, classOf } };
    const row = rowOf(build('structured', { concentration: 1 }, { ...wide, dataset: without }), 0, 0, K);
    expect(row[1]).toBe(0);
    expect(row[2]).toBeGreaterThan(0);
  });
});
