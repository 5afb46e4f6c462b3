import { existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { contents, run, temporaryFolder } from './run.js';

const words = [
  'experiment=synthetic',
  'method=ds_model',
  'dataset.itemsPerClass=40',
  'dataset.classes=5',
  'sampler.hitSize=10',
  'sampler.hitsPerStep=4',
];
const runs = temporaryFolder();
const whole = join(runs, 'whole');
let steps = 0;

beforeAll(async () => {
  steps = (await run(words, whole)).records.length;
  expect(steps).toBeGreaterThan(8);
});

describe('same seed, same bytes', () => {
  it('two runs leave equal folders, another seed another one', async () => {
    await run(words, join(runs, 'again'));
    expect(contents(join(runs, 'again'))).toEqual(contents(whole));
    await run([...words, 'seed=2'], join(runs, 'other'));
    expect(contents(join(runs, 'other'))['annotations.csv']).not.toBe(contents(whole)['annotations.csv']);
  });
});

describe('a run that is cut and resumed ends as one that was not', () => {
  it.each([1, 2, 3, 5, 8])('cut after %i records', async (cutAfter) => {
    const folder = join(runs, `cut-${cutAfter}`);
    await run(words, folder, { cutAfter });
    await run(words, folder, { resume: true, cutAfter: 2 });
    const { result } = await run(words, folder, { resume: true });
    expect(result).toMatchObject({ stopped: 'done' });
    expect(contents(folder)).toEqual(contents(whole));
  });

  it('also when it had ended, or never begun', async () => {
    await run(words, join(runs, 'again'), { resume: true });
    expect(contents(join(runs, 'again'))).toEqual(contents(whole));
    await run(words, join(runs, 'fresh'), { resume: true });
    expect(contents(join(runs, 'fresh'))).toEqual(contents(whole));
  });

  it('also from the previous checkpoint, when the last one is damaged', async () => {
    const folder = join(runs, 'damaged');
    await run(words, folder, { cutAfter: 6 });
    truncateSync(join(folder, 'checkpoint'), 100);
    await run(words, folder, { resume: true });
    const without = ['checkpoint.previous'];
    expect(contents(folder, without)).toEqual(contents(whole, without));
  });

  it('also with the tail of a step that was not saved in its files', async () => {
    const folder = join(runs, 'tail');
    await run(words, folder, { cutAfter: 5 });
    const journal = join(folder, 'annotations.csv');
    writeFileSync(journal, `${readFileSync(journal, 'utf8')}half,a,li`);
    writeFileSync(join(folder, 'steps.jsonl'), `${readFileSync(join(folder, 'steps.jsonl'), 'utf8')}{"step":5,`);
    await run(words, folder, { resume: true });
    expect(contents(folder)).toEqual(contents(whole));
  });
});

describe('workers who remember how much they have answered, copy and fail on hard tasks', () => {
  const faulty = ['workers.drift=0.8', 'workers.copiers=0.3', 'workers.spammers=0.2', 'workers.hardItems=0.2'];

  it.each([1, 4])('cut after %i records and resumed, a run ends as one that was not', async (cutAfter) => {
    const asked = [...words, ...faulty];
    const uncut = join(runs, `faulty-${cutAfter}-uncut`);
    const folder = join(runs, `faulty-${cutAfter}`);
    const { result } = await run(asked, uncut);
    await run(asked, folder, { cutAfter });
    const resumed = await run(asked, folder, { resume: true });
    expect(contents(folder)).toEqual(contents(uncut));
    expect(resumed.result).toEqual(result);
    expect(contents(folder)['annotations.csv']).not.toBe(contents(whole)['annotations.csv']);
  });
});

describe('what a majority vote would have come to', () => {
  const majority = async (...more: string[]) => {
    const { result } = await run([...words, ...more], join(runs, `majority ${more.join(' ')}`));
    return result === 'cut' ? undefined : result.majority;
  };

  it('is measured on the workers of the run, whatever the method and however the run went', async () => {
    const one = await majority();
    expect(one).toMatchObject({ annotationsPerItem: 3, items: 200 });
    expect(one!.accuracy).toBeGreaterThan(0.7);
    expect(one!.accuracy).toBeLessThan(0.95);
    expect(await majority('budget=40')).toEqual(one);
    expect(await majority('method=lean', 'learner.use=none', 'sampler.hitSize=7', 'budget=50')).toEqual(one);
    // Tired by the run or not: it asks them as they were before it.
    expect(await majority('workers.drift=0.9', 'budget=800')).toEqual(await majority('workers.drift=0.9', 'budget=40'));
    expect(await majority('workers.accuracy=1', 'workers.spread=0', 'budget=40')).toMatchObject({ accuracy: 1 });
  });

  it('is not there with two workers', async () => {
    expect(await majority('workers.workers=2', 'sampler.hitsPerStep=2', 'budget=40')).toBe(undefined);
  });
});

describe('a run with a learner', () => {
  const network = ['learner.steps=40', 'learner.batchSize=128', 'learner.learningRatePerRoot=0.002'];
  it.each([
    ['efficient_annotation', 1, network],
    ['efficient_annotation', 4, network],
    ['improved_lean', 3, network],
    ['lean', 3, network],
    ['quorate', 1, []],
    ['quorate', 4, []],
  ])('%s, cut after %i records and resumed, ends as one that was not', async (method, cutAfter, learns) => {
    const asked = [...words, 'backend.use=reference', ...learns, `method=${method}`, 'dataset.columns=16'];
    const folder = join(runs, `${method}-${cutAfter}`);
    const uncut = join(runs, `${method}-${cutAfter}-uncut`);
    const { records } = await run(asked, uncut);
    expect(Math.max(...records.map(({ learner }) => learner?.all.top1 ?? 0))).toBeGreaterThan(0.5);
    await run(asked, folder, { cutAfter });
    await run(asked, folder, { resume: true, cutAfter: 2 });
    await run(asked, folder, { resume: true });
    expect(contents(folder)).toEqual(contents(uncut));
  });
});

describe('the backend that a learner computes with', () => {
  const learns = [...words, 'method=improved_lean', 'dataset.columns=8', 'learner.steps=20', 'learner.batchSize=64'];
  const runFile = (folder: string) =>
    JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8')) as {
      backends: string[];
      config: { backend: { use: string } };
    };

  it('is written down, and auto does not change it on the way', async () => {
    const folder = join(runs, 'backend');
    await run(learns, folder, { cutAfter: 2 });
    const [chosen] = runFile(folder).backends as [string];
    expect(chosen).toMatch(/^(onnx|tfjs)/);
    const other = readFileSync(join(folder, 'run.json'), 'utf8').replace(`"${chosen}"\n`, '"another"\n');
    writeFileSync(join(folder, 'run.json'), other);
    const before = contents(folder);
    await expect(run(learns, folder, { resume: true })).rejects.toMatchObject({
      code: 'RUN_FOLDER',
      message: expect.stringMatching(/another.*auto chose.*backend\.use=another/) as string,
    });
    expect(contents(folder)).toEqual(before);
    expect(existsSync(join(folder, 'lock'))).toBe(false);
  });

  it('is another one where the user names it; the run stays the one that was started', async () => {
    const folder = join(runs, 'renamed');
    await run(learns, folder, { cutAfter: 2 });
    const { backends, config } = runFile(folder);
    await run([...learns, 'backend.use=reference'], folder, { resume: true, cutAfter: 2 });
    expect(runFile(folder)).toMatchObject({ backends: [...backends, 'reference'], config });
    await expect(run(learns, folder, { resume: true })).rejects.toMatchObject({ code: 'RUN_FOLDER' });
    const { result } = await run([...learns, 'backend.use=reference'], folder, { resume: true });
    expect(result).toMatchObject({ stopped: 'done' });
    expect(runFile(folder).backends).toEqual([...backends, 'reference']);
  });

  it('cannot be renamed together with anything else, nor from one name to another', async () => {
    const folder = join(runs, 'renamed-more');
    await run([...learns, 'backend.use=reference'], folder, { cutAfter: 2 });
    expect(runFile(folder).backends).toEqual(['reference']);
    for (const more of [['backend.use=onnx'], ['backend.use=auto'], ['backend.use=reference', 'seed=3']]) {
      const again = run([...learns, ...more], folder, { resume: true });
      await expect(again).rejects.toMatchObject({ code: 'RUN_FOLDER' });
    }
  });

  it('is none without a learner', () => {
    expect(runFile(whole).backends).toEqual([]);
  });
});

