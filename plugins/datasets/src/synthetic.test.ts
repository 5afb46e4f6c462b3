import { QuorateError, makeRng, type ClassLabel, type DatasetSource, type LoadedDataset } from '@quorate/core';
import { buildComponent, describeDatasetSource, describePlugin } from '@quorate/testkit';
import { describe, expect, it } from 'vitest';
import { decayingDeviations, gaussianRows, groupedMeans } from './gaussian-classes.js';
import plugin, { synthetic } from './index.js';

async function load(options: object, classes: ClassLabel[] | null = null, seed = 1): Promise<LoadedDataset> {
  const source = synthetic.create!(synthetic.options.parse(options)) as DatasetSource;
  return source.load({ classes, featuresNeeded: true, neededBy: [] }, makeRng(seed));
}
const squaredDistance = (x: ArrayLike<number>, a: number, y: ArrayLike<number>, b: number, D: number): number => {
  let sum = 0;
  for (let d = 0; d < D; d++) sum += (x[a * D + d]! - y[b * D + d]!) ** 2;
  return sum;
};

describe('class means', () => {
  it('has falling class sizes where asked to', async () => {
    const { truth } = await load({ classes: 4, itemsPerClass: 80, imbalance: 8 });
    expect([0, 1, 2, 3].map((k) => truth!.classOf.filter((c) => c === k).length)).toEqual([80, 40, 20, 10]);
    expect((await load({ itemsPerClass: 20, imbalance: 1000 })).truth!.classOf.at(-1)).toBe(9);
  });

  it('are `separation` apart within a group and twice as far between groups', () => {
    const D = 16;
    const shape = { classes: 6, columns: D, separation: 3, groups: 2 };
    const squares = { within: 0, between: 0 };
    const draws = 400;
    const rng = makeRng(5);
    for (let draw = 0; draw < draws; draw++) {
      const means = groupedMeans(shape, rng);
      squares.within += squaredDistance(means, 0, means, 2, D) + squaredDistance(means, 3, means, 5, D);
      squares.between += squaredDistance(means, 0, means, 3, D) + squaredDistance(means, 2, means, 5, D);
    }
    expect(Math.sqrt(squares.within / (2 * draws))).toBeCloseTo(3, 0);
    expect(Math.sqrt(squares.between / (2 * draws))).toBeCloseTo(6, 0);
  });
});

describe('rows of a class', () => {
  it('have variances that decay and are 1 on average', () => {
    const deviations = decayingDeviations(8);
    const rows = gaussianRows(new Float64Array(8).fill(2), deviations, new Int32Array(20_000), makeRng(2));
    let total = 0;
    for (let d = 0; d < 8; d++) {
      let sum = 0;
      let square = 0;
      for (let i = 0; i < 20_000; i++) {
        sum += rows[i * 8 + d]!;
        square += rows[i * 8 + d]! ** 2;
      }
      const mean = sum / 20_000;
      const variance = square / 20_000 - mean * mean;
      total += variance;
      expect(mean).toBeCloseTo(2, 1);
      expect(Math.abs(variance / deviations[d]! ** 2 - 1)).toBeLessThan(0.05);
      if (d > 0) expect(deviations[d]!).toBeLessThan(deviations[d - 1]!);
    }
    expect(Math.abs(total / 8 - 1)).toBeLessThan(0.03);
  });
});

describe('dataset.use=synthetic', () => {
  it('has the counts and names that were asked for', async () => {
    const own = await load({ classes: 4, itemsPerClass: 5, prototypesPerClass: 2, columns: 3 });
    expect(own.dataset.classes).toEqual(['class-0', 'class-1', 'class-2', 'class-3']);
    expect([...own.truth!.classOf]).toEqual([0, 1, 2, 3].flatMap((k) => Array<number>(5).fill(k)));
    expect(own.dataset.features!.data).toHaveLength((20 + 8) * 3);
    const listed = await load({ itemsPerClass: 2, prototypesPerClass: 1, distractorsPerClass: 3 }, ['x', 7]);
    expect(listed.dataset.classes).toEqual(['x', 7, 'other']);
    expect([...listed.truth!.classOf]).toEqual([0, 0, 1, 1, 2, 2, 2, 2, 2, 2]);
    expect([...listed.dataset.prototypes.classOf]).toEqual([0, 1, 2, 2, 2]);
  });

  it('moves no class when more tasks are asked for', async () => {
    const few = await load({ classes: 2, itemsPerClass: 3 });
    const many = await load({ classes: 2, itemsPerClass: 9 });
    expect([...many.dataset.features!.data.subarray(0, 3 * 64)]).toEqual([
      ...few.dataset.features!.data.subarray(0, 3 * 64),
    ]);
  });

  it('is the harder the nearer the classes', async () => {
    const accuracy = async (separation: number): Promise<number> => {
      const { dataset, truth } = await load({ separation, prototypesPerClass: 40 });
      const { data, columns: D } = dataset.features!;
      const { classOf } = dataset.prototypes;
      const N = dataset.taskIds.length;
      const means = new Float64Array(10 * D);
      for (const [p, k] of classOf.entries()) {
        for (let d = 0; d < D; d++) means[k * D + d]! += data[(N + p) * D + d]! / 40;
      }
      let correct = 0;
      for (let i = 0; i < N; i++) {
        const distances = Array.from({ length: 10 }, (_, k) => squaredDistance(data, i, means, k, D));
        if (distances.indexOf(Math.min(...distances)) === truth!.classOf[i]) correct++;
      }
      return correct / N;
    };
    const [none, default_, easy] = [await accuracy(0), await accuracy(3), await accuracy(12)];
    expect(none).toBeLessThan(0.14);
    expect(default_).toBeGreaterThan(0.5);
    expect(default_).toBeLessThan(0.95);
    expect(easy).toBeGreaterThan(0.99);
  });

  it.each([[['a']], [['1', 1]], [['a', 'other']]])('refuses the classes %j', async (classes) => {
    const distractorsPerClass = classes.length === 2 ? 1 : 0;
    const thrown: unknown = await load({ distractorsPerClass }, classes).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(QuorateError);
    expect((thrown as QuorateError).detail.where).toBe('classes');
  });
});

const options = { classes: 3, itemsPerClass: 8, prototypesPerClass: 2, columns: 5 };
describeDatasetSource('synthetic', buildComponent<DatasetSource>(synthetic, { options }));
describeDatasetSource(
  'synthetic with distractors',
  buildComponent<DatasetSource>(synthetic, { options: { ...options, distractorsPerClass: 2 } }),
  { classes: ['a', 2, true] },
);
describePlugin(plugin, {
  samples: {
    'datasetSource/files': { labels: 'labels.csv' },
    'datasetSource/recorded': { file: 'answers.csv' },
  },
});
