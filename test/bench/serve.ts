import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { createCampaign } from '@quorate/campaign';
import { makeRng } from '@quorate/core/numbers';
import { round } from './timing.js';

const cli = join(import.meta.dirname, '../../packages/cli/bin/run.js');
const CLASSES = 10;
const COLUMNS = 64;
const PEOPLE = 200;
const THINK_MS = 1000;
const HALF_MINUTE = 30_000;

const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/**
 * A live campaign under load, with the load generator on the same machine: 200 people who take a second for each answer,
 * as the page does it (an answer, and questions ahead), while full steps run; then as fast as the connections go, until
 * `answers` answers are in.
 *
 *     npm run bench -- serve                   200,000 tasks, 100,000 answers
 *     npm run bench -- serve 20000 10000
 */
export async function benchServe(tasks = '200000', answers = '100000'): Promise<unknown> {
  const home = mkdtempSync(join(tmpdir(), 'quorate-bench-'));
  const server = await start(campaign(home, Number(tasks)));
  try {
    const people = await Promise.all(Array.from({ length: PEOPLE }, (_, x) => server.person(x)));
    const thinking = await phase(server, people, THINK_MS, () => false, HALF_MINUTE);
    const resident: [answers: number, megabytes: number][] = [];
    const watch = setInterval(() => resident.push([server.answers, server.megabytes()]), 1000);
    const flatOut = await phase(server, people, 0, () => server.answers >= Number(answers), 9 * 60_000);
    clearInterval(watch);
    const half = resident.filter(([n]) => n > server.answers / 2);
    return {
      bench: 'serve',
      processor: cpus()[0]?.model,
      cores: cpus().length,
      load: loadavg().map((x) => round(x)),
      tasks: Number(tasks),
      people: PEOPLE,
      thinking,
      flatOut,
      answers: server.answers,
      residentMegabytes: {
        at10Percent: at(resident, server.answers / 10),
        atHalf: half[0]?.[1],
        atEnd: half.at(-1)?.[1],
      },
    };
  } finally {
    await server.close();
    rmSync(home, { recursive: true, force: true });
  }
}

const at = (resident: readonly [number, number][], answers: number): number | undefined =>
  resident.find(([n]) => n >= answers)?.[1];

/** A campaign over generated features that tell little, so that answers are needed. */
function campaign(folder: string, tasks: number): string {
  const rng = makeRng('bench');
  const means = Float32Array.from({ length: CLASSES * COLUMNS }, () => 0.25 * rng.normal());
  const features = new Float32Array(tasks * COLUMNS);
  for (let x = 0; x < features.length; x++) {
    const row = Math.floor(x / COLUMNS);
    features[x] = 2 * rng.uniform() - 1 + means[classOf(row) * COLUMNS + (x % COLUMNS)]!;
  }
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${tasks}, ${COLUMNS}), }`.padEnd(117) + '\n';
  const head = Buffer.from(`\x93NUMPY\x01\x00v\x00${header}`, 'latin1');
  writeFileSync(join(folder, 'features.npy'), Buffer.concat([head, Buffer.from(features.buffer)]));
  const ids = Array.from({ length: tasks }, (_, i) => `t${i}`);
  writeFileSync(join(folder, 'tasks.csv'), `id\n${ids.join('\n')}\n`);
  const classes = Array.from({ length: CLASSES }, (_, k) => `c${k}`);
  const dataset = { use: 'files', labels: 'tasks.csv', features: 'features.npy' };
  const run = { classes, dataset, method: 'quorate', riskThreshold: 0.01 };
  const shown = ids.map((id) => ({ id, kind: 'text' as const, content: `the text of ${id}` }));
  createCampaign({ folder, settings: { run }, tasks: shown, now: Date.now() });
  return folder;
}

const classOf = (task: number): number => task % CLASSES;

interface Person {
  next(count: number): Promise<readonly { lease: number; item: number }[]>;
  answer(lease: number, label: string): Promise<void>;
  readonly think: () => number;
  readonly name: number;
}

interface Server {
  answers: number;
  person(x: number): Promise<Person>;
  steps(): Promise<readonly { at: number; ms: number; annotations: number }[]>;
  /** A request that touches nothing of the campaign: what a reply takes on this machine, as busy as it is. */
  health(): Promise<unknown>;
  /** Processor time of the thread that answers requests, in ms. */
  processorMs(): number;
  megabytes(): number;
  close(): Promise<void>;
}

async function start(folder: string): Promise<Server> {
  const child = spawn(process.execPath, [cli, 'serve', folder, '--port', '0', '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { url, admin, workers } = await serving(child);
  const agent = new Agent({ keepAlive: true });
  const join = async (link: string, name?: string): Promise<string> => {
    const { cookie } = await call(agent, url, 'join', { invitation: link.split('#')[1], name });
    return cookie;
  };
  const mine = await join(admin);
  const server: Server = {
    answers: 0,
    person: async (name) => {
      const cookie = await join(workers, `p${name}`);
      const rng = makeRng('people').fork(String(name));
      return {
        name,
        think: () => -Math.log(1 - rng.uniform()),
        next: async (count) => {
          const { questions } = (await call(agent, url, 'next', { count }, cookie)).body as {
            questions: { lease: number; item: number }[];
          };
          return questions;
        },
        answer: async (lease, label) => {
          await call(agent, url, 'answer', { lease, label, ms: 1000 }, cookie);
          server.answers++;
        },
      };
    },
    steps: async () =>
      (await call(agent, url, 'admin/steps', undefined, mine)).body as {
        at: number;
        ms: number;
        annotations: number;
      }[],
    health: () => call(agent, url, '../health'),
    processorMs: () => {
      const fields = readFileSync(`/proc/${child.pid}/task/${child.pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
      return 10 * (Number(fields[11]) + Number(fields[12]));
    },
    megabytes: () =>
      Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))![1]) / 1024),
    close: async () => {
      agent.destroy();
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
  return server;
}

