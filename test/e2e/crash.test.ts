import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pullData } from '@quorate/host';
import { killedAt, tree } from './crash.js';
import { quorate, start, workplace } from './cli.js';
import { photos } from './photos.js';

/** Answers of three workers to ten tasks. */
function answers(day: number): string {
  const rows = Array.from({ length: 30 }, (_, a) => `t${a % 10},w${day}${a % 3},${(a * 7 + day) % 5 < 2 ? 'x' : 'y'}`);
  return `task,worker,label\n${rows.join('\n')}\n`;
}

const ok = async (home: string, args: readonly string[]): Promise<void> => {
  const { status, stderr } = await quorate(home, args);
  if (status !== 0) throw new Error(stderr);
};

interface Case {
  /** Makes what the call finds. */
  readonly prepare?: (home: string) => Promise<void> | void;
  readonly call: (home: string) => Promise<unknown>;
  /** Files that differ from call to call. */
  readonly ignore?: RegExp;
}

const run = ['run', 'experiment=synthetic', 'method=ds_model', 'dataset.itemsPerClass=4', 'dataset.classes=3'];
const small = [
  ...run,
  'dataset.prototypesPerClass=1',
  'sampler.hitSize=3',
  'sampler.hitsPerStep=2',
  'workers.workers=4',
];
const certified = ['stop.use=certified', 'stop.maxError=0.3', 'stop.auditBudget=9', 'stop.rounds=2'];
const bytes = Buffer.from('published '.repeat(20_000));
const data = {
  name: 'set',
  summary: 'a set',
  licence: 'CC0',
  files: ['a.bin', 'sub/b.bin'].map((path) => {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return { path, url: `https://example.org/${path}`, bytes: bytes.length, sha256 };
  }),
};
/** A server that goes on where a download broke off, three chunks a file. */
const server = ((_url: string, { headers }: { headers: Record<string, string> }) => {
  const from = Number(/\d+/.exec(headers['range'] ?? '0')![0]);
  const rest = bytes.subarray(from);
  const third = Math.ceil(rest.length / 3);
  const chunks = [0, 1, 2].map((n) => rest.subarray(n * third, (n + 1) * third));
  const range = { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` };
  const init = from > 0 ? { status: 206, headers: range } : { status: 200 };
  return Promise.resolve(new Response(ReadableStream.from(chunks) as never, init));
}) as unknown as typeof fetch;

const cases: Record<string, Case> = {
  run: { call: (home) => ok(home, [...small, 'budget=30', '--out', 'run', '--resume']), ignore: /timings\.jsonl$/ },
  'run with audits': {
    call: (home) => ok(home, [...small, ...certified, 'budget=20', '--out', 'run', '--resume']),
    ignore: /timings\.jsonl$/,
  },
  aggregate: {
    prepare: (home) => writeFileSync(join(home, 'day0.csv'), answers(0)),
    call: (home) => ok(home, ['aggregate', 'day0.csv', '--proba', '--html', 'r.html']),
    ignore: /html$/,
  },
  'aggregate --state, first': {
    prepare: (home) => writeFileSync(join(home, 'day0.csv'), answers(0)),
    call: (home) => ok(home, ['aggregate', 'day0.csv', '--state', 's/state']),
  },
  'aggregate --state, again': {
    prepare: async (home) => {
      for (const day of [0, 1]) writeFileSync(join(home, `day${day}.csv`), answers(day));
      await ok(home, ['aggregate', 'day0.csv', '--state', 's/state']);
    },
    call: (home) => ok(home, ['aggregate', 'day1.csv', '--state', 's/state']),
  },
  convert: {
    prepare: (home) => {
      writeFileSync(join(home, 'in.csv'), answers(0));
      writeFileSync(join(home, 'out.jsonl.gz'), 'what was there');
    },
    call: (home) => ok(home, ['convert', 'in.csv', 'out.jsonl.gz']),
  },
  features: {
    prepare: (home) => photos(join(home, 'photos'), 2),
    call: (home) => ok(home, ['features', 'photos', '--out', 'o/f.npy', '--labels-from-folders', '--resume']),
  },
  'features of photos that were added': {
    prepare: async (home) => {
      await photos(join(home, 'photos'), 1);
      await ok(home, ['features', 'photos', '--out', 'o/f.npy', '--labels-from-folders']);
      cpSync(join(home, 'photos/fern/0000.png'), join(home, 'photos/fern/0001.png'));
    },
    call: (home) => ok(home, ['features', 'photos', '--out', 'o/f.npy', '--labels-from-folders', '--resume']),
  },
  'data pull': { call: (home) => pullData(data, { cacheDir: home, fetch: server }) },
  init: { call: (home) => ok(home, ['init', '--yes']) },
  'config schema': { call: (home) => ok(home, ['config', 'schema', '--out', 'schema.json']) },
  'generate plugin': {
    call: (home) => ok(home, ['generate', 'plugin', 'quorate-plugin-curious', '--kind', 'sampler']),
  },
};

describe('killed at any file operation, half-written writes included, the same call again ends as if nothing had happened', () => {
  it.each(Object.entries(cases))('%s', async (_name, { prepare, call, ignore }) => {
    const before = workplace();
    await prepare?.(before);
    const place = workplace();
    const afresh = (): string => {
      const home = join(place, 'home');
      rmSync(home, { recursive: true, force: true });
      cpSync(before, home, { recursive: true, preserveTimestamps: true });
      return home;
    };
    const whole = afresh();
    const { operations } = await killedAt(whole, Infinity, false, () => call(whole));
    expect(operations.length).toBeGreaterThan(3);
    const wanted = tree(whole, ignore);
    for (const half of [false, true]) {
      for (const [index, operation] of operations.entries()) {
        if (half && !/^\d+ write /.test(operation)) continue;
        const home = afresh();
        const { died } = await killedAt(home, index + 1, half, () => call(home));
        expect(died, operation).toBe(true);
        await call(home).catch((thrown: unknown) => {
          throw new Error(`after ${operation}${half ? ', half' : ''}: ${String(thrown)}`);
        });
        expect(tree(home, ignore), `after ${operation}${half ? ', half' : ''}`).toEqual(wanted);
      }
    }
  });
});

describe('two processes at once', () => {
  it('with one state: what one of them refuses is in it after the same call again', async () => {
    const home = workplace();
    for (const day of [0, 1]) writeFileSync(join(home, `day${day}.csv`), answers(day));
    const calls = [0, 1].map((day) => ['aggregate', `day${day}.csv`, '--state', 'state']);
    const ended = await Promise.all(calls.map((call) => start(home, call).ended));
    for (const [at, { status, stderr }] of ended.entries()) {
      if (status === 0) continue;
      expect([status, stderr]).toEqual([2, expect.stringMatching(/state: expected .* no other process is using/)]);
      await ok(home, calls[at]!);
    }
    expect(tree(home)['labels.csv']).toMatch(/\nt0,[xy],[\d.]+,6,/);
  });

  it('with one run folder: one runs, the other touches nothing', async () => {
    const home = workplace();
    const call = [...small, 'budget=30', '--out', 'run'];
    const ended = await Promise.all([start(home, call).ended, start(home, call).ended]);
    expect(ended.map(({ status }) => status).sort()).toEqual([0, 2]);
    mkdirSync(join(home, 'alone'));
    await ok(join(home, 'alone'), call);
    expect(tree(join(home, 'run'), /timings/)).toEqual(tree(join(home, 'alone/run'), /timings/));
  });
});
