import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Registry, T, compose, makeRng, type Files, type LoadRequest, type LoadedDataset } from '@quorate/core';
import { afterAll, describe, expect, it } from 'vitest';
import plugin, { imagenet100 } from './index.js';

const FEATURES = 'features/byol_r50-e3b0c442.pth_feat1.npy';
const root = mkdtempSync(join(tmpdir(), 'quorate-imagenet-'));
afterAll(() => rmSync(root, { recursive: true }));

/** 7 komondors, 6 boxers, 5 hares, mixed; feature 0 is the row, feature 1 the class. */
const wnids = ['n02105505', 'n02108089', 'n02326432'];
const rows = Array.from({ length: 18 }, (_, r) => (r === 17 ? 0 : r === 16 ? 1 : r < 15 ? r % 3 : 0));
const listText = rows.map((k, r) => `${wnids[k]!}/${wnids[k]!}_${r}.JPEG ${k}\n`).join('');

function npy(
  count = rows.length,
  value = (r: number, c: number): number => (c === 0 ? r : (rows[r] ?? 0)),
): Uint8Array {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${count}, 2), }`.padEnd(117) + '\n';
  const values = Float32Array.from({ length: 2 * count }, (_, x) => value(Math.floor(x / 2), x % 2));
  const prefix = Uint8Array.of(0x93, 78, 85, 77, 80, 89, 1, 0, text.length, 0);
  return Buffer.concat([prefix, Buffer.from(text), new Uint8Array(values.buffer)]);
}

let folders = 0;
/** A folder with the published files, or with what is given instead; null leaves a file out. */
function folder(list: string | null = listText, features: Uint8Array | null = npy()): string {
  const path = join(root, String(folders++));
  mkdirSync(join(path, dirname(FEATURES)), { recursive: true });
  if (list !== null) writeFileSync(join(path, 'train_labeled.txt'), list);
  if (features !== null) writeFileSync(join(path, FEATURES), features);
  return path;
}

interface Setup extends Partial<LoadRequest> {
  readonly options?: Record<string, unknown>;
  readonly seed?: number;
  readonly files?: Partial<Files>;
}
async function load(setup: Setup = {}): Promise<LoadedDataset> {
  const { options = {}, seed = 0, files, classes = null, featuresNeeded = true, neededBy = ['learner "mlp"'] } = setup;
  const run = compose({
    registry: new Registry([plugin]),
    choices: { datasetSource: [{ use: 'imagenet', options }] },
    rng: makeRng(seed),
  });
  const nothing = { resolve: (p: string) => p, locate: () => undefined, cacheDir: root, note: () => {} };
  run.provide(T.Files, { ...nothing, ...files });
  const source = await run.get('datasetSource');
  return source.load({ classes, featuresNeeded, neededBy }, makeRng(seed).fork('dataset'));
}
const refusal = (setup: Setup): Promise<string> => load(setup).then(() => 'no error', String);

describe('the published files', () => {
  it('gives items and prototypes with the features of their own rows', async () => {
    const path = folder();
    const options = { path, prototypesPerClass: 2, itemsPerClass: 4 };
    const { dataset, truth, description } = await load({ options, classes: wnids });
    expect(dataset.classes).toEqual(wnids);
    expect([...truth!.classOf]).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2]);
    expect([...dataset.prototypes.classOf]).toEqual([0, 0, 1, 1, 2, 2]);
    const ids = [...dataset.taskIds, ...dataset.prototypes.ids];
    const classOf = [...truth!.classOf, ...dataset.prototypes.classOf];
    expect(new Set(ids).size).toBe(17);
    expect(dataset.features!.columns).toBe(2);
    ids.forEach((id, i) => {
      const row = dataset.features!.data[2 * i]!;
      expect(id).toBe(`${wnids[classOf[i]!]!}/${wnids[classOf[i]!]!}_${row}.JPEG`);
      expect(dataset.features!.data[2 * i + 1]).toBe(classOf[i]);
    });
    expect(description).toMatch(/11 images of 3 classes \(komondor, boxer, hare\), 6 prototypes, 2 features/);
  });

  it('takes the classes in the order of the run, and makes the others distractors', async () => {
    const options = { path: folder(), prototypesPerClass: 1, distractorsPerClass: 1 };
    const { dataset, truth } = await load({ options, classes: [wnids[2]!, wnids[1]!] });
    expect(dataset.classes).toEqual([wnids[2], wnids[1], 'other']);
    expect([...truth!.classOf]).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2]);
    expect([...dataset.prototypes.classOf]).toEqual([0, 1, 2]);
    for (const id of [dataset.taskIds[9], dataset.taskIds[10], dataset.prototypes.ids[2]])
      expect(id).toMatch(wnids[0]!);
  });

  it('is the same for a seed, hash included, and another for another seed or other features', async () => {
    const options = { path: folder(), prototypesPerClass: 2 };
    const first = await load({ options, classes: wnids });
    expect(await load({ options, classes: wnids })).toEqual(first);
    expect((await load({ options, classes: wnids, seed: 1 })).hash).not.toBe(first.hash);
    const changed = {
      ...options,
      path: folder(
        listText,
        npy(18, (r, c) => r + 1000 * c),
      ),
    };
    expect((await load({ options: changed, classes: wnids })).hash).not.toBe(first.hash);
    const labelsOnly = await load({ options, classes: wnids, featuresNeeded: false });
    expect(labelsOnly.dataset).toEqual({ ...first.dataset, features: null });
  });

  it('finds the files where published data is kept', async () => {
    const path = folder();
    const files = {
      locate: (data: string, file: string) => (data === 'imagenet-sandbox' ? join(path, file) : undefined),
    };
    expect((await load({ files, classes: wnids, options: { prototypesPerClass: 1 } })).dataset.taskIds).toHaveLength(
      15,
    );
  });
});

describe('what can be wrong with the files', () => {
  it('names the missing files, who needs them and how to get them', async () => {
    const both = await refusal({});
    expect(both).toMatch(/DATA_UNAVAILABLE.*train_labeled\.txt and features\/byol.*needed by learner "mlp"/);
    expect(both).toMatch(/curl .*http:\/\/www\.cs\.toronto\.edu\/~andrew.*QUORATE_DATA_DIR.*dataset\.path/);
    const path = folder();
    const files = { locate: (_: string, file: string) => (file === FEATURES ? undefined : join(path, file)) };
    expect(await refusal({ files })).toMatch(/expected features\/byol[^ ]*, since.*got no such file/);
    expect(await refusal({ options: { path: '/nowhere' } })).toMatch(/DATA_INVALID.*\/nowhere.*dataset\.path/);
    const alone = { path: folder(listText, null), prototypesPerClass: 1 };
    expect(await refusal({ options: alone, classes: wnids })).toMatch(/DATA_INVALID.*feat1\.npy.*curl/);
  });

  it.each<[string, string, Uint8Array, RegExp]>([
    ['a truncated .npy', listText, npy().slice(0, 200), /feat1\.npy.*got 200 bytes/],
    ['NaN', listText, npy(18, (r, c) => (r === 5 && c === 1 ? NaN : r)), /NaN in row 5, column 1/],
    ['an infinite value', listText, npy(18, (r) => r / 0), /infinite/],
    ['text instead of .npy', listText, Buffer.from(listText), /an \.npy file/],
    ['more lines than rows', listText, npy(17), /18 rows.*got 17/],
    ['an image twice', listText + listText.split('\n')[0]! + '\n', npy(19), /line 19: .*n02105505_0\.JPEG" again/],
    ['a line without class', `${listText}image.JPEG\n`, npy(19), /line 19: .*got "image\.JPEG"/],
    ['an empty line', listText.replace('\n', '\n\n'), npy(19), /line 2: .*got ""/],
    ['an empty list', '', npy(1), /line 1/],
  ])('%s', async (_, list, features, message) => {
    const options = { path: folder(list, features), prototypesPerClass: 0 };
    expect(await refusal({ options, classes: wnids })).toMatch(message);
  });

  it.each<[string, Record<string, unknown>, string[] | null, RegExp]>([
    ['an unknown class', {}, ['n02105505', 'n02108088'], /"n02108088".*Did you mean "n02108089"/],
    ['all 100 classes of a file with 3', {}, null, new RegExp(imagenet100[0]!)],
    ['one class', {}, ['n02105505'], /at least two classes.*got 1/],
    ['only prototypes', { prototypesPerClass: 9 }, wnids, /at least one item.*prototypesPerClass/],
    ['no distractors left', { prototypesPerClass: 1, distractorsPerClass: 2 }, wnids, /distractorsPerClass.*got none/],
    ['an unknown option', { perClass: 3 }, wnids, /CONFIG_INVALID/],
  ])('%s', async (_, options, classes, message) => {
    const given = { path: folder(), prototypesPerClass: 1, ...options };
    expect(await refusal({ options: given, classes })).toMatch(message);
  });
});
