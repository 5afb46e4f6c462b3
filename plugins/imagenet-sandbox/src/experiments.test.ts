import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { Registry, T, compose, makeRng, type LoadedDataset } from '@quorate/core';
import { describe, expect, it } from 'vitest';
import { imagesOf } from './image-counts.js';
import plugin, { classNames, groups, imagenet100 } from './index.js';

const shared = process.env['QUORATE_SHARED'] ?? fileURLToPath(new URL('../../../../shared', import.meta.url));
const missing = !existsSync(join(shared, 'data/amt/group_workers.json'));

interface Config {
  readonly classes: string[];
  readonly riskThreshold: number;
  readonly budget: number;
  readonly dataset: Record<string, unknown>;
}
const configOf = (name: string): Config =>
  plugin.presets!.find((preset) => preset.name === name)!.config as unknown as Config;

/** Loads an experiment as a run does where no file is there. */
async function labelsOnly(name: string, options = {}, notes: string[] = []): Promise<LoadedDataset> {
  const { classes, dataset } = configOf(name);
  const { use, ...preset } = dataset;
  const run = compose({
    registry: new Registry([plugin]),
    choices: { datasetSource: [{ use: String(use), options: { ...preset, ...options } }] },
    rng: makeRng(0),
  });
  const note = (message: string): void => void notes.push(message);
  run.provide(T.Files, { resolve: (p) => p, locate: () => undefined, cacheDir: '', note });
  const source = await run.get('datasetSource');
  return source.load({ classes, featuresNeeded: false, neededBy: [] }, makeRng(0));
}

describe('the eight experiments', () => {
  it.each([
    ['imagenet_split_0', 19, 22_704],
    ['imagenet_split_1', 18, 23_220],
    ['imagenet_split_2', 13, 16_770],
    ['imagenet_split_4', 16, 20_140],
    ['imagenet_animal', 37, 45_924],
    ['imagenet_100_classes', 100, 125_689],
  ])('%s has the published number of images', async (name, K, N) => {
    const notes: string[] = [];
    const { dataset, truth, description } = await labelsOnly(name, {}, notes);
    expect([dataset.classes.length, dataset.taskIds.length, dataset.prototypes.ids.length]).toEqual([K, N, 10 * K]);
    expect(truth!.classOf.length).toBe(N);
    expect(dataset.features).toBeNull();
    expect(notes).toEqual([expect.stringMatching(/train_labeled\.txt is not there and no part needs features/)]);
    expect(description).toMatch(new RegExp(`${N} images of ${K} classes .*labels only, the paper's numbers`));
    const ids = new Set([...dataset.taskIds, ...dataset.prototypes.ids]);
    expect(ids.size).toBe(N + 10 * K);
    dataset.taskIds.forEach((id, i) => {
      if (id.slice(0, 9) !== dataset.classes[truth!.classOf[i]!]) throw new Error(`${id} has another class`);
    });
    expect(ids.has(`${String(dataset.classes[0])}/0001`)).toBe(true);
  });

  it('splits 3 and 5 together have what is left of all 100 classes', async () => {
    const three = await labelsOnly('imagenet_split_3');
    const five = await labelsOnly('imagenet_split_5');
    expect(three.dataset.taskIds.length + five.dataset.taskIds.length).toBe(42_855);
  });

  it('gives distractors and smaller numbers when asked', async () => {
    const { dataset, truth } = await labelsOnly('imagenet_split_2', { itemsPerClass: 20, distractorsPerClass: 5 });
    expect(dataset.classes.at(-1)).toBe('other');
    expect(dataset.taskIds).toHaveLength(13 * 20 + 13 * 5);
    expect(truth!.classOf.filter((k) => k === 13)).toHaveLength(65);
    expect(dataset.prototypes.ids).toHaveLength(135);
  });

  it('has the published numbers', () => {
    const numbers = plugin.presets!.map(({ name, group, options }) => {
      const { classes, riskThreshold, budget, dataset } = configOf(name);
      const { random: sampler, ...others } = options!['sampler'] as Record<string, Record<string, unknown>>;
      const { itemsPerClass, prototypesPerClass, distractorsPerClass } = dataset;
      expect([group, riskThreshold, prototypesPerClass, distractorsPerClass]).toEqual(['experiment', 0.1, 10, 0]);
      expect(Object.keys(sampler!)).toEqual(['hitSize', 'hitsPerStep']);
      expect(others).toEqual({ greedy_task_assignment: sampler, expected_gain: sampler });
      return [name, classes.length, itemsPerClass, sampler!['hitSize'], sampler!['hitsPerStep'], budget];
    });
    expect(numbers).toEqual([
      ['imagenet_split_0', 19, 2000, 40, 5, 2_000_000],
      ['imagenet_split_1', 18, 2000, 40, 5, 2_000_000],
      ['imagenet_split_2', 13, 2000, 40, 5, 2_000_000],
      ['imagenet_split_3', 19, 2000, 40, 5, 2_000_000],
      ['imagenet_split_4', 16, 2000, 40, 5, 2_000_000],
      ['imagenet_split_5', 15, 2000, 40, 5, 2_000_000],
      ['imagenet_animal', 37, 3000, 40, 5, 2_500_000],
      ['imagenet_100_classes', 100, 3000, 40, 50, 40_000_000],
    ]);
    expect(configOf('imagenet_100_classes').classes.slice(0, 3)).toEqual(['n02869837', 'n01749939', 'n02488291']);
    expect(configOf('imagenet_split_2').classes[0]).toBe('n13037406');
    expect(configOf('imagenet_animal').classes).toEqual([
      ...configOf('imagenet_split_0').classes,
      ...configOf('imagenet_split_1').classes,
    ]);
  });

  it('knows every class by name, once', () => {
    expect(new Set(imagenet100)).toEqual(new Set(classNames.keys()));
    expect([imagenet100.length, classNames.size, imagesOf.size]).toEqual([100, 100, 100]);
    expect(groups.reduce((sum, group) => sum + Object.keys(group).length, 0)).toBe(100);
    expect(new Set(classNames.values()).size).toBe(100);
  });

  it.skipIf(missing)('has the published groups and order [skipped without QUORATE_SHARED/data/amt]', () => {
    const lists = readFileSync(join(shared, 'data/amt/groups.txt'), 'utf8').trim().split('\n\n');
    expect(groups.map((group) => Object.keys(group))).toEqual(lists.map((block) => block.split('\n')));
    const json = JSON.parse(readFileSync(join(shared, 'data/amt/group_workers.json'), 'utf8')) as {
      imagenet100: string[];
      imagenet100_name: string[];
    };
    expect(imagenet100).toEqual(json.imagenet100);
    expect(imagenet100.map((id) => classNames.get(id))).toEqual(json.imagenet100_name.map((n) => n.split(',')[0]));
  });
});
