import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { quorate, root, workplace } from './cli.js';

const home = workplace();
const pilot = ['plan', 'experiment=synthetic', 'dataset.itemsPerClass=12', '--repeats', '2', '--out', 'plan'];

interface Range {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

it('says how many answers, days and how much money, with intervals; and what a method does not come to', async () => {
  const { status, stdout, stderr } = await quorate(home, [...pilot, '--tasks', '5000', '--price', '0.1', '--json']);
  expect(`${status} ${stderr}`).toBe('0 ');
  const {
    pilot: size,
    tasks,
    needs,
  } = JSON.parse(stdout) as {
    pilot: number;
    tasks: number;
    needs: {
      method: string;
      target: number;
      perTask: Range | null;
      answers: Range | null;
      days: Range;
      money: Range;
    }[];
  };
  expect([size, tasks]).toEqual([120, 5000]);
  expect(needs.map(({ method, target }) => `${method} ${target}`)).toEqual(
    ['ds_model', 'quorate'].flatMap((method) => [0.9, 0.95, 0.98].map((target) => `${method} ${target}`)),
  );
  const known = needs.find(({ method, target }) => method === 'quorate' && target === 0.9)!;
  const { low, estimate, high } = known.answers!;
  expect(low).toBeLessThanOrEqual(estimate);
  expect(estimate).toBeLessThanOrEqual(high);
  expect(known.money.estimate).toBeCloseTo(0.1 * estimate, 6);
  expect(known.answers!.high).toBeCloseTo(5000 * known.perTask!.high, 6);
  const table = await quorate(home, [...pilot, '--tasks', '5000']);
  expect(table.stdout).toMatch(/5,000 tasks, by a pilot of 120/);
  expect(table.stdout).toMatch(/ds_model +not on this pilot, which came to \d/);
});

it('takes the accuracy of workers from answers of theirs', async () => {
  copyFileSync(join(root, 'examples/crowd-answers/answers.csv'), join(home, 'answers.csv'));
  const { status, stderr } = await quorate(home, [...pilot, '--answers', 'answers.csv', '--method', 'ds_model']);
  expect(`${status} ${stderr}`).toMatch(/^0 By answers.csv: \d+ workers, right in \d+ % of their answers\./);
});

it('refuses a pilot that says nothing, and figures that are none', async () => {
  writeFileSync(
    join(home, 'few.csv'),
    `id,label\n${Array.from({ length: 40 }, (_, i) => `${i},${'ab'[i % 2]}\n`).join('')}`,
  );
  const few = [
    'plan',
    'dataset.use=files',
    'dataset.labels=few.csv',
    'sampler.hitSize=5',
    'method=ds_model',
    '--method',
    'ds_model',
  ];
  const { status, stderr } = await quorate(home, few);
  expect(`${status} ${stderr}`).toMatch(/^2 .*at least 80 tasks/);
  for (const flags of [['--target', '1.5'], ['--price', 'x'], ['sead=1']]) {
    expect((await quorate(home, [...pilot, ...flags])).status).toBe(2);
  }
});