describe('nothing that was collected gets lost', () => {
  it('writes a lost journal again from the checkpoint', async () => {
    const folder = join(runs, 'lost');
    await run(words, folder, { cutAfter: 5 });
    rmSync(join(folder, 'annotations.csv'));
    await run(words, folder, { resume: true });
    expect(contents(folder)).toEqual(contents(whole));
  });

  it.each([
    ['a new run in a folder that is taken', words, {}, 'RUN_FOLDER', undefined],
    ['another configuration', [...words, 'seed=9'], { resume: true }, 'RUN_FOLDER', undefined],
    [
      'answers that are not those of the checkpoint',
      words,
      { resume: true },
      'RUN_FOLDER',
      (folder: string) => writeFileSync(join(folder, 'annotations.csv'), 'task,worker,label,step\nmine,mine,mine,1\n'),
    ],
    [
      'checkpoints that were taken away',
      words,
      { resume: true },
      'CHECKPOINT_DAMAGED',
      (folder: string) => {
        rmSync(join(folder, 'checkpoint'));
        rmSync(join(folder, 'checkpoint.previous'));
      },
    ],
    [
      'two damaged checkpoints',
      words,
      { resume: true },
      'CHECKPOINT_DAMAGED',
      (folder: string) => {
        writeFileSync(join(folder, 'checkpoint'), '');
        writeFileSync(join(folder, 'checkpoint.previous'), '');
      },
    ],
  ] as const)('refuses %s and touches nothing', async (what, asked, options, code, harm) => {
    const folder = join(runs, `refused-${what.replaceAll(' ', '-')}`);
    await run(words, folder, { cutAfter: 4 });
    harm?.(folder);
    const before = contents(folder);
    await expect(run(asked, folder, options)).rejects.toMatchObject({ code });
    expect(contents(folder)).toEqual(before);
    expect(existsSync(join(folder, 'lock'))).toBe(false);
  });

  it('does not touch a folder that is not a run', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'annotations.csv'), 'precious\n');
    await expect(run(words, folder, { resume: true })).rejects.toMatchObject({ code: 'RUN_FOLDER' });
    await expect(run(words, folder)).rejects.toMatchObject({ code: 'RUN_FOLDER' });
    expect(contents(folder)).toEqual({ 'annotations.csv': 'precious\n' });
  });
});

it('method=quorate says the same with one thread and with two, also where products are shared out in blocks', async () => {
  const words = [
    ...['experiment=synthetic', 'method=quorate', 'backend.use=onnx', 'budget=240', 'dataset.separation=1'],
    ...['dataset.classes=4', 'dataset.itemsPerClass=400', 'dataset.columns=600', 'learner.components=32'],
  ];
  const [one, two] = await Promise.all(
    [1, 2].map(async (threads) => {
      const folder = join(runs, `threads-${threads}`);
      const { records } = await run([...words, `backend.threads=${threads}`], folder);
      expect(records.length).toBeGreaterThan(2);
      return contents(folder, ['run.json', 'checkpoint', 'checkpoint.previous']);
    }),
  );
  expect(two).toEqual(one);
});
