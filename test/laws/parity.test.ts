import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { run, temporaryFolder } from './run.js';
import { root } from './sources.js';

/** 480 tasks of eight classes that overlap; one annotation a task, in six steps. */
const words = [
  'experiment=synthetic',
  'simulation=structured',
  'dataset.classes=8',
  'dataset.itemsPerClass=60',
  'dataset.columns=16',
  'dataset.separation=2.2',
  'sampler.hitSize=10',
  'sampler.hitsPerStep=8',
  'budget=480',
];
const seeds = [0, 1, 2];
const runs = temporaryFolder();

/**
 * Means over steps 1 to 6 of a second implementation of the published methods that learn (Python, torch), written from
 * the description of the original alone: nine runs on the tasks, prototypes and workers of these seeds.
 */
const second = {
  lean: { top1: 0.79, ece: 0.074 },
  improved_lean: { top1: 0.76, ece: 0.074 },
  efficient_annotation: { top1: 0.799, ece: 0.057 },
};
/** About four standard deviations of a mean of three runs, which differ in answers, sampling and initial weights. */
const tolerance = { top1: 0.04, ece: 0.03 };

it.each(Object.entries(second))('the curve of %s is that of a second implementation', async (method, expected) => {
  const curves = await Promise.all(
    seeds.map((seed) => run([...words, `method=${method}`, `seed=${seed}`], join(runs, `${method}-${seed}`))),
  );
  const scores = curves.flatMap(({ records }) => records.slice(1).map(({ aggregate }) => aggregate!.all));
  expect(scores.length).toBe(6 * seeds.length);
  for (const figure of ['top1', 'ece'] as const) {
    const mean = scores.reduce((sum, score) => sum + score[figure]!, 0) / scores.length;
    expect(Math.abs(mean - expected[figure]), `${figure} ${mean}`).toBeLessThan(tolerance[figure]);
  }
});

it('workers who are known, as an oracle, cost nothing: the rest of the step is as it was', async () => {
  const oracle = ['simulation=structured', 'workers.accuracy=0.7', 'method=efficient_annotation', 'budget=1000'];
  const last = async (known: boolean): Promise<number> => {
    const given = [...words, ...oracle, 'seed=1', `optimizer.known=${known}`];
    const { records } = await run(given, join(runs, `known-${known}`));
    return records.at(-1)!.aggregate!.all.top1!;
  };
  // Where the learner's last output was dropped with EM, no pseudo-label was left and this fell by more than 0.1.
  expect(await last(true)).toBeGreaterThan((await last(false)) - 0.01);
});

const counts = join(process.env['QUORATE_SHARED'] ?? join(root, '../shared'), 'data/amt');
const noCounts = !existsSync(join(counts, 'group_workers.json'));

it.skipIf(noCounts)(
  `the published prior does not take a distractor for a class to name${noCounts ? ' (skipped: the counts are not here)' : ''}`,
  async () => {
    const words = ['experiment=imagenet_split_2', 'method=ds_model', 'simulation=amt_structured_noise', 'budget=40'];
    const few = ['dataset.itemsPerClass=20', 'dataset.distractorsPerClass=10', `workers.path=${counts}`];
    const folder = join(runs, 'distractors');
    await run([...words, ...few], folder);
    const rows = readFileSync(join(folder, 'workers.csv'), 'utf8').split('\n').slice(1, -1);
    const unasked = rows.map((row) => row.split(',')).filter(([, answers]) => answers === '0');
    expect(unasked.length).toBeGreaterThan(40);
    // 183.8 of 276.9 pseudo-answers of a class name it, with distractors as without; averaged over all rows: 0.948 of 1,657.
    for (const [, , skill] of unasked) expect(Number(skill)).toBeCloseTo(0.664, 3);
  },
);