async function serving(child: ChildProcess): Promise<{ url: string; admin: string; workers: string }> {
  for await (const line of createInterface({ input: child.stdout! })) {
    const record = JSON.parse(line) as { type: string; url: string; admin: string; workers: string };
    if (record.type !== 'serving') continue;
    child.stdout!.resume();
    return record;
  }
  throw new Error('the server did not start');
}

function call(
  agent: Agent,
  url: string,
  path: string,
  body?: unknown,
  cookie = '',
): Promise<{ body: unknown; cookie: string }> {
  return new Promise((done, failed) => {
    const headers = { 'content-type': 'application/json', cookie };
    const sent = request(
      `${url}/api/${path}`,
      { agent, method: body === undefined ? 'GET' : 'POST', headers },
      (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => {
          if (response.statusCode !== 200) return failed(new Error(`${path}: ${response.statusCode} ${text}`));
          done({ body: JSON.parse(text), cookie: response.headers['set-cookie']?.[0]?.split(';')[0] ?? '' });
        });
      },
    );
    // The server closes connections that stood idle: the request was never read.
    sent.on('error', (error) => {
      if (sent.reusedSocket) void call(agent, url, path, body, cookie).then(done, failed);
      else failed(error);
    });
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** All answer until `enough`, or for so long. */
async function phase(server: Server, people: readonly Person[], thinkMs: number, enough: () => boolean, forMs: number) {
  const [began, startedAt] = [performance.now(), Date.now()];
  const next: [at: number, ms: number][] = [];
  const answered: number[] = [];
  const before = server.answers;
  const health: number[] = [];
  const busy = server.processorMs();
  const poll = setInterval(() => {
    const asked = performance.now();
    void server.health().then(() => health.push(performance.now() - asked));
  }, 50);
  let requests = 0;
  let empty = 0;
  await Promise.all(
    people.map(async (person) => {
      await sleep(person.think() * thinkMs);
      while (performance.now() - began < forMs && !enough()) {
        const asked = performance.now();
        const questions = await person.next(5);
        next.push([Date.now(), performance.now() - asked]);
        requests++;
        const [question] = questions;
        if (!question) {
          empty++;
          await sleep(1000);
          continue;
        }
        if (thinkMs > 0) await sleep(thinkMs * person.think());
        const k =
          (question.item * 7919 + person.name) % 10 < 7
            ? classOf(question.item)
            : (question.item + person.name) % CLASSES;
        const sent = performance.now();
        await person.answer(question.lease, `c${k}`);
        answered.push(performance.now() - sent);
        requests++;
      }
    }),
  );
  clearInterval(poll);
  const seconds = (performance.now() - began) / 1000;
  const processorMs = (server.processorMs() - busy) / requests;
  const steps = (await server.steps()).filter(({ at }) => at >= startedAt);
  const within = (t: number): boolean => steps.some(({ at, ms }) => t >= at && t <= at + ms);
  const during = next.filter(([t]) => within(t)).map(([, ms]) => ms);
  return {
    seconds: round(seconds),
    answers: server.answers - before,
    requestsPerSecond: Math.round(requests / seconds),
    processorMsPerRequest: round(processorMs),
    steps: {
      number: steps.length,
      medianMs: quantile(
        steps.map(({ ms }) => ms),
        0.5,
      ),
      longestMs: quantile(
        steps.map(({ ms }) => ms),
        1,
      ),
    },
    shareOfRequestsDuringSteps: round(during.length / next.length),
    nextMs: quantiles(next.map(([, ms]) => ms)),
    nextDuringStepsMs: quantiles(during),
    healthMs: quantiles(health),
    nextToHealth: round(quantile(during, 0.99)! / quantile(health, 0.99)!),
    answerMs: quantiles(answered),
    withoutQuestions: empty,
  };
}

const quantiles = (values: readonly number[]) => ({
  p50: quantile(values, 0.5),
  p99: quantile(values, 0.99),
  most: quantile(values, 1),
});

function quantile(values: readonly number[], q: number): number | null {
  if (values.length === 0) return null;
  const sorted = Float64Array.from(values).sort();
  return round(sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!);
}
