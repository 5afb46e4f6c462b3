import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeRng } from '@quorate/core';
import { contents, lines, quorate, quorateProcess, start, workplace } from './cli.js';

const home = workplace();
const small = [
  'experiment=synthetic',
  'method=ds_model',
  'dataset.itemsPerClass=40',
  'dataset.classes=5',
  'sampler.hitSize=10',
];

describe('quorate run', () => {
  it('without a config, as a process, annotates MNIST from the first HIT to the stop, and says what came of it', async () => {
    const { status, stdout, stderr } = await quorateProcess(home, ['run']);
    const run = join(home, 'runs/mnist-quorate-structured-seed0');
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout).toContain('Done:');
    expect(stdout).toContain('accuracy');
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    const steps = lines(run, 'steps.jsonl').map((line) => JSON.parse(line) as Record<string, never>);
    expect(steps.map(({ step }) => step)).toEqual(steps.map((_, i) => i));
    expect(Object.keys(steps[0]!)).toEqual([
      'step',
      'annotations',
      'annotationsPerItem',
      'valid',
      'validShare',
      'labelled',
      'aggregate',
      'learner',
    ]);
    const last = steps.at(-1) as unknown as { annotations: number; aggregate: { all: { top1: number } } };
    expect(last.aggregate.all.top1).toBeGreaterThan(0.95);
    expect(stdout).toMatch(/Majority vote of 3 answers of the same workers: 3\.000 per task/);
    expect(lines(run, 'annotations.csv')).toHaveLength(last.annotations + 1);
    expect(lines(run, 'annotations.csv')[0]).toBe('task,worker,label,step');
    expect(lines(run, 'labels.csv')[0]).toBe('task,label,confidence,annotations,valid');
    expect(lines(run, 'labels.csv')).toHaveLength(9901);
    expect(lines(run, 'workers.csv')).toHaveLength(51);
  });

  it('prints JSON Lines and nothing else with --json', async () => {
    const { status, stdout, stderr } = await quorate(home, ['run', ...small, '--out', 'json', '--json']);
    expect([status, stderr]).toEqual([0, '']);
    const printed = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string });
    expect(printed[0]!.type).toBe('start');
    expect(printed.at(-1)).toMatchObject({ type: 'end', majority: { annotationsPerItem: 3, items: 200 } });
    const steps = printed.filter(({ type }) => type === 'step');
    const written = lines(home, 'json', 'steps.jsonl').map((line) => JSON.parse(line) as object);
    expect(steps).toEqual(written.map((record) => ({ type: 'step', ...record })));
  });

  it('stops before it would pass the budget', async () => {
    expect((await quorate(home, ['run', ...small, 'budget=75', '--out', 'budget', '--json'])).status).toBe(0);
    expect(lines(home, 'budget', 'annotations.csv')).toHaveLength(76);
  });

  it('gives every run without --out a folder of its own', async () => {
    const folder = workplace();
    await quorate(folder, ['run', ...small, 'budget=20', 'name=mine']);
    await quorate(folder, ['run', ...small, 'budget=20', 'name=mine']);
    expect(existsSync(join(folder, 'runs/mine/labels.csv'))).toBe(true);
    expect(contents(join(folder, 'runs/mine-2'))).toEqual(contents(join(folder, 'runs/mine')));
  });

  it('finishes the step, saves and says how to resume on Ctrl-C, and exits 130', async () => {
    const words = ['run', ...small, 'dataset.itemsPerClass=4000'];
    const { child, ended, output } = start(home, [...words, '--out', 'interrupted']);
    while (!output().includes('step    2')) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill('SIGINT');
    const { status, stdout, stderr } = await ended;
    expect(status).toBe(130);
    expect(stdout + stderr).toContain('--resume');
    expect(lines(home, 'interrupted', 'labels.csv')).toHaveLength(20_001);
    const before = lines(home, 'interrupted', 'annotations.csv');
    const { ended: again, child: second, output: more } = start(home, ['run', '--out', 'interrupted', '--resume']);
    while (!more().includes('step ')) await new Promise((resolve) => setTimeout(resolve, 20));
    second.kill('SIGINT');
    await again;
    expect(lines(home, 'interrupted', 'annotations.csv').slice(0, before.length)).toEqual(before);
  });

  it('ends quietly when its reader goes away', async () => {
    const { child, ended } = start(home, ['run', ...small, '--out', 'pipe', '--json']);
    child.stdout.destroy();
    expect((await ended).stderr).not.toContain('EPIPE');
  });
});

describe('kill -9', () => {
  it('at 5 random instants, each resumed, ends in the bytes of a run that was never killed', async () => {
    const words = ['run', ...small, 'dataset.itemsPerClass=300', 'sampler.hitsPerStep=2'];
    expect((await quorate(home, [...words, '--out', 'whole'])).status).toBe(0);
    // Instants between the start of the program and its end, on this machine today.
    const began = performance.now();
    await quorateProcess(home, [...words, '--out', 'timed']);
    const duration = performance.now() - began;
    const rng = makeRng('kills');
    let kills = 0;
    let folders = 1;
    for (let turn = 0; turn < 100 && kills < 5; turn++) {
      const folder = `killed-${folders - 1}`;
      const { child, ended } = start(home, [...words, '--out', folder, '--resume']);
      const timer = setTimeout(() => child.kill('SIGKILL'), duration * (0.2 + 0.7 * rng.uniform()));
      const { status } = await ended;
      clearTimeout(timer);
      if (status === null) kills++;
      else {
        expect(status).toBe(0);
        folders++;
      }
    }
    expect(kills).toBe(5);
    for (let n = 0; n < folders; n++) {
      const folder = `killed-${n}`;
      expect((await quorate(home, [...words, '--out', folder, '--resume'])).status).toBe(0);
      expect(contents(join(home, folder))).toEqual(contents(join(home, 'whole')));
    }
  });
});

describe('resuming by the folder alone', () => {
  it('takes the configuration from run.json', async () => {
    expect((await quorate(home, ['run', ...small, 'budget=60', '--out', 'alone'])).status).toBe(0);
    const before = contents(join(home, 'alone'));
    expect((await quorate(home, ['run', '--out', 'alone', '--resume'])).status).toBe(0);
    expect(contents(join(home, 'alone'))).toEqual(before);
    const { config } = JSON.parse(readFileSync(join(home, 'alone/run.json'), 'utf8')) as { config: { budget: number } };
    expect(config.budget).toBe(60);
  });
});
