import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { contents, lines, quorate, root, start, workplace } from './cli.js';

const classes = ['billing', 'shipping', 'other'];
const TASKS = 150;
const truthOf = (i: number): string => classes[i % 3]!;
/** What the model says: wrong about every seventh task, always in the same way. */
const saidOf = (i: number): string => (i % 7 === 0 ? classes[(i + 1) % 3]! : truthOf(i));

const KEY = 'sk-not-to-be-found-anywhere';
let asked: number[] = [];
const keys = new Set<string | undefined>();
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk: Buffer) => (body += chunk.toString()));
  request.on('end', () => {
    keys.add(request.headers.authorization);
    const { messages } = JSON.parse(body) as { messages: { content: string }[] };
    const i = Number(/letter (\d+)/.exec(messages.at(-1)!.content)![1]);
    asked.push(i);
    const content = JSON.stringify({ 1: saidOf(i) });
    response.setHeader('content-type', 'application/json');
    setTimeout(() => response.end(JSON.stringify({ choices: [{ message: { content } }] })), 5);
  });
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** The configuration of the plugin's README, at this endpoint, with a data set beside it. */
function prepared(): string {
  const home = workplace();
  const page = readFileSync(join(root, 'plugins/model-workers/README.md'), 'utf8');
  const config = parse(/```yaml\n([\s\S]*?)```/.exec(page)![1]!) as { models: Record<string, unknown>[] };
  config.models[0]!['url'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  config.models[0]!['cache'] = 'answers';
  const run = { dataset: { use: 'files', labels: 'labels.csv' }, method: 'quorate', learner: { use: 'none' } };
  const more = { workers: { use: 'uniform', workers: 12 }, sampler: { hitSize: 10, hitsPerStep: 2 } };
  writeFileSync(join(home, 'quorate.config.yaml'), stringify({ ...config, ...run, ...more, classes }));
  const ids = Array.from({ length: TASKS }, (_, i) => i);
  writeFileSync(join(home, 'labels.csv'), `id,label\n${ids.map((i) => `t${i},${truthOf(i)}`).join('\n')}\n`);
  const texts = ids.map((i) => JSON.stringify({ id: `t${i}`, text: `letter ${i}` }));
  writeFileSync(join(home, 'texts.jsonl'), `${texts.join('\n')}\n`);
  asked = [];
  return home;
}

it('a language model beside people, as the README configures it', async () => {
  const home = prepared();
  const { status, stdout, stderr } = await quorate(home, ['run', '--out', 'run'], { OPENAI_API_KEY: KEY });
  expect(`${status} ${stderr}`).toMatch(/^0 /);
  expect(stdout).toMatch(/\d+ answers of models\. Spent [\d.]+ EUR: [\d.]+ EUR for people, 0\.\d+ EUR for\s+models\./);
  expect(stdout + stderr).toMatch(/qwen2\.5:7b@[0-9a-f]{8}: \d+ answers in \d+ requests/);
  expect(asked.length).toBeGreaterThan(60);
  expect(new Set(asked).size).toBe(asked.length);
  expect([...keys]).toEqual([`Bearer ${KEY}`]);

  const answers = lines(home, 'run/model-answers.csv').slice(1);
  expect(answers).toHaveLength(asked.length);
  expect(answers.every((line) => /^t\d+,qwen2\.5:7b@[0-9a-f]{8},(billing|shipping|other),\d+$/.test(line))).toBe(true);
  const [model] = lines(home, 'run/models.csv').slice(1);
  const [name, , count, , spent, , skill] = model!.split(',');
  expect([name, Number(count)]).toEqual([answers[0]!.split(',')[1], asked.length]);
  expect(Number(spent)).toBeCloseTo(0.002 * asked.length, 6);
  expect(Number(skill)).toBeGreaterThan(0.6);
  for (const folder of ['run', 'answers']) {
    for (const file of readdirSync(join(home, folder))) {
      expect(readFileSync(join(home, folder, file), 'latin1'), file).not.toContain(KEY);
    }
  }
  expect(stdout + stderr).not.toContain(KEY);

  // Another run of the same tasks pays for nothing.
  const before = asked.length;
  expect((await quorate(home, ['run', '--out', 'again'])).status).toBe(0);
  expect(asked.length).toBe(before);
  expect(contents(join(home, 'again'))['labels.csv']).toBe(contents(join(home, 'run'))['labels.csv']);
});

it('killed while the model answers and resumed: no task is paid for twice, and the run ends as it would have', async () => {
  const home = prepared();
  const { child, ended } = start(home, ['run', '--out', 'killed']);
  while (asked.length < 30 && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 2));
  child.kill('SIGKILL');
  await ended;
  await new Promise((resolve) => setTimeout(resolve, 50));
  const paid = asked.length;
  expect((await quorate(home, ['run', '--out', 'killed', '--resume'])).status).toBe(0);
  // What was under way when the process died could not be kept.
  expect(asked.length - new Set(asked).size).toBeLessThanOrEqual(4);
  expect(asked.length).toBeGreaterThan(paid);
  expect((await quorate(home, ['run', '--out', 'whole'])).status).toBe(0);
  const [killed, whole] = ['killed', 'whole'].map((name) => contents(join(home, name)));
  for (const name of ['annotations.csv', 'model-answers.csv', 'labels.csv', 'steps.jsonl', 'models.csv']) {
    expect(killed![name], name).toBe(whole![name]);
  }
});

it('an endpoint that is not there ends the run with what to do', async () => {
  const home = prepared();
  const config = readFileSync(join(home, 'quorate.config.yaml'), 'utf8');
  writeFileSync(
    join(home, 'quorate.config.yaml'),
    config.replace(/:\d+\/v1/, ':9/v1').replace('price: 0.002', 'price: 0.002\n    retries: 0'),
  );
  const { status, stderr } = await quorate(home, ['run', '--out', 'nobody']);
  expect(status).toBe(2);
  expect(stderr).toMatch(/MODEL_UNAVAILABLE/);
  expect(stderr).toMatch(/--resume\s+goes\s+on/);
  expect(stderr).not.toMatch(/at .*\.js/);
});
