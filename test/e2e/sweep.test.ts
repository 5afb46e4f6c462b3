import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { quorate, quorateProcess, start, workplace } from './cli.js';

const grid = ['method=ds_model,quorate', 'seed=1..2', 'experiment=synthetic', 'budget=600', '-j', '2'];
const results = (home: string, out = 'sweeps/sweep'): string => readFileSync(join(home, out, 'results.csv'), 'utf8');
const records = (text: string): Record<string, unknown>[] =>
  text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Record<string, unknown>]));

/** A grid whose runs take a while, of many short steps. */
const long = [
  'seed=1..3',
  'method=ds_model',
  'experiment=synthetic',
  'budget=5000',
  'sampler.hitsPerStep=1',
  '-j',
  '2',
];

describe('quorate sweep', () => {
  const home = workplace();
  let table: string;
  beforeAll(async () => {
    const { status, stderr } = await quorate(home, ['sweep', ...grid]);
    expect(`${status} ${stderr}`).toBe('0 ');
    table = results(home);
  });

  it('writes a row per run, in the order of the grid', () => {
    const [head, ...rows] = table
      .trim()
      .split('\n')
      .map((line) => line.split(','));
    expect(head!.slice(0, 3)).toEqual(['run', 'method', 'seed']);
    expect(rows.map((row) => row.slice(1, 3).join(' '))).toEqual([
      'ds_model 1',
      'ds_model 2',
      'quorate 1',
      'quorate 2',
    ]);
    const status = head!.indexOf('status');
    expect(rows.map((row) => row[status])).toEqual(['done', 'done', 'done', 'done']);
    expect(new Set(rows.map(([id]) => id)).size).toBe(4);
  });

  it('makes of every run what quorate run makes of it', async () => {
    const words = ['run', 'method=quorate', 'seed=2', 'experiment=synthetic', 'budget=600', '--out', 'alone'];
    expect((await quorate(home, words)).status).toBe(0);
    const [id] = table.trim().split('\n')[4]!.split(',');
    const there = join(home, 'sweeps/sweep/runs', id!);
    for (const name of ['labels.csv', 'workers.csv', 'annotations.csv', 'steps.jsonl']) {
      expect(readFileSync(join(there, name), 'utf8')).toBe(readFileSync(join(home, 'alone', name), 'utf8'));
    }
  });

  it('does nothing again, keeps what a larger grid shares, and forgets nothing of what is done', async () => {
    const again = records((await quorate(home, ['sweep', ...grid, '--json'])).stdout);
    expect(again.map(({ type }) => type)).toEqual(['start', 'end']);
    expect(again[1]).toMatchObject({ done: 4, before: 4, failed: 0, left: 0 });
    const larger = grid.map((word) => (word === 'seed=1..2' ? 'seed=1..3' : word));
    const lines = records((await quorate(home, ['sweep', ...larger, '--json'])).stdout);
    const did = lines.filter(({ type }) => type === 'done');
    expect(did.map(({ axes }) => axes)).toEqual(expect.arrayContaining([{ method: 'ds_model', seed: '3' }, { method: 'quorate', seed: '3' }])); // prettier-ignore
    expect(did).toHaveLength(2);
    for (const { run } of did) expect(existsSync(join(home, 'sweeps/sweep/runs', String(run)))).toBe(true);
    expect((await quorate(home, ['sweep', ...grid])).status).toBe(0);
    expect(results(home)).toBe(table);
  });

  it('comes to the same table in parts, whichever is last', async () => {
    for (const shard of ['2/3', '3/3', '1/3']) {
      expect(existsSync(join(home, 'parts/results.csv'))).toBe(false);
      expect((await quorate(home, ['sweep', ...grid, '--out', 'parts', '--shard', shard])).status).toBe(0);
    }
    expect(results(home, 'parts')).toBe(table);
  });

  it('says what it would do, and about how long it takes, and does not', async () => {
    const { status, stdout } = await quorate(home, ['sweep', ...grid, '--out', 'dry', '--dry-run', '--json']);
    expect(status).toBe(0);
    const [plan] = records(stdout);
    expect(plan).toMatchObject({ type: 'dry-run', runs: 4, before: 0 });
    expect(plan!['seconds']).toBeGreaterThan(0);
    expect(existsSync(join(home, 'dry'))).toBe(false);
    expect((await quorate(home, ['sweep', ...grid, '--dry-run'])).stdout).toMatch(
      /4 runs, 4 of them done.*\n[^]*Nothing is left/,
    );
  });

  it('goes on where a cell fails, says so, exits with 1, and tries it again', async () => {
    const words = [
      'sweep',
      'dataset.use=files',
      'dataset.labels=good.csv,bad.csv',
      'seed=1',
      'method=ds_model',
      '-j',
      '1',
    ];
    writeFileSync(
      join(home, 'good.csv'),
      `id,label\n${Array.from({ length: 40 }, (_, i) => `${i},${'ab'[i % 2]}\n`).join('')}`,
    );
    writeFileSync(join(home, 'bad.csv'), 'id,label\n');
    const options = ['workers.use=uniform', 'dataset.prototypesPerClass=1', 'sampler.hitSize=10', '--out', 'failing'];
    const { status, stdout } = await quorate(home, [...words, ...options]);
    expect(stdout).toMatch(/failed .*bad.csv/);
    expect(status).toBe(1);
    const rows = results(home, 'failing').trim().split('\n');
    expect(rows[1]).toMatch(/^\w+,good.csv,.*,done,/);
    expect(rows[2]).toMatch(/^\w+,bad.csv,.*,failed,.*bad.csv/);
    writeFileSync(join(home, 'bad.csv'), readFileSync(join(home, 'good.csv')));
    const repaired = await quorate(home, [...words, ...options]);
    expect(`${repaired.status} ${repaired.stderr}`).toBe('0 ');
    // Equal files are equal data: only their names tell the two runs apart.
    expect(results(home, 'failing')).not.toContain('failed');
  });

  it('refuses a mistake before anything is run', async () => {
    for (const [words, message] of [
      [['method=ds_model,laen'], /Did you mean "lean"/],
      [['sead=1..3'], /Did you mean "seed"/],
      [['seed=3..1'], /smaller number first/],
      [['seed=1..2', '--shard', '3/2'], /i\/n/],
      [['seed=1..2', '--executor', 'lokal'], /Did you mean "local"/],
      [['seed=1..2', '--config', 'nowhere.yaml'], /nowhere.yaml/],
    ] as const) {
      const { status, stderr } = await quorate(home, ['sweep', ...words, '--out', 'refused']);
      expect(stderr).toMatch(message);
      expect(status).toBe(2);
    }
    expect(existsSync(join(home, 'refused'))).toBe(false);
    mkdirSync(join(home, 'letters'));
    writeFileSync(join(home, 'letters/love.txt'), 'x');
    const taken = await quorate(home, ['sweep', 'seed=1..2', '--out', 'letters']);
    expect(`${taken.status} ${taken.stderr}`).toMatch(/^2 .*love.txt/);
    expect(readdirSync(join(home, 'letters'))).toEqual(['love.txt']);
  });
});

