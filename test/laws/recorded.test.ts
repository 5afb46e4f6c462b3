import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { contents, run, temporaryFolder, type Outcome } from './run.js';
import { root } from './sources.js';

const data = join(root, 'examples/recorded-answers');
const words = [
  'method=quorate',
  'seed=1',
  'backend.use=reference',
  'dataset.use=files',
  `dataset.features=${join(data, 'features.npy')}`,
  `dataset.labels=${join(data, 'features.csv')}`,
  'workers.use=recorded',
  `workers.file=${join(data, 'answers.csv')}`,
  'sampler.hitSize=160',
  'sampler.hitsPerStep=5',
  'sampler.maxAnnotationsPerItem=20',
];
const folder = temporaryFolder();
const read = (name: string, file: string): string => contents(join(folder, name))[file]!;
const table = (text: string): string[][] => {
  const [, ...lines] = text.trim().split('\n');
  return lines.map((line) => line.split(','));
};
const rows = (name: string, file: string): string[][] => table(read(name, file));

const recording = readFileSync(join(data, 'answers.csv'), 'utf8');
/** What the record says, by task and worker. */
const record = new Map(table(recording).map(([task, worker, label]) => [`${task} ${worker}`, label] as const));

describe('a run on recorded answers, audited', () => {
  let audited: Outcome;
  beforeAll(async () => {
    audited = await run([...words, 'stop.use=audits'], join(folder, 'audited'));
  });

  it('gives every answer under the worker who gave it, and none twice', () => {
    const given = rows('audited', 'annotations.csv');
    expect(given.length).toBeGreaterThan(1000);
    for (const [task, worker, label] of given) expect(label).toBe(record.get(`${task} ${worker}`));
    expect(new Set(given.map(([task, worker]) => `${task} ${worker}`)).size).toBe(given.length);
  });

  it('is right about what it calls valid, and its confidence fits', () => {
    const { result } = audited;
    if (result === 'cut') throw new Error('it was cut');
    const { aggregate, calibration, valid } = result.last;
    expect(valid).toBeGreaterThan(700);
    expect(aggregate!.valid.top1).toBeGreaterThan(0.9);
    expect(aggregate!.all.ece).toBeLessThan(0.06);
    expect(calibration).toMatchObject({ known: 100, prototypeAnswers: 0 });
    expect(calibration!.accuracy!.low).toBeLessThan(aggregate!.all.top1!);
    expect(calibration!.accuracy!.high).toBeGreaterThan(aggregate!.all.top1! - 0.03);
    expect(result.audit).toMatchObject({ certifies: false, certified: false, audits: 100 });
  });

  it('sends to review what is neither valid nor audited', () => {
    const labels = rows('audited', 'labels.csv');
    for (const [, , , , valid, looked, review] of labels) {
      expect(review).toBe(String(valid === 'false' && looked === 'false'));
    }
    expect(labels.filter(([, , , , , looked]) => looked === 'true')).toHaveLength(100);
    for (const [, , confidence, , , , , sure] of labels) expect(Number(sure)).toBeLessThanOrEqual(Number(confidence));
  });

  it.each([2, 6])('is cut after step %i and resumed, and ends in the same bytes', async (cutAfter) => {
    const other = join(folder, `cut${cutAfter}`);
    await run([...words, 'stop.use=audits'], other, { cutAfter });
    await run([...words, 'stop.use=audits'], other, { resume: true });
    expect(contents(other)).toEqual(contents(join(folder, 'audited')));
  });
});

it('calls nothing valid that is right in less than 80 % without audits', async () => {
  const { records } = await run(words, join(folder, 'alone'));
  const { aggregate, calibration } = records.at(-1)!;
  expect(aggregate!.valid.top1 ?? 1).toBeGreaterThan(0.8);
  expect(calibration).toMatchObject({ known: 0 });
});

it('with prototypes that workers were asked about, is calibrated with what they said', async () => {
  const { records } = await run([...words, 'honesty.askPrototypes=true', 'budget=900'], join(folder, 'prototypes'));
  expect(records.at(-1)!.calibration).toMatchObject({ known: 0, prototypeAnswers: 60 });
});

it('refuses prototypes to workers who cannot be asked about them', async () => {
  const simulated = ['dataset.use=synthetic', 'dataset.itemsPerClass=5', 'method=ds_model'];
  await expect(
    run([...simulated, 'honesty.use=crowd', 'honesty.askPrototypes=true'], join(folder, 'simulated')),
  ).rejects.toThrow(/workers who can be asked about prototypes/);
});

it('is not resumed with another record', async () => {
  const copy = join(folder, 'data');
  mkdirSync(copy);
  copyFileSync(join(data, 'answers.csv'), join(copy, 'answers.csv'));
  const other = [
    ...words.filter((word) => !word.startsWith('workers.file')),
    `workers.file=${join(copy, 'answers.csv')}`,
  ];
  const cut = join(folder, 'record');
  await run(other, cut, { cutAfter: 2 });
  const fewer = recording.trim().split('\n').slice(0, -50);
  writeFileSync(join(copy, 'answers.csv'), `${fewer.join('\n')}\n`);
  await expect(run(other, cut, { resume: true })).rejects.toThrow(/recorded answers that the run was started with/);
});

it('asks nobody about a task whose answers are spent: with any sampler the record ends', async () => {
  for (const sampler of ['random', 'greedy_task_assignment']) {
    const name = `all-${sampler}`;
    const plain = words.filter((word) => !/^(method|sampler|backend|dataset.features)/.test(word));
    const more = ['method=ds_model', `sampler.use=${sampler}`, 'sampler.hitSize=700', 'sampler.hitsPerStep=5'];
    const all = ['sampler.maxAnnotationsPerItem=99', 'riskThreshold=0.000001', 'honesty.minGain=0'];
    await run([...plain, ...more, ...all, 'workerModel.prior=predefined_homegeneous'], join(folder, name));
    const tasks = new Set(rows(name, 'labels.csv').map(([task]) => task));
    const recorded = [...record.keys()].filter((key) => tasks.has(key.split(' ')[0]));
    expect(rows(name, 'annotations.csv')).toHaveLength(recorded.length);
  }
});
