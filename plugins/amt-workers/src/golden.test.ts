import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { makeRng } from '@quorate/core';
import { describe, expect, it } from 'vitest';
import { pooledCounts, spreadErrors, spreadOutside, structuredConfusion } from './confusion.js';
import plugin, { drawConfusions, parseStudy, studyOn, type Study, type StudyOnClasses } from './index.js';

const shared = process.env['QUORATE_SHARED'] ?? fileURLToPath(new URL('../../../../shared', import.meta.url));
const missing = !existsSync(join(shared, 'data/amt/group_workers.json'));
const reason = missing ? ' [skipped: set QUORATE_SHARED to the folder with data/amt and golden]' : '';
const read = (file: string): string => readFileSync(join(shared, file), 'utf8');

interface Stats {
  readonly mean_reliability: number;
  readonly per_worker_mean: number[];
  readonly per_class_mean: number[];
}
interface Golden {
  readonly n_classes: number;
  readonly global_cm?: number[][];
  readonly global_cm_row_sums: number[];
  readonly global_cm_diagonal: number[];
  readonly fixed_input?: number[][];
  readonly after_noise_spread?: number[][];
  readonly fixed_input_row0?: number[];
  readonly after_noise_spread_row0?: number[];
  readonly workers_seed_123_to_172: Record<'structured' | 'uniform', Stats>;
}

function expectClose(actual: ArrayLike<number>, expected: readonly number[], tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  let worst = 0;
  for (let x = 0; x < expected.length; x++) worst = Math.max(worst, Math.abs(actual[x]! - expected[x]!));
  expect(worst).toBeLessThan(tolerance);
}

/** The reference figures are means of 50 workers with 6 digits. */
function expectSameMean(drawn: readonly number[], expected: number, standardErrors: number): void {
  const n = drawn.length;
  const mean = drawn.reduce((sum, x) => sum + x) / n;
  const variance = drawn.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (n - 1);
  expect(Math.abs(mean - expected)).toBeLessThan(standardErrors * Math.sqrt(variance * (1 / 50 + 1 / n)) + 1e-6);
}

describe.skipIf(missing)(`parity with the reference implementation${reason}`, () => {
  const study: Study = missing
    ? { classes: [], groups: [], groupOf: new Int32Array(0) }
    : parseStudy(read('data/amt/group_workers.json'), read('data/amt/groups.txt'), 'group_workers.json', 'groups.txt');
  const golden = (missing ? {} : JSON.parse(read('golden/workers.json'))) as Record<string, Golden>;
  const lists = missing
    ? []
    : read('data/amt/groups.txt')
        .trim()
        .split('\n\n')
        .map((block) => block.split('\n'));
  const classesOf: Record<string, readonly string[]> = {
    imagenet_split_0: lists[0] ?? [],
    imagenet_split_2: lists[2] ?? [],
    imagenet_animal: [...(lists[0] ?? []), ...(lists[1] ?? [])],
    imagenet_100_classes: study.classes,
  };
  const on = (experiment: string): StudyOnClasses => studyOn(study, classesOf[experiment]!);

  it('declares the files as they are', () => {
    for (const { path, sha256, bytes } of plugin.data![0]!.files) {
      const content = readFileSync(join(shared, 'data/amt', path));
      expect([createHash('sha256').update(content).digest('hex'), content.length]).toEqual([sha256, bytes]);
    }
  });

  it.each(Object.keys(golden))('counts of %s, summed over all workers', (experiment) => {
    const { n_classes: K, global_cm, global_cm_row_sums, global_cm_diagonal } = golden[experiment]!;
    const pooled = pooledCounts(on(experiment).groups, K);
    const rows = Array.from({ length: K }, (_, k) => [...pooled.subarray(k * K, (k + 1) * K)]);
    expect(rows.map((row) => row.reduce((sum, n) => sum + n))).toEqual(global_cm_row_sums);
    expect(rows.map((row, k) => row[k])).toEqual(global_cm_diagonal);
    if (global_cm) expect(rows).toEqual(global_cm);
  });

  it.each(Object.keys(golden))('the share of %s that goes to other groups', (experiment) => {
    const { n_classes: K, ...matrices } = golden[experiment]!;
    const before = matrices.fixed_input ?? [matrices.fixed_input_row0!];
    const after = matrices.after_noise_spread ?? [matrices.after_noise_spread_row0!];
    const confusion = new Float64Array(K * K);
    confusion.set(before.flat());
    spreadOutside(confusion, on(experiment).groupOf, 0.03);
    expectClose(confusion.subarray(0, before.length * K), after.flat(), 1e-9);
  });

  const picked = (missing ? {} : JSON.parse(read('golden/worker_fixed_pick.json'))) as Record<string, number[][]>;
  it.each(Object.keys(picked))('the matrix of %s', (key) => {
    const [experiment, shape, which] = key.split('/');
    const { groups, groupOf } = on(experiment!);
    const picks = groups.map(({ workers }) => (which === 'first' ? 0 : workers.length - 1));
    const confusion = structuredConfusion(groups, picks, groupOf.length);
    if (shape === 'uniform') spreadErrors(confusion, groupOf.length);
    spreadOutside(confusion, groupOf, 0.03);
    // The original's rows are 1e-8 / (row sum) short of 1; ours sum to 1.
    expectClose(confusion, picked[key]!.flat(), 1e-8);
  });

  it.each(Object.keys(golden).flatMap((e) => [[e, 'structured'] as const, [e, 'uniform'] as const]))(
    'the mean diagonal of workers of %s, %s noise',
    (experiment, shape) => {
      const K = golden[experiment]!.n_classes;
      const expected = golden[experiment]!.workers_seed_123_to_172[shape];
      const confusions = drawConfusions(on(experiment), shape, 500, 0.03, makeRng(experiment));
      const diagonals = confusions.map((m) => Array.from({ length: K }, (_, k) => m[k * K + k]!));
      expectSameMean(
        diagonals.map((d) => d.reduce((sum, p) => sum + p) / K),
        expected.mean_reliability,
        4,
      );
      expected.per_class_mean.forEach((mean, k) =>
        expectSameMean(
          diagonals.map((d) => d[k]!),
          mean,
          5,
        ),
      );
    },
  );

  it.each(Object.keys(golden).flatMap((e) => [[e, 'structured'] as const, [e, 'uniform'] as const]))(
    'every worker of the published draw for %s, %s noise',
    (experiment, shape) => {
      const K = golden[experiment]!.n_classes;
      const expected = golden[experiment]!.workers_seed_123_to_172[shape];
      const crew = drawConfusions(on(experiment), shape, 50, 0.03, makeRng(0), 'published');
      const diagonals = crew.map((m) => Array.from({ length: K }, (_, k) => m[k * K + k]!));
      const perWorker = diagonals.map((d) => d.reduce((sum, p) => sum + p) / K);
      const perClass = diagonals[0]!.map((_, k) => diagonals.reduce((sum, d) => sum + d[k]!, 0) / 50);
      expectClose(perWorker, expected.per_worker_mean, 1e-6);
      expectClose(perClass, expected.per_class_mean, 1e-6);
    },
  );
});
