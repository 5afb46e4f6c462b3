import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openTable } from '@quorate/tables';
import { contents, run, temporaryFolder } from './run.js';

const words = [
  'experiment=synthetic',
  'method=efficient_annotation',
  'simulation=structured',
  'dataset.classes=4',
  'dataset.itemsPerClass=30',
  'dataset.distractorsPerClass=10',
  'dataset.columns=8',
  'dataset.separation=5',
  'sampler.hitSize=10',
  'sampler.hitsPerStep=3',
  'backend.use=reference',
  'learner.steps=40',
  'learner.learningRatePerRoot=0.004',
];
const runs = temporaryFolder();

async function columnsIn(path: string): Promise<Map<string, unknown[]>> {
  const opened = await openTable({ name: path, path, note: () => undefined });
  try {
    const { table } = opened;
    const columns = new Map<string, unknown[]>(table.columns.map((name) => [name, []]));
    for await (const batch of table.batches()) {
      table.columns.forEach((name, c) => columns.get(name)!.push(...Array.from(batch.columns[c]!)));
    }
    return columns;
  } finally {
    await opened.close();
  }
}

describe('what a run keeps on request', () => {
  const keep = 'keep=["beliefs","confusions"]';

  it('is what was believed after every step, and agrees with the results', async () => {
    const folder = join(runs, 'kept');
    const { records } = await run([...words, keep], folder);
    const files = readdirSync(join(folder, 'beliefs')).sort();
    expect(files).toEqual(records.map(({ step }) => `step-${String(step).padStart(5, '0')}.parquet`));
    const last = await columnsIn(join(folder, 'beliefs', files.at(-1)!));
    const classes = ['class-0', 'class-1', 'class-2', 'class-3', 'other'];
    const of = (name: string): string[] => classes.map((label) => `${name}.${label}`);
    expect([...last.keys()]).toEqual(['task', 'annotations', 'risk', ...of('posterior'), ...of('learner')]);
    const labels = readFileSync(join(folder, 'labels.csv'), 'utf8').split('\n').slice(1, -1);
    expect(last.get('task')).toHaveLength(labels.length);
    for (const [i, line] of labels.entries()) {
      const [task, label, confidence, annotations] = line.split(',');
      expect([last.get('task')![i], Number(last.get('annotations')![i])]).toEqual([task, Number(annotations)]);
      const row = of('posterior').map((name) => Number(last.get(name)![i]));
      expect(row.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 9);
      expect(Math.max(...row)).toBeCloseTo(Number(confidence), 5);
      expect(row[classes.indexOf(label!)]).toBe(Math.max(...row));
      expect(1 - Number(last.get('risk')![i])).toBeCloseTo(Number(confidence), 5);
    }
    const lines = readFileSync(join(folder, 'confusions.csv'), 'utf8').split('\n').slice(1, -1);
    const rows = new Map<string, number>();
    const right = new Map<string, number>();
    for (const [worker, label, answer, probability] of lines.map((line) => line.split(','))) {
      const key = `${worker} ${label}`;
      rows.set(key, (rows.get(key) ?? 0) + Number(probability));
      if (label === answer) right.set(worker!, (right.get(worker!) ?? 0) + Number(probability) / classes.length);
    }
    for (const sum of rows.values()) expect(sum).toBeCloseTo(1, 4);
    for (const line of readFileSync(join(folder, 'workers.csv'), 'utf8').split('\n').slice(1, -1)) {
      const [worker, , skill] = line.split(',');
      expect(right.get(worker!)).toBeCloseTo(Number(skill), 4);
    }
  });

  it('is the same after an interruption, and changes nothing else', async () => {
    const [whole, cut, without] = ['whole', 'cut', 'without'].map((name) => join(runs, name)) as [
      string,
      string,
      string,
    ];
    await run([...words, keep], whole);
    await run([...words, keep], cut, { cutAfter: 3 });
    await run([...words, keep], cut, { resume: true });
    await run(words, without);
    const [a, b, c] = [whole, cut, without].map((folder) =>
      contents(folder, ['beliefs', 'confusions.csv', 'run.json', 'checkpoint', 'checkpoint.previous']),
    );
    expect(b).toEqual(a);
    expect(c).toEqual(a);
    expect(contents(join(cut, 'beliefs'))).toEqual(contents(join(whole, 'beliefs')));
    expect(readdirSync(without)).not.toContain('beliefs');
  });

  it('accuracy is said of targets, of distractors and of both', async () => {
    const { records } = await run(words, join(runs, 'groups'));
    const { all, targets, distractors } = records.at(-1)!.aggregate!;
    expect(targets!.all.correct + targets!.all.incorrect).toBe(120);
    expect(distractors!.all.correct + distractors!.all.incorrect).toBe(40);
    expect(targets!.all.correct + distractors!.all.correct).toBe(all.correct);
  });
});

describe('early stopping that is off', () => {
  // A vote share is highest with the first vote: most tasks are valid after the first step and never again.
  const long = [
    'experiment=synthetic',
    'method=ds_model',
    'aggregator.use=majority_vote',
    'simulation=structured',
    'dataset.classes=4',
    'dataset.itemsPerClass=40',
    'sampler.hitSize=160',
    'sampler.hitsPerStep=2',
    'sampler.maxAnnotationsPerItem=400',
    'sampler.fillHits=reopen',
    'riskThreshold=0.05',
    'budget=6400',
  ];

  it('leaves its mark where it would have ended the run, after an interruption too', async () => {
    const [whole, cut, stopped] = ['long', 'long-cut', 'long-stopped'].map((name) => join(runs, name)) as [
      string,
      string,
      string,
    ];
    const { records, result } = await run(long, whole);
    const marked = records.filter(({ earlyStop }) => earlyStop);
    const { result: early, records: until } = await run([...long, 'earlyStop=true'], stopped);
    expect(marked.map(({ step }) => step)).toEqual(
      early !== 'cut' && early.stopped === 'rule' ? [until.at(-1)!.step] : [],
    );
    expect(marked).toHaveLength(1);
    expect(result).toMatchObject({ earlyStop: { step: marked[0]!.step, annotations: marked[0]!.annotations } });
    expect(until.some(({ earlyStop }) => earlyStop)).toBe(false);
    await run(long, cut, { cutAfter: 5 });
    await run(long, cut, { resume: true });
    expect(readFileSync(join(cut, 'steps.jsonl'), 'utf8')).toBe(readFileSync(join(whole, 'steps.jsonl'), 'utf8'));
  });
});
