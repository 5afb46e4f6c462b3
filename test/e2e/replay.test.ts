import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { lines, quorate, root, workplace } from './cli.js';

const example = join(root, 'examples/recorded-answers');
const fast = ['backend.use=reference', 'sampler.hitSize=200'];

interface End {
  readonly type: 'end';
  readonly last: { readonly annotations: number; readonly calibration: { readonly known: number } };
  readonly replay: {
    readonly recorded: number;
    readonly used: number;
    readonly goldKnown: boolean;
    readonly tasks: number;
    readonly method: number;
    readonly majorityVote: number;
    readonly dawidSkene: number;
    readonly logisticRegression: number | null;
    readonly all: { readonly dawidSkene: number };
  };
}

/** A small crowd: 40 tasks, six workers who are right four times out of five. */
function crowd(home: string): void {
  const rows = Array.from({ length: 240 }, (_, a) => {
    const [task, worker] = [Math.floor(a / 6), a % 6];
    const truth = task % 3 === 0 ? 'dog' : 'cat';
    const wrong = (task * 7 + worker * 11) % 5 === 0;
    return [`t${task}`, `ann${worker}`, wrong ? (truth === 'cat' ? 'dog' : 'cat') : truth] as const;
  });
  writeFileSync(join(home, 'answers.csv'), ['task,worker,label', ...rows.map((row) => row.join(','))].join('\n'));
  writeFileSync(
    join(home, 'answers.jsonl'),
    rows.map(([task, worker, label]) => JSON.stringify({ task, worker, label })).join('\n'),
  );
  const gold = Array.from({ length: 40 }, (_, i) => `t${i},${i % 3 === 0 ? 'dog' : 'cat'}`);
  writeFileSync(join(home, 'gold.csv'), ['task,label', ...gold, ''].join('\n'));
  writeFileSync(join(home, 'some-gold.csv'), ['task,label', ...gold.slice(0, 15), ''].join('\n'));
}

async function replayed(home: string, ...args: string[]): Promise<End> {
  const { status, stdout, stderr } = await quorate(home, ['replay', ...args, '--json']);
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as End;
}

describe('quorate replay with features and gold', () => {
  const home = workplace();
  let stdout: string;
  beforeAll(async () => {
    const files = ['--gold', join(example, 'gold.csv'), '--features', join(example, 'features.npy')];
    const run = await quorate(home, ['replay', join(example, 'answers.csv'), ...files, '--audits', '60', ...fast]);
    expect(run.status, run.stderr).toBe(0);
    ({ stdout } = run);
  });

  it('prints what random order would have come to with as many answers', () => {
    for (const name of [
      /^.*quorate .*%/m,
      /majority vote/,
      /Dawid-Skene/,
      /logistic regression \+ Dawid-Skene/,
      /all answers/,
    ]) {
      expect(stdout).toMatch(name);
    }
    expect(stdout).toMatch(/quorate took [\d,]+ of 11,0\d\d answers/);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('says that confidence is calibrated, and what audits found beside what was claimed', () => {
    expect(stdout).toMatch(/confidence calibrated for the answers of real people/);
    expect(stdout).toMatch(/The expert checked 60 labels.*\s.*claimed/);
    expect(lines(home, 'runs/quorate-seed0/labels.csv')[0]).toBe(
      'task,label,confidence,annotations,valid,audited,needs_review,sure',
    );
  });
});

describe('quorate replay without features', () => {
  const home = workplace();
  crowd(home);

  it('reads any format, and compares with Dawid-Skene on all answers where nothing is known', async () => {
    const { replay } = await replayed(home, 'answers.jsonl');
    expect(replay).toMatchObject({ recorded: 240, goldKnown: false, tasks: 40, logisticRegression: null });
    expect(replay.all.dawidSkene).toBe(1);
    expect(replay.used).toBeLessThanOrEqual(240);
    const csv = await replayed(home, 'answers.csv');
    expect(csv.replay).toEqual(replay);
  });

  it('scores the tasks that gold knows, and audits no others', async () => {
    const { replay, last } = await replayed(home, 'answers.csv', '--gold', 'some-gold.csv', '--audits', '10');
    expect(replay).toMatchObject({ goldKnown: true, tasks: 5 });
    expect(last.calibration.known).toBe(10);
    const labels = lines(home, 'runs/quorate-seed0-3/labels.csv').slice(1);
    const looked = labels
      .filter((line) => line.split(',')[5] === 'true')
      .map((line) => Number(/t(\d+)/.exec(line)![1]));
    expect(Math.max(...looked)).toBeLessThan(15);
  });

  it('compares nothing where every known task was audited', async () => {
    const { status, stdout } = await quorate(home, [
      'replay',
      'answers.csv',
      '--gold',
      'some-gold.csv',
      '--audits',
      '40',
    ]);
    expect(status).toBe(0);
    expect(stdout.replaceAll('\n', ' ')).toContain(
      'Every task of known class was audited: nothing is left to compare.',
    );
    expect(stdout).not.toContain('random order');
  });

  it('takes another method, and every answer under its own worker', async () => {
    await replayed(home, 'answers.csv', '--gold', 'gold.csv', 'method=ds_model', '--out', 'ds', '--seed', '4');
    const record = new Set(readFileSync(join(home, 'answers.csv'), 'utf8').split('\n'));
    const given = lines(home, 'ds/annotations.csv')
      .slice(1)
      .map((line) => line.split(',').slice(0, 3).join(','));
    expect(given.length).toBeGreaterThan(30);
    for (const line of given) expect(record.has(line)).toBe(true);
    expect(new Set(given).size).toBe(given.length);
  });

  it.each([
    [[], /Name one file of recorded answers/],
    [['answers.csv', 'gold.csv'], /Name one file of recorded answers/],
    [['nothing.csv'], /nothing of that name/],
    [['answers.csv', '--audits', '5'], /add --gold FILE/],
    [['answers.csv', '--gold', 'nothing.csv'], /nothing\.csv/],
    [['answers.csv', '--features', 'nothing.npy'], /nothing/],
    [['answers.csv', '--gold', 'some-gold.csv', 'stop.use=certified'], /an expert who knows every task/],
    [['gold.csv'], /worker/],
  ])('refuses %j', async (args, message) => {
    const { status, stderr } = await quorate(home, ['replay', ...args]);
    expect(`${status} ${stderr}`).toMatch(/^2 /);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});

it('says that nothing was saved where all answers were taken', async () => {
  const home = workplace();
  const rows = Array.from({ length: 60 }, (_, i) => `t${i},ann${i % 4},${i % 3 === 0 ? 'dog' : 'cat'}`);
  writeFileSync(join(home, 'one.csv'), ['task,worker,label', ...rows, ''].join('\n'));
  const { status, stdout, stderr } = await quorate(home, ['replay', 'one.csv', 'backend.use=reference']);
  expect(status, stderr).toBe(0);
  expect(stdout.replaceAll('\n', ' ')).toContain('after about 60, as many: nothing was saved');
});
