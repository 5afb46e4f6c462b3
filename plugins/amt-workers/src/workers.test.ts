import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry, T, compose, makeRng, type Dataset, type Files, type WorkerSimulator } from '@quorate/core';
import { TruthToken, type Truth } from '@quorate/core/truth';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { spreadErrors, spreadOutside, structuredConfusion, type GroupCounts } from './confusion.js';
import plugin from './index.js';

/** A made-up study: two groups, stored in another order than in groups.txt, and a class (d) that nobody saw. */
const ids = ['a', 'b', 'c', 'd', 'e'];
const matrix = (cells: Record<string, number>): number[][] => ids.map((r) => ids.map((c) => cells[r + c] ?? 0));
const studyJson = {
  imagenet100: ids,
  group_workers: {
    '1': [matrix({ cc: 4, ce: 1, ee: 2 }), matrix({ ee: 3, ec: 3 })],
    '0': [matrix({ aa: 6, ab: 2, bb: 3 })],
  },
};
const groupsText = 'a\nb\n\nc\nd\ne\n\n';

const folder = mkdtempSync(join(tmpdir(), 'quorate-amt-'));
afterAll(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, 'group_workers.json'), JSON.stringify(studyJson));
writeFileSync(join(folder, 'groups.txt'), groupsText);

const nowhere: Files = {
  resolve: (path) => join(folder, path),
  locate: () => undefined,
  cacheDir: folder,
  note: () => {},
};
const here: Files = { ...nowhere, locate: (_, file) => join(folder, file) };

interface Setup {
  readonly classes?: Dataset['classes'];
  readonly use?: string;
  readonly options?: Record<string, unknown>;
  readonly files?: Files;
  readonly truth?: Truth | null;
  readonly seed?: number;
}
async function build(setup: Setup = {}): Promise<WorkerSimulator> {
  const { classes = ['a', 'b', 'c', 'd', 'e'], use = 'amt_structured_noise', options = {} } = setup;
  const run = compose({
    registry: new Registry([plugin]),
    choices: { workerSimulator: [{ use, options }] },
    rng: makeRng(setup.seed ?? 0),
  });
  const truth = setup.truth === undefined ? { classOf: Int32Array.from(classes, (_, k) => k) } : setup.truth;
  const prototypes = { ids: [], classOf: new Int32Array(0) };
  run.provide(T.Dataset, { taskIds: classes.map(String), classes, features: null, prototypes });
  run.provide(T.Files, setup.files ?? here);
  run.provide(TruthToken, truth);
  return run.get('workerSimulator');
}
const rowsOf = (m: Float64Array, K: number): number[][] =>
  Array.from({ length: K }, (_, k) => [...m.subarray(k * K, (k + 1) * K)]);

