import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeRng } from '@quorate/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { lines, quorate, start, workplace } from './cli.js';
import { photos } from './photos.js';

const home = workplace();
beforeAll(async () => {
  await photos(join(home, 'photos'), 20);
  await photos(join(home, 'many'), 200);
});

const files = (stem: string): string[] => ['npy', 'csv', 'json'].map((end) => join(home, `${stem}.${end}`));
const bytes = (stem: string): string[] => files(stem).map((file) => readFileSync(file).toString('latin1'));
const isThere = (name: string): boolean => existsSync(join(home, name));

describe('quorate features', () => {
  it('turns a folder of images into features, and the command that it prints labels them', async () => {
    const made = await quorate(home, ['features', 'photos', '--labels-from-folders', '--out', 'p.npy']);
    expect(made.status, made.stderr).toBe(0);
    expect(made.stdout).toContain('p.npy  60 rows of 576 features');
    expect(lines(home, 'p.csv').slice(0, 2)).toEqual(['id,label', 'fern/0000.png,fern']);
    const command = made.stdout.trimEnd().split('\n').at(-1)!.trim();
    expect(command).toMatch(/^quorate run dataset\.use=files dataset\.features=p\.npy dataset\.labels=p\.csv/);
    const run = await quorate(home, [...command.split(' ').slice(1), '--out', 'run', '--json']);
    expect(run.status, run.stdout).toBe(0);
    const end = JSON.parse(run.stdout.trimEnd().split('\n').at(-1)!) as {
      stopped: string;
      last: { aggregate: { all: { top1: number } } };
    };
    expect(end.stopped).toBe('done');
    expect(end.last.aggregate.all.top1).toBeGreaterThan(0.85);
    for (const line of made.stdout.split('\n').slice(0, -2)) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('without labels prints a command that runs as it is typed, and labels from a few once these are there', async () => {
    const made = await quorate(home, ['features', 'photos', '--out', 'u.npy']);
    expect(made.status, made.stderr).toBe(0);
    const command = made.stdout.trimEnd().split('\n').at(-1)!.trim().replaceAll("'", '').split(' ').slice(1);
    const alone = await quorate(home, [...command, '--out', 'alone']);
    expect(alone.status, alone.stdout + alone.stderr).toBe(0);
    expect(alone.stdout).toContain('there is nobody to ask');
    const few = lines(home, 'u.csv').filter((id) => /000[0-4]\.png$/.test(id));
    writeFileSync(join(home, 'labels.csv'), ['id,label', ...few.map((id) => `${id},${id.split('/')[0]}`)].join('\n'));
    const words = command.filter((word) => !word.startsWith('classes='));
    const labelled = await quorate(home, [...words, 'dataset.prototypes=labels.csv', '--out', 'few']);
    expect(labelled.status, labelled.stderr).toBe(0);
    const rows = lines(home, 'few/labels.csv')
      .slice(1)
      .filter(Boolean)
      .map((line) => line.split(','));
    expect(rows).toHaveLength(45);
    expect(rows.filter(([id, label]) => id!.startsWith(label!)).length).toBeGreaterThan(36);
    const simulated = await quorate(home, [...command.slice(0, -1), '--out', 'sim']);
    expect(simulated.status).toBe(2);
    expect(simulated.stderr).toMatch(/which simulated workers answer from.*simulation=none/);
  });

  it('prints JSON Lines and nothing else with --json', async () => {
    const { status, stdout, stderr } = await quorate(home, [
      'features',
      'photos',
      'features.size=32',
      '--out',
      'j.npy',
      '--json',
    ]);
    expect([status, stderr]).toEqual([0, '']);
    const printed = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(printed[0]).toMatchObject({
      type: 'start',
      kind: 'image',
      extractor: 'gradient_histogram',
      total: 60,
      done: 0,
    });
    expect(printed.slice(1, -1).every(({ type }) => type === 'progress')).toBe(true);
    expect(printed.at(-1)).toMatchObject({
      type: 'end',
      stopped: 'done',
      rows: 60,
      columns: 144,
      labelled: false,
      leftOut: [],
    });
  });

  it('says what is wrong with an image, and leaves it out with --skip-bad', async () => {
    writeFileSync(join(home, 'photos/moss/9.jpg'), 'no image');
    const stopped = await quorate(home, ['features', 'photos', '--out', 'bad.npy']);
    expect(stopped.status).toBe(2);
    expect(stopped.stderr).toMatch(/Error: \[DATA_INVALID\] moss\/9\.jpg: .*--skip-bad/);
    const { status, stdout, stderr } = await quorate(home, ['features', 'photos', '--out', 'bad.npy', '--skip-bad']);
    rmSync(join(home, 'photos/moss/9.jpg'));
    expect([status, stderr.includes('Left out: moss/9.jpg')]).toEqual([0, true]);
    expect(stdout).toMatch(/Left out, 1 of 61:\n {2}moss\/9\.jpg/);
    expect(lines(home, 'bad.csv')).toHaveLength(61);
  });

  it.each([
    [['photos', 'more'], /got "photos", "more"/],
    [['photos', '--out', 'f.csv'], /--out: expected the name of a file that ends in \.npy/],
    [['photos', 'size=3'], /expected words of the form features\.option=value/],
    [['photos', 'features.size=30'], /features\.size: expected a multiple of cell/],
    [['t.csv'], /CONFIG_INVALID.*a model that encodes texts, got none.*features\.model=PATH/],
    [['t.csv', '--extractor', 'gradient_histogram'], /an extractor of texts, for t\.csv, got one of images/],
    [['photos', '--out', 'p.npy'], /OUTPUT_TAKEN.*p\.json/],
  ])('refuses %j in one line', async (args, message) => {
    writeFileSync(join(home, 't.csv'), 'id,text\na,b\n');
    const { status, stderr } = await quorate(home, ['features', ...args]);
    expect(stderr).toMatch(message);
    expect([status, stderr.trimEnd().split('\n').length]).toEqual([2, 1]);
    expect(isThere('features.npy')).toBe(false);
  });
});

describe('features that are interrupted', () => {
  const words = ['features', 'many', 'features.size=128', '--labels-from-folders'];

  it('by kill -9 at random instants, and resumed, end in the same bytes', async () => {
    expect((await quorate(home, [...words, '--out', 'whole.npy'])).status).toBe(0);
    const rng = makeRng('kills');
    for (const stem of ['killed-0', 'killed-1']) {
      for (let kill = 0; kill < 2; kill++) {
        const { child, ended, output } = start(home, [...words, '--out', `${stem}.npy`, '--resume', '--json']);
        // Of the ten batches of this folder each process does one, and is killed soon afterwards.
        while (!output().includes('"progress"')) await new Promise((resolve) => setTimeout(resolve, 1));
        await new Promise((resolve) => setTimeout(resolve, 60 * rng.uniform()));
        child.kill('SIGKILL');
        const { status, stdout } = await ended;
        expect(status).toBeNull();
        const { done } = JSON.parse(stdout.split('\n', 1)[0]!) as { done: number };
        expect(done > 0).toBe(kill > 0);
        expect(isThere(`${stem}.npy`)).toBe(false);
      }
    }
    for (const stem of ['killed-0', 'killed-1']) {
      const { status, stderr } = await quorate(home, [...words, '--out', `${stem}.npy`, '--resume']);
      expect(`${status} ${stderr}`).toMatch(/^0 /);
      expect(bytes(stem)).toEqual(bytes('whole'));
      for (const left of ['npy.partial', 'npy.lock', 'json.tmp']) expect(isThere(`${stem}.${left}`)).toBe(false);
    }
  });

  it('by Ctrl-C are saved and say how to go on', async () => {
    const { child, ended, output } = start(home, [...words, '--out', 'c.npy', '--json']);
    while (!output().includes('"progress"')) await new Promise((resolve) => setTimeout(resolve, 5));
    child.kill('SIGINT');
    const { status, stdout, stderr } = await ended;
    expect(status).toBe(130);
    expect(stderr).toContain(
      'quorate features many features.size=128 --labels-from-folders --out c.npy --json --resume',
    );
    expect(JSON.parse(stdout.trimEnd().split('\n').at(-1)!)).toMatchObject({ type: 'end', stopped: 'interrupted' });
    expect(isThere('c.npy')).toBe(false);
    const other = await quorate(home, [
      'features',
      'many',
      'features.size=64',
      '--labels-from-folders',
      '--out',
      'c.npy',
      '--resume',
    ]);
    expect(other.stderr).toMatch(/OUTPUT_TAKEN.*the same model, options and versions/);
    expect((await quorate(home, [...words, '--out', 'c.npy', '--resume'])).status).toBe(0);
    expect(bytes('c')).toEqual(bytes('whole'));
  });
});
