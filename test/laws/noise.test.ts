import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { run, temporaryFolder } from './run.js';

/** All classes have one and the same distribution of features: there is nothing in them to learn. */
const words = [
  'experiment=synthetic',
  'dataset.separation=0',
  'dataset.classes=5',
  'dataset.itemsPerClass=100',
  'dataset.columns=16',
  'sampler.hitSize=20',
  'sampler.hitsPerStep=5',
];
const learns = [
  'backend.use=reference',
  'learner.steps=60',
  'learner.batchSize=128',
  'learner.learningRatePerRoot=1e-3',
];
const seeds = [1, 2, 3];
const runs = temporaryFolder();

/** Mean over seeds of the final accuracy. */
async function accuracyOf(method: string, more: readonly string[]): Promise<number> {
  let sum = 0;
  for (const seed of seeds) {
    const { records } = await run(
      [...words, ...more, `method=${method}`, `seed=${seed}`],
      join(runs, `${method}-${seed}`),
    );
    sum += records.at(-1)!.aggregate!.all.top1!;
  }
  return sum / seeds.length;
}

describe('features of pure noise', () => {
  let alone = 0;
  beforeAll(async () => {
    alone = await accuracyOf('ds_model', []);
  });

  it.each([
    ['lean', []],
    ['improved_lean', []],
    ['efficient_annotation', []],
    ['efficient_annotation_mixmatch', ['trainingSet.mu=1']],
  ])('cost %s no more than a point of the accuracy that the workers reach alone', async (method, more) => {
    expect(alone).toBeGreaterThan(0.7);
    expect(await accuracyOf(method, [...learns, ...more])).toBeGreaterThan(alone - 0.01);
  });
});