describe('workers of a study', () => {
  it('finds a group by its key, and answers rightly where nobody was asked', async () => {
    const workers = await build({ classes: ['a', 'b', 'd'], options: { workers: 3, noise: 0 } });
    expect(workers.workerIds).toEqual(['w00', 'w01', 'w02']);
    // One worker of the group: 1 + 10 times the same counts.
    expect(rowsOf(workers.knowledge.confusion(0)!, 3)).toEqual([
      [6 / 8, 2 / 8, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]);
    expect([...workers.knowledge.pooledCounts!]).toEqual([6, 2, 0, 0, 3, 0, 0, 0, 0]);
  });

  it('uses the pooled row of a class that the chosen worker never saw', async () => {
    const workers = await build({ classes: ['c', 'e'], options: { workers: 40, noise: 0 } });
    const rows = new Set(
      Array.from({ length: 40 }, (_, j) => JSON.stringify(rowsOf(workers.knowledge.confusion(j)!, 2))),
    );
    expect(rows).toEqual(
      new Set([
        JSON.stringify([
          [44 / 55, 11 / 55],
          [3 / 28, 25 / 28],
        ]),
        JSON.stringify([
          [4 / 5, 1 / 5],
          [33 / 68, 35 / 68],
        ]),
      ]),
    );
  });

  it.each(['amt_structured_noise', 'amt_uniform_noise'])('%s folds all other classes into "other"', async (use) => {
    const options = { workers: 4, noise: 0 };
    const workers = await build({ use, classes: ['b', 'a', 'other'], options });
    expect([...workers.knowledge.pooledCounts!]).toEqual([3, 0, 0, 2, 6, 0, 0, 0, 13]);
    const away = use === 'amt_uniform_noise' ? [1 / 8, 6 / 8, 1 / 8] : [2 / 8, 6 / 8, 0];
    expect(rowsOf(workers.knowledge.confusion(3)!, 3)).toEqual([[1, 0, 0], away, [0, 0, 1]]);
    const noisy = await build({ use, classes: ['b', 'a', 'other'], options: { workers: 4 } });
    const [b, , other] = rowsOf(noisy.knowledge.confusion(0)!, 3);
    expect(b).toEqual([0.97, 0, 0.03]);
    expect(other).toEqual([0, 0, 1]);
  });

  it('answers by the matrix of the worker and the true class', async () => {
    const N = 4000;
    const truth = { classOf: Int32Array.from({ length: N }, (_, i) => i % 5) };
    const workers = await build({ truth, options: { workers: 2 } });
    const item = Int32Array.from({ length: N }, (_, i) => i);
    for (const j of [0, 1]) {
      const labels = new Int32Array(N);
      await workers.answer({ count: N, item, worker: new Int32Array(N).fill(j) }, labels, makeRng(7));
      const counts = new Float64Array(25);
      labels.forEach((z, i) => (counts[(i % 5) * 5 + z]! += 5 / N));
      workers.knowledge.confusion(j)!.forEach((p, x) => expect(Math.abs(counts[x]! - p)).toBeLessThan(0.07));
    }
  });

  it('keeps the streams of the workers apart, and is the same for a seed', async () => {
    const [a, b, c] = await Promise.all([build({ seed: 1 }), build({ seed: 1 }), build({ seed: 2 })]);
    expect(a.knowledge.confusion(5)).toEqual(b.knowledge.confusion(5));
    const picks = (w: WorkerSimulator): unknown[] => w.workerIds.map((_, j) => w.knowledge.confusion(j));
    expect(picks(a)).not.toEqual(picks(c));
    const alone = new Int32Array(20);
    await a.answer({ count: 20, item: new Int32Array(20), worker: new Int32Array(20).fill(3) }, alone, makeRng(1));
    const mixed = new Int32Array(40);
    const worker = Int32Array.from({ length: 40 }, (_, x) => (x % 2 === 0 ? 3 : 8));
    await b.answer({ count: 40, item: new Int32Array(40), worker }, mixed, makeRng(1));
    expect(mixed.filter((_, x) => x % 2 === 0)).toEqual(alone);
  });
});

describe('what a user can get wrong', () => {
  const refusal = (setup: Setup): Promise<string> => build(setup).then(() => 'no error', String);
  it.each<[string, Setup, RegExp]>([
    ['no data', { files: nowhere }, /DATA_UNAVAILABLE.*quorate data pull amt-workers.*QUORATE_DATA_DIR/],
    ['a class of another dataset', { classes: ['a', 'cat'] }, /DATA_INVALID.*the class "cat"/],
    ['"other" that is not last', { classes: ['other', 'a'] }, /the class "other"/],
    ['a path that is not there', { options: { path: 'gone.json' } }, /DATA_INVALID.*gone\.json/],
    ['a dataset without truth', { truth: null }, /workers\.use=amt_structured_noise.*without truth/],
    ['the published draw of another study', { options: { draw: 'published' } }, /2 groups of 1, 2.*draw=seeded/],
    ['no workers', { options: { workers: 0 } }, /CONFIG_INVALID.*workers\.workers/],
  ])('%s', async (_, setup, message) => {
    expect(await refusal(setup)).toMatch(message);
  });

  it.each<[string, string, string, RegExp]>([
    ['text', 'not json', groupsText, /expected JSON/],
    ['another JSON', '[1]', groupsText, /imagenet100/],
    ['a missing group', JSON.stringify({ ...studyJson, group_workers: {} }), groupsText, /group_workers\["0"\]/],
    ['a negative count', JSON.stringify(studyJson).replace('6', '-6'), groupsText, /got -6 in row 0, column 0/],
    ['a short row', JSON.stringify(studyJson).replace('[6,', '['), groupsText, /5 × 5 counts/],
    ['an unknown id', JSON.stringify(studyJson), 'a\nb\n\nc\nx\n', /got "x"/],
    ['an id without group', JSON.stringify(studyJson), 'a\nb\n\nc\nd\n', /no "e"/],
  ])('a study that is %s', async (_, counts, groups, message) => {
    writeFileSync(join(folder, 'damaged.json'), counts);
    const list = join(folder, 'groups.txt');
    writeFileSync(list, groups);
    try {
      expect(await refusal({ options: { path: 'damaged.json' } })).toMatch(message);
    } finally {
      writeFileSync(list, groupsText);
    }
  });

  it('takes a file or its folder as path', async () => {
    for (const path of ['group_workers.json', '.']) {
      expect((await build({ files: nowhere, options: { path } })).workerIds).toHaveLength(50);
    }
  });
});

it('makes rows that sum to 1 out of any counts', () => {
  const K = 4;
  const counts = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: K * K, maxLength: K * K });
  const group = fc
    .array(
      counts.map((c) => Float64Array.from(c)),
      { minLength: 1, maxLength: 3 },
    )
    .map((workers): GroupCounts => ({ workers, total: workers.reduce((sum, w) => sum.map((n, x) => n + w[x]!)) }));
  fc.assert(
    fc.property(
      fc.array(group, { minLength: 1, maxLength: 3 }),
      fc.array(fc.integer({ min: -1, max: 2 }), { minLength: K, maxLength: K }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.boolean(),
      (groups, groupOf, noise, even) => {
        const confusion = structuredConfusion(
          groups,
          groups.map((g) => g.workers.length - 1),
          K,
        );
        if (even) spreadErrors(confusion, K);
        spreadOutside(confusion, groupOf, noise);
        for (const row of rowsOf(confusion, K)) {
          expect(row.reduce((sum, p) => sum + p)).toBeCloseTo(1, 12);
          expect(Math.min(...row)).toBeGreaterThanOrEqual(0);
        }
      },
    ),
    { seed: 2, numRuns: 200 },
  );
});
