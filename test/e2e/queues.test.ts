import type { ExecutorContext } from '@quorate/core';
import { describeExecutor } from '@quorate/testkit';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import plugin, { bullmq } from '@quorate/plugin-bullmq-executor';
import { quorate, workplace } from './cli.js';
import { disturbedSweep } from './disturbed.js';
import { missing, servers, type Server } from './servers.js';

let queues = 0;

const home = workplace();
/** `npm run queues` has 500. */
const jobs = Number(process.env['QUORATE_QUEUE_JOBS'] ?? 6);
const long = ['budget=2000', 'sampler.hitsPerStep=1'];
const grid = ['method=ds_model', `seed=1..${jobs}`, 'experiment=synthetic', ...(jobs > 20 ? ['budget=200'] : long)];
let calm: string;
beforeAll(async () => {
  const { status } = await quorate(home, ['sweep', ...grid, '--out', 'calm', '-j', '1']);
  expect(status).toBe(0);
  calm = readFileSync(join(home, 'calm/results.csv'), 'utf8');
}, 3_600_000);

for (const kind of ['redis', 'postgres'] as const) {
  const absent = missing(kind);
  describe.skipIf(absent !== null)(`${kind}${absent === null ? '' : ` [skipped: ${absent}]`}`, () => {
    let server: Server;
    beforeAll(async () => {
      server = await servers[kind]();
    });
    afterAll(() => server?.stop());

    const options = (): unknown =>
      bullmq.options.parse({ queue: server.url, name: `suite${++queues}`, lockSeconds: 10 });

    describeExecutor(`bullmq on ${kind}`, (context) => bullmq.create(options(), context), { patience: 20_000 });

    it('brings what another process has done, and what it did while nobody listened', async () => {
      const given = options();
      const context = (concurrency: number): ExecutorContext => ({
        run: async ({ key }) => ({ type: 'done', result: key }),
        concurrency,
        worker: 'test:1',
        note: () => undefined,
      });
      const stop = new AbortController();
      const jobs = ['a', 'b'].map((key) => ({ key, payload: null }));
      const first = await bullmq.create(given, context(0));
      await first.submit(jobs);
      await first.close();
      const working = bullmq.work!(given, context(2), stop.signal);
      const second = await bullmq.create(given, context(0));
      await second.submit(jobs);
      const done = new Map<string, unknown>();
      for await (const event of second.events()) {
        if (event.type === 'done') done.set(event.key, event.result);
        if (done.size === 2) break;
      }
      expect(done).toEqual(new Map([['a', 'a'], ['b', 'b']])); // prettier-ignore
      await second.close();
      stop.abort();
      await working;
    });

    it('gives the same table however workers and server are killed, stopped and restarted', async () => {
      const out = `disturbed-${kind}`;
      const { status, stderr, results, events } = await disturbedSweep({ server, home, grid, out, lock: 2 });
      expect(`${status} ${stderr.includes('Error')}`).toBe('0 false');
      expect(results).toBe(calm);
      const done = events.filter(({ type }) => type === 'done').map(({ run }) => run);
      expect(done).toHaveLength(jobs);
      expect(new Set(done).size).toBe(jobs);
    }, 3_600_000);
  });
}

it('says what is wrong with an address, and where nothing answers', async () => {
  for (const queue of [undefined, 'localhost:6379', 'http://x']) {
    expect(bullmq.options.safeParse({ queue }).success).toBe(false);
  }
  const context: ExecutorContext = {
    run: () => Promise.reject(new Error('nothing to run')),
    concurrency: 1,
    worker: 'test:1',
    note: () => undefined,
  };
  for (const queue of ['redis://:secret@127.0.0.1:9', 'postgres://me:secret@127.0.0.1:9/x']) {
    const opened = bullmq.create(bullmq.options.parse({ queue }), context);
    await expect(opened).rejects.toThrow(/server that answers.*Start it, or correct the address/);
    await expect(opened).rejects.not.toThrow(/secret/);
  }
}, 60_000);

it('is a plugin', () => expect(plugin.executors).toEqual([bullmq]));