describe('a sweep that is disturbed', () => {
  const home = workplace();
  let table: string;
  beforeAll(async () => {
    expect((await quorate(home, ['sweep', ...long, '--out', 'calm'])).status).toBe(0);
    table = results(home, 'calm');
  });

  const childrenOf = (pid: number): number[] =>
    readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);

  it('is saved by Ctrl-C, says how to go on, and ends in the same table', async () => {
    const { child, ended } = start(home, ['sweep', ...long, '--out', 'stopped', '--json']);
    child.stdin.end();
    let told = false;
    child.stdout.on('data', (chunk: Buffer) => {
      // A second one would end it at once.
      if (!told && chunk.toString().includes('"progress"')) told = child.kill('SIGINT');
    });
    const { status, stderr } = await ended;
    expect(status).toBe(130);
    expect(stderr).toMatch(/Repeat the command to continue/);
    expect(results(home, 'stopped')).toMatch(/,missing,/);
    const again = await quorateProcess(home, ['sweep', ...long, '--out', 'stopped']);
    expect(`${again.status} ${again.stderr}`).toBe('0 ');
    expect(results(home, 'stopped')).toBe(table);
    rmSync(join(home, 'stopped'), { recursive: true });
  });

  it('survives the death of its processes, and leaves none behind when it is killed itself', async () => {
    const { child, ended } = start(home, ['sweep', ...long, '--out', 'killed', '--json']);
    child.stdin.end();
    let killed = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      if (killed >= 2 || !chunk.toString().includes('"progress"')) return;
      const [victim] = childrenOf(child.pid!);
      if (victim !== undefined) process.kill(victim, 'SIGKILL');
      killed++;
    });
    const { status, stdout } = await ended;
    expect(status).toBe(0);
    expect(stdout).toMatch(/"type":"lost"/);
    expect(results(home, 'killed')).toBe(table);

    const other = start(home, ['sweep', ...long, '--out', 'orphans', '--json']);
    other.child.stdin.end();
    const orphans = await new Promise<number[]>((resolve) =>
      other.child.stdout.on('data', (chunk: Buffer) => {
        if (!chunk.toString().includes('"progress"')) return;
        const pids = childrenOf(other.child.pid!);
        other.child.kill('SIGKILL');
        resolve(pids);
      }),
    );
    await other.ended;
    expect(orphans.length).toBeGreaterThan(0);
    await expect.poll(() => orphans.filter((pid) => existsSync(`/proc/${pid}`)), { timeout: 10_000 }).toEqual([]);
    expect((await quorate(home, ['sweep', ...long, '--out', 'orphans'])).status).toBe(0);
    expect(results(home, 'orphans')).toBe(table);
  });
});
