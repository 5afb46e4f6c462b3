import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeRng } from '@quorate/core';
import { expect, it } from 'vitest';
import { npy } from '../e2e/npy.js';
import { run, temporaryFolder } from './run.js';

/** Two classes, 330 and 1,200 tasks, of which the features say next to nothing; the rare one has the lower index. */
function unbalanced(separation: number): readonly string[] {
  const folder = temporaryFolder();
  mkdirSync(folder, { recursive: true });
  const rng = makeRng(`unbalanced/${separation}`);
  const [tasks, rare, columns] = [1530, 330, 30];
  const means = Array.from({ length: 2 }, () => Array.from({ length: columns }, () => separation * rng.normal()));
  const classOf = Array.from(rng.permutation(tasks), (place) => (place < rare ? 0 : 1));
  const values = classOf.flatMap((k) => means[k]!.map((mean) => mean + rng.normal()));
  writeFileSync(join(folder, 'features.npy'), npy(values, [tasks, columns]));
  writeFileSync(join(folder, 'labels.csv'), `id,label\n${classOf.map((k, i) => `t${i},class${k}\n`).join('')}`);
  return [
    'dataset.use=files',
    `dataset.features=${join(folder, 'features.npy')}`,
    `dataset.labels=${join(folder, 'labels.csv')}`,
  ];
}

it.each([0.12, 0])(
  'quorate does not fall onto the rare one of two classes, from one step to the next: separation %d',
  async (separation) => {
    const data = unbalanced(separation);
    const words = ['method=quorate', 'simulation=structured', 'sampler.hitSize=20', 'sampler.hitsPerStep=5', ...data];
    for (const seed of [1, 2, 3]) {
      const folder = join(temporaryFolder(), String(seed));
      const { records } = await run([...words, `seed=${seed}`, 'budget=700'], folder);
      const accuracies = records.map(({ aggregate }) => aggregate!.all.top1!);
      for (let step = 1; step < accuracies.length; step++)
        expect(accuracies[step], accuracies.join(' ')).toBeGreaterThan(accuracies[step - 1]! - 0.08);
    }
  },
);
