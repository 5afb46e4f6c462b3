import { makeRng, type DatasetSource, type LoadedDataset } from '@quorate/core';
import { buildComponent, describeDatasetSource } from '@quorate/testkit';
import { expect, it } from 'vitest';
import { sample, synthetic } from './index.js';

describeDatasetSource('sample', buildComponent(sample, { options: { tasks: 30 }, components: [synthetic] }));

it('is a part of the tasks, each with its features and its class; all of them where there are fewer', async () => {
  const load = async (tasks: number): Promise<LoadedDataset> => {
    const parts = async (): Promise<unknown> => synthetic.create!(synthetic.options.parse({ itemsPerClass: 5 }));
    const source = (await sample.create!({ of: { use: 'synthetic' }, tasks }, parts)) as DatasetSource;
    return source.load({ classes: null, featuresNeeded: true, neededBy: [] }, makeRng(3));
  };
  const [all, some] = [await load(1000), await load(20)];
  expect(all.dataset.taskIds).toHaveLength(50);
  expect(some.dataset.taskIds).toHaveLength(20);
  const D = all.dataset.features!.columns;
  const row = ({ dataset }: LoadedDataset, i: number): number[] => [
    ...dataset.features!.data.subarray(i * D, (i + 1) * D),
  ];
  some.dataset.taskIds.forEach((id, i) => {
    const there = all.dataset.taskIds.indexOf(id);
    expect(row(some, i)).toEqual(row(all, there));
    expect(some.truth!.classOf[i]).toBe(all.truth!.classOf[there]);
  });
  expect(some.dataset.features!.data).toHaveLength((20 + some.dataset.prototypes.ids.length) * D);
  expect(row(some, 20)).toEqual(row(all, 50));
  expect(some.hash).not.toBe(all.hash);
});
