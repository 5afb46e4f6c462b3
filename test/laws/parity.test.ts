import { join } from 'node:path';
import { expect, it } from 'vitest';
import { run, temporaryFolder } from './run.js';

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
