import { makeRng, type Dataset, type WorkerSimulator } from '@quorate/core';
import { buildComponent, describePlugin, describeWorkerSimulator } from '@quorate/testkit';
import { describe, expect, it } from 'vitest';
import plugin from './index.js';
import simulatedModel from './simulator-model.js';

describePlugin(plugin, {
  samples: {
    'workerSimulator/chat': { url: 'http://localhost/v1', model: 'm', tasks: 'texts.csv' },
    'workerSimulator/model_file': { file: 'zeroshot.npy' },
    'workerSimulator/onnx_classifier': { model: 'old.onnx' },
  },
});
describeWorkerSimulator('simulated_model', buildComponent(simulatedModel));
describeWorkerSimulator(
  'simulated_model, half of the classes',
  buildComponent(simulatedModel, { options: { knownClasses: 1, clusters: 3, swappedClasses: 2 } }),
);

const [N, K] = [2000, 4];
const classOf = Int32Array.from({ length: N }, (_, i) => i % K);
const rng = makeRng('features');
const dataset: Dataset = {
  taskIds: Array.from({ length: N }, (_, i) => `t${i}`),
  classes: ['a', 'b', 'c', 'd'],
  features: { data: Float32Array.from({ length: 2 * N }, () => rng.normal()), columns: 2 },
  prototypes: { ids: [], classOf: new Int32Array(0) },
};

async function answers(given: Record<string, unknown>, seed = 1): Promise<Int32Array> {
  const options = simulatedModel.options.parse(given);
  const model = simulatedModel.create!(options, dataset, { classOf }, makeRng(seed)) as WorkerSimulator;
  const label = new Int32Array(N);
  await model.answer({ count: N, item: Int32Array.from(label.keys()), worker: label.slice() }, label, makeRng(1));
  return label;
}

const right = (label: Int32Array, of = (_i: number): boolean => true): number => {
  const among = Array.from(label.keys()).filter(of);
  return among.filter((i) => label[i] === classOf[i]).length / among.length;
};

describe('a simulated model', () => {
  it('is as often right as it should be, and errs in clusters: neighbours of one class get one answer', async () => {
    const label = await answers({ accuracy: 0.8, clusters: 100 });
    expect(right(label)).toBeGreaterThan(0.72);
    expect(right(label)).toBeLessThan(0.88);
    const { data } = dataset.features!;
    let same = 0;
    for (let i = 0; i < 200; i++) {
      const others = Array.from(label.keys()).filter((j) => j !== i && classOf[j] === classOf[i]);
      const distance = (j: number) => Math.hypot(data[2 * i]! - data[2 * j]!, data[2 * i + 1]! - data[2 * j + 1]!);
      const nearest = others.reduce((best, j) => (distance(j) < distance(best) ? j : best));
      same += label[nearest] === label[i] ? 1 : 0;
    }
    expect(same / 200).toBeGreaterThan(0.85);
  });

  it('knows some classes only, or swaps some', async () => {
    const half = await answers({ accuracy: 1, knownClasses: 2 });
    expect(right(half, (i) => classOf[i]! < 2)).toBe(1);
    expect(half.every((z) => z < 2)).toBe(true);
    const swapped = await answers({ accuracy: 1, swappedClasses: 2 });
    expect(right(swapped, (i) => classOf[i]! < 2)).toBe(0);
    expect(right(swapped, (i) => classOf[i]! >= 2)).toBe(1);
  });
});
