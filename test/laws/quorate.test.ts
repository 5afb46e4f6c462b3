import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeRng } from '@quorate/core';
import { expect, it } from 'vitest';
import { npy } from '../e2e/npy.js';
import { run, temporaryFolder } from './run.js';

/** Words for a data set of its own files; a row of `rows` for each class of `classOf`. */
function dataset(classOf: readonly number[], rows: readonly (readonly number[])[]): readonly string[] {
  const folder = temporaryFolder();
  const columns = rows[0]!.length;
  writeFileSync(join(folder, 'features.npy'), npy(rows.flat(), [rows.length, columns]));
  writeFileSync(join(folder, 'labels.csv'), `id,label\n${classOf.map((k, i) => `t${i},class${k}\n`).join('')}`);
  return [
    'method=quorate',
    'simulation=structured',
    'dataset.use=files',
    `dataset.features=${join(folder, 'features.npy')}`,
    `dataset.labels=${join(folder, 'labels.csv')}`,
  ];
}

/** Two classes, 330 and 1,200 tasks, of which the features say next to nothing; the rare one has the lower index. */
function unbalanced(separation: number): readonly string[] {
  const rng = makeRng(`unbalanced/${separation}`);
  const means = Array.from({ length: 2 }, () => Array.from({ length: 30 }, () => separation * rng.normal()));
  const classOf = Array.from(rng.permutation(1530), (place) => (place < 330 ? 0 : 1));
  return dataset(
    classOf,
    classOf.map((k) => means[k]!.map((mean) => mean + rng.normal())),
  );
}

/** Eight classes that differ in the 20 components of least variance, of 300. */
function quiet(): readonly string[] {
  const rng = makeRng('quiet');
  const [columns, quietest] = [300, 20];
  const means = Array.from({ length: 8 }, () => Array.from({ length: quietest }, () => 1.6 * rng.normal()));
  const classOf = Array.from({ length: 1200 }, (_, i) => i % 8);
  return dataset(
    classOf,
    classOf.map((k) =>
      Array.from({ length: columns }, (_, d) => {
        const deviation = 0.5 * 8 ** (1 - d / columns);
        return deviation * (rng.normal() + (means[k]![d - columns + quietest] ?? 0));
      }),
    ),
  );
}

it.each([0.12, 0])(
  'quorate does not fall onto the rare one of two classes, from one step to the next: separation %d',
  async (separation) => {
    const data = unbalanced(separation);
    const words = ['sampler.hitSize=20', 'sampler.hitsPerStep=5', ...data];
    for (const seed of [1, 2, 3]) {
      const folder = join(temporaryFolder(), String(seed));
      const { records } = await run([...words, `seed=${seed}`, 'budget=700'], folder);
      const accuracies = records.map(({ aggregate }) => aggregate!.all.top1!);
      for (let step = 1; step < accuracies.length; step++)
        expect(accuracies[step], accuracies.join(' ')).toBeGreaterThan(accuracies[step - 1]! - 0.08);
    }
  },
);

it('quorate finds classes in the components of least variance', async () => {
  const words = ['sampler.hitSize=40', 'sampler.hitsPerStep=4', 'budget=720', 'seed=1', ...quiet()];
  const { records } = await run(words, join(temporaryFolder(), 'run'));
  expect(records.at(-1)!.aggregate!.all.top1).toBeGreaterThan(0.95);
});
