import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { contents, run, temporaryFolder } from './run.js';
import { root } from './sources.js';

const settings = ['dataset.use=blobs', 'sampler.hitSize=5', 'sampler.hitsPerStep=3', 'sampler.maxAnnotationsPerItem=4'];

/** Knows nothing of the workers. */
const counts = ['workerModel.prior=predefined_homegeneous'];
/** With a short fit and the backend that every machine has. */
const plain = 'backend.use=reference';
const learns = [...counts, plain, 'learner.steps=40', 'learner.batchSize=64', 'learner.learningRatePerRoot=0.002'];

it.each([
  ['ds_model', counts],
  ['lean', learns],
  ['improved_lean', learns],
  ['efficient_annotation', learns],
  ['quorate', [plain, 'learner.neighbours=5']],
])('%s learns the same from the same answers, whatever the truth is', async (method, more) => {
  const home = temporaryFolder();
  mkdirSync(join(home, 'runs'));
  const file = join(home, 'quorate.config.json');
  writeFileSync(file, JSON.stringify({ plugins: [join(root, 'test/laws/replay-plugin.ts')] }));
  const seen = join(home, 'runs', 'seen');
  const blind = join(home, 'runs', 'blind');
  const words = [...settings, `method=${method}`, ...more];
  const first = await run([...words, 'workers.use=uniform', 'workers.workers=12'], seen, { file });
  const replay = [
    'workers.use=replayed',
    `workers.file=${join(seen, 'annotations.csv')}`,
    'dataset.shuffleTruth=true',
    'honesty.use=none',
  ];
  const second = await run([...words, ...replay], blind, { file });

  for (const name of ['annotations.csv', 'labels.csv', 'workers.csv']) {
    expect(contents(blind)[name]).toBe(contents(seen)[name]);
  }
  const accuracy = ({ records }: typeof first) => records.map((record) => record.aggregate?.all.top1);
  expect(accuracy(second)).not.toEqual(accuracy(first));
  expect(first.records.length).toBeGreaterThan(3);
  // The learner had something to say, else the law would say little.
  if (more.includes(plain))
    expect(Math.max(...first.records.map(({ learner }) => learner?.all.top1 ?? 0))).toBeGreaterThan(0.5);
});

it.each([
  ['ds_model', []],
  ['quorate', [plain, 'learner.neighbours=5', 'honesty.minGain=0.01']],
])('%s delivers the same calibrated confidence of recorded answers, whatever the truth is', async (method, more) => {
  const home = temporaryFolder();
  const file = join(home, 'quorate.config.json');
  writeFileSync(file, JSON.stringify({ plugins: [join(root, 'test/laws/replay-plugin.ts')] }));
  const recording = join(home, 'recording');
  const words = ['dataset.use=blobs', 'sampler.hitSize=5', 'sampler.hitsPerStep=3'];
  const open = ['riskThreshold=0.0001', 'sampler.maxAnnotationsPerItem=6', 'workers.use=uniform', 'workers.workers=12'];
  await run([...words, 'method=ds_model', ...counts, ...open], recording, { file });
  const replay = [
    ...words,
    `method=${method}`,
    ...(method === 'ds_model' ? counts : []),
    ...more,
    'workers.use=recorded',
    `workers.file=${join(recording, 'annotations.csv')}`,
  ];
  const [seen, blind] = [join(home, 'seen'), join(home, 'blind')];
  const first = await run(replay, seen, { file });
  await run([...replay, 'dataset.shuffleTruth=true'], blind, { file });
  for (const name of ['annotations.csv', 'labels.csv', 'workers.csv']) {
    expect(contents(blind)[name]).toBe(contents(seen)[name]);
  }
  expect(contents(seen)['labels.csv']!.split('\n')[0]).toBe(
    'task,label,confidence,annotations,valid,needs_review,sure',
  );
  expect(first.records.at(-1)!.calibration).toMatchObject({ known: 0, prototypeAnswers: 0 });
  expect(first.records.at(-1)!.annotations).toBeGreaterThan(30);
});
