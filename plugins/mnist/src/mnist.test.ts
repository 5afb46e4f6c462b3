import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import {
  QuorateError,
  makeRng,
  type ClassLabel,
  type DatasetSource,
  type Files,
  type LoadedDataset,
} from '@quorate/core';
import { buildComponent, describeDatasetSource, describePlugin } from '@quorate/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDigits } from './digits.js';
import plugin, { mnist } from './index.js';

let folder = '';
const notes: string[] = [];
const filesIn = (cacheDir: () => string): Files => ({
  resolve: (path) => resolve(folder, path),
  locate: () => undefined,
  get cacheDir() {
    return cacheDir();
  },
  note: (message) => void notes.push(message),
});
const files = filesIn(() => join(folder, 'cache'));

async function load(options: object = {}, classes: ClassLabel[] | null = null, at = files): Promise<LoadedDataset> {
  const source = mnist.create!(mnist.options.parse(options), at) as DatasetSource;
  return source.load({ classes, featuresNeeded: false, neededBy: [] }, makeRng(7));
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quorate-mnist-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Share of the items that are nearest to the mean of their own class's prototypes. */
function nearestMeanAccuracy({ dataset, truth }: LoadedDataset): number {
  const { data, columns: D } = dataset.features!;
  const [N, K] = [dataset.taskIds.length, dataset.classes.length];
  const { classOf } = dataset.prototypes;
  const means = new Float64Array(K * D);
  const counts = new Float64Array(K);
  for (const [p, k] of classOf.entries()) {
    counts[k]!++;
    for (let d = 0; d < D; d++) means[k * D + d]! += data[(N + p) * D + d]!;
  }
  let correct = 0;
  for (let i = 0; i < N; i++) {
    let [best, least] = [-1, Infinity];
    for (let k = 0; k < K; k++) {
      let distance = 0;
      for (let d = 0; d < D; d++) distance += (data[i * D + d]! - means[k * D + d]! / counts[k]!) ** 2;
      if (distance < least) [best, least] = [k, distance];
    }
    if (best === truth!.classOf[i]) correct++;
  }
  return correct / N;
}

describe('dataset.use=mnist', () => {
  it('has the 10,000 digits, each once', async () => {
    const { dataset, truth } = await load();
    expect(dataset.classes).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    expect(dataset.taskIds).toHaveLength(9900);
    expect(new Set([...dataset.taskIds, ...dataset.prototypes.ids]).size).toBe(10_000);
    expect(dataset.features!.data).toHaveLength(10_000 * 64);
    expect(dataset.features!.data.every(Number.isFinite)).toBe(true);
    const { digitOf } = await readDigits();
    for (const [i, id] of dataset.taskIds.entries()) {
      expect(truth!.classOf[i]).toBe(digitOf[Number(id.replace('mnist-', ''))]);
    }
  });

  it('has features that tell digits apart', async () => {
    expect(nearestMeanAccuracy(await load({ prototypesPerClass: 400 }))).toBeGreaterThan(0.9);
    expect(nearestMeanAccuracy(await load({ prototypesPerClass: 10 }))).toBeGreaterThan(0.8);
  });

  it('gives each image the same features, whatever is chosen of them', async () => {
    const all = await load();
    const rowOf = new Map(all.dataset.taskIds.map((id, row) => [id, row]));
    const some = await load({ itemsPerClass: 20, prototypesPerClass: 3 }, [7, '3', 0]);
    expect(some.dataset.classes).toEqual([7, '3', 0]);
    expect([...some.truth!.classOf]).toEqual([0, 1, 2].flatMap((k) => Array<number>(20).fill(k)));
    for (const [i, id] of some.dataset.taskIds.entries()) {
      const row = rowOf.get(id);
      if (row === undefined) continue;
      expect(all.dataset.classes[all.truth!.classOf[row]!]).toBe(['7', '3', '0'][some.truth!.classOf[i]!]);
      expect(some.dataset.features!.data.subarray(i * 64, i * 64 + 64)).toEqual(
        all.dataset.features!.data.subarray(row * 64, row * 64 + 64),
      );
    }
    expect(some.hash).not.toBe(all.hash);
    expect(all.hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each<[ClassLabel[], RegExp]>([
    [['0', 'x'], /"x"/],
    [[3, '3'], /"3" twice/],
    [['3'], /got 1/],
    [[0.5, 1], /0\.5/],
  ])('refuses the classes %j', async (classes, got) => {
    const thrown: unknown = await load({}, classes).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(QuorateError);
    expect((thrown as QuorateError).code).toBe('DATA_INVALID');
    expect((thrown as QuorateError).message).toMatch(got);
  });

  it('has falling class sizes where asked to, in the ratio asked for', async () => {
    const sizes = ({ dataset, truth }: LoadedDataset) =>
      dataset.classes.map((_, k) => truth!.classOf.filter((c) => c === k).length);
    expect(sizes(await load({ imbalance: 10, itemsPerClass: 500 }, [3, 5, 8]))).toEqual([500, 158, 50]);
    const all = sizes(await load({ imbalance: 10 }));
    expect(all[0]).toBe(863 - 10);
    expect(all[9]).toBe(85);
    expect(all).toEqual([...all].sort((a, b) => b - a));
    expect((await load({ imbalance: 1 })).hash).toBe((await load()).hash);
  });

  it('refuses to make prototypes of all images', async () => {
    await expect(load({ prototypesPerClass: 2000 })).rejects.toThrow(/makes all 10000 images prototypes/);
  });
});

describe('the cache of features', () => {
  it('is one file, read back to the same bytes', async () => {
    const first = await load();
    expect(await readdir(files.cacheDir)).toHaveLength(1);
    const elsewhere = await load(
      {},
      null,
      filesIn(() => join(folder, 'another')),
    );
    expect(elsewhere.hash).toBe(first.hash);
    expect(elsewhere.dataset.features!.data).toEqual(first.dataset.features!.data);
  });

  it('is computed again when it is damaged', async () => {
    const { hash } = await load();
    const file = join(files.cacheDir, (await readdir(files.cacheDir))[0]!);
    const sound = await readFile(file);
    await writeFile(file, sound.subarray(0, 5000));
    expect((await load()).hash).toBe(hash);
    expect((await readFile(file)).equals(sound)).toBe(true);
  });

  it('may be missing: a place that cannot be written is noted, the run goes on', async () => {
    const blocked = join(folder, 'blocked');
    await writeFile(blocked, 'a file, where a folder should be');
    notes.length = 0;
    const { hash } = await load(
      {},
      null,
      filesIn(() => join(blocked, 'cache')),
    );
    expect(hash).toBe((await load()).hash);
    expect(notes).toEqual([expect.stringMatching(/could not be cached/)]);
  });

  it.skipIf(process.getuid?.() === 0)('may be read-only [skipped for root, who may write anywhere]', async () => {
    const shut = join(folder, 'read-only');
    await mkdir(shut);
    await chmod(shut, 0o555);
    notes.length = 0;
    await load(
      {},
      null,
      filesIn(() => shut),
    );
    expect(notes).toHaveLength(1);
  });
});

const build = { setup: { files } };
describeDatasetSource('mnist', buildComponent<DatasetSource>(mnist, { options: { itemsPerClass: 30 }, ...build }));
describeDatasetSource(
  'mnist, three digits',
  buildComponent<DatasetSource>(mnist, { options: { itemsPerClass: 9, prototypesPerClass: 0 }, ...build }),
  { classes: ['7', 3, '0'] },
);
describePlugin(plugin);
