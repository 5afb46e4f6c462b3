import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run, temporaryFolder } from './run.js';

const words = [
  'experiment=synthetic',
  'dataset.classes=4',
  'dataset.itemsPerClass=30',
  'dataset.columns=8',
  'dataset.separation=6',
  'sampler.hitSize=10',
  'sampler.hitsPerStep=3',
  'backend.use=reference',
];
const network = ['learner.steps=40', 'learner.batchSize=64', 'learner.learningRatePerRoot=0.004'];
const situations = {
  'no prototypes': ['dataset.prototypesPerClass=0'],
  'one prototype a class': ['dataset.prototypesPerClass=1'],
  'two classes': ['dataset.classes=2'],
  'three tasks a class': ['dataset.itemsPerClass=3', 'sampler.hitsPerStep=1'],
  'one task a class': ['dataset.itemsPerClass=1', 'sampler.hitSize=4', 'sampler.hitsPerStep=1'],
  'one column': ['dataset.columns=1'],
};
const ofNetworks = {
  'fewer tasks than a minibatch': ['dataset.itemsPerClass=3', 'learner.batchSize=1024', 'sampler.hitsPerStep=1'],
  'a learner that diverges': ['learner.learningRatePerRoot=1e37'],
};

const cases = [
  ...['lean', 'improved_lean', 'efficient_annotation'].map((method) => ({
    method,
    learner: network,
    situations: { ...situations, ...ofNetworks },
  })),
  { method: 'quorate', learner: [], situations },
];
const runs = temporaryFolder();

describe.each(cases)('$method ends well with', ({ method, learner, situations }) => {
  it.each(Object.entries(situations))('%s', async (name, more) => {
    const folder = join(runs, `${method} ${name}`);
    const { result, records } = await run([...words, ...learner, ...more, `method=${method}`], folder);
    expect(result).toMatchObject({ stopped: 'done' });
    // With so few tasks a label weighs a lot; a learner that took the word from the workers would show.
    const { correct, incorrect } = records.at(-1)!.aggregate!.all;
    expect(correct + incorrect).toBeGreaterThan(0);
    if (name !== 'one task a class') expect(correct / (correct + incorrect)).toBeGreaterThan(0.75);
  });
});

it.each(cases)('$method labels from the prototypes alone where nobody is asked', async ({ method, learner }) => {
  const given = [...words, ...learner, `method=${method}`, 'simulation=none'];
  const { result, records } = await run(given, join(runs, `${method} alone`));
  expect(result).toMatchObject({ stopped: 'done', why: 'there is nobody to ask' });
  expect(records.map(({ annotations }) => annotations)).toEqual([0]);
  expect(records[0]!.aggregate!.all.top1).toBeGreaterThan(0.6);
});
