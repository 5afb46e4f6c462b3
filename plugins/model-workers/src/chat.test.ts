import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isQuorateError, type Dataset, type Files } from '@quorate/core';
import { buildComponent, describeWorkerSimulator } from '@quorate/testkit';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import chat, { ChatModel } from './chat.js';
import { chatOptions } from './chat-options.js';
import { FakeEndpoint, completion, reply } from './endpoint.fixture.js';
import { readContents } from './task-contents.js';

const folder = mkdtempSync(join(tmpdir(), 'quorate-chat-'));
const endpoint = new FakeEndpoint((text) => (text.includes('bark') ? 'dog' : 'cat'));
await endpoint.start();
afterAll(() => {
  endpoint.stop();
  rmSync(folder, { recursive: true, force: true });
});

const notes: string[] = [];
const files: Files = {
  resolve: (path) => join(folder, path),
  locate: () => undefined,
  cacheDir: join(folder, 'cache'),
  note: (message) => void notes.push(message),
};
const dataset: Dataset = {
  taskIds: Array.from({ length: 20 }, (_, i) => `t${i}`),
  classes: ['cat', 'dog'],
  features: null,
  prototypes: { ids: [], classOf: new Int32Array(0) },
};
const textOf = (i: number): string => `animal ${i} says ${i % 2 === 0 ? 'bark' : 'miaow, "purr"\nand more'}`;
const rows = dataset.taskIds.map((id, i) => JSON.stringify({ id, text: textOf(i) })).join('\n');
writeFileSync(join(folder, 'texts.jsonl'), `${rows}\n`);

let caches = 0;
beforeEach(() => {
  notes.length = 0;
  endpoint.asked.length = endpoint.authorizations.length = endpoint.mostAtOnce = endpoint.delay = 0;
  endpoint.next = [];
  caches++;
});

async function model(given: Record<string, unknown> = {}, env: Record<string, string> = {}): Promise<ChatModel> {
  const options = chatOptions.parse({
    ...{ url: endpoint.url, model: 'tiny', tasks: 'texts.jsonl', cache: `cache${caches}`, timeoutSeconds: 5 },
    ...given,
  });
  return new ChatModel(options, { dataset, contents: await readContents(options, dataset.taskIds, files), files }, env);
}

async function ask(one: ChatModel, items = dataset.taskIds.map((_, i) => i)): Promise<number[]> {
  const labels = new Int32Array(items.length).fill(-9);
  const worker = new Int32Array(items.length);
  await one.answer({ count: items.length, item: Int32Array.from(items), worker }, labels);
  return [...labels];
}

const right = dataset.taskIds.map((_, i) => (i % 2 === 0 ? 1 : 0));
const cacheFiles = (): string[] =>
  readdirSync(join(folder, `cache${caches}`)).map((name) => join(folder, `cache${caches}`, name));
const failure = (promise: Promise<unknown>): Promise<string> =>
  promise.then(String, (thrown: unknown) =>
    isQuorateError(thrown) ? thrown.message : `no error of ours: ${String(thrown)}`,
  );

describeWorkerSimulator(
  'chat',
  buildComponent(chat, {
    options: { url: endpoint.url, model: 'tiny', tasks: join(folder, 'suite.jsonl'), cache: join(folder, 'suite') },
  }),
  { declines: true, runs: 6, classes: ['cat', 'dog', 'emu'] },
);
writeFileSync(
  join(folder, 'suite.jsonl'),
  Array.from({ length: 300 }, (_, i) => JSON.stringify({ id: `t${i}`, text: textOf(i) })).join('\n'),
);

describe('what is asked', () => {
  it('is the question, the guidelines and the classes, with an enum for the answer, at temperature 0', async () => {
    const one = await model({ guidelines: 'Wolves are dogs.', describe: { dog: 'it barks' } });
    expect(await ask(one, [0])).toEqual([1]);
    const [asked] = endpoint.asked;
    expect(asked).toMatchObject({ model: 'tiny', temperature: 0 });
    const [system, user] = asked!.messages;
    for (const part of ['Which class is this?', '"cat"', '"dog": it barks', 'Wolves are dogs.'])
      expect(system!.content).toContain(part);
    expect(user!.content).toBe(`Task 1:\n${textOf(0)}`);
    expect(asked!.response_format).toMatchObject({ type: 'json_schema', json_schema: { strict: true } });
    expect(asked!.response_format!.json_schema!.schema.properties['1']!.enum).toEqual(['cat', 'dog']);
    one.dispose();
  });

  it('is an image as a data URL', async () => {
    mkdirSync(join(folder, 'photos'), { recursive: true });
    const png = Buffer.from('89504e470d0a1a0a0000', 'hex');
    writeFileSync(join(folder, 'photos', 't3'), png);
    const one = await model({ tasks: 'photos', batchSize: 5 });
    expect(await ask(one, [3, 4])).toEqual([0, -1]);
    expect(JSON.stringify(endpoint.asked[0]!.messages[1])).toContain(`data:image/png;base64,${png.toString('base64')}`);
    expect(endpoint.asked).toHaveLength(1);
    expect([one.may(0, 3), one.may(0, 4)]).toEqual([true, false]);
    expect(notes.join()).toContain('photos has 1 of 20 tasks');
    one.dispose();
  });

  it('several texts in one request, and equal ones once', async () => {
    const one = await model({ batchSize: 8 });
    expect(await ask(one)).toEqual(right);
    expect(endpoint.asked).toHaveLength(3);
    one.dispose();
    const again = await model({ batchSize: 8, question: 'Which animal?' });
    expect(await ask(again, [0, 0, 0])).toEqual([1, 1, 1]);
    expect(endpoint.asked).toHaveLength(4);
    again.dispose();
  });

  it('no more at once, nor in a minute, than is allowed', async () => {
    endpoint.delay = 15;
    const one = await model({ concurrency: 3 });
    await ask(one);
    expect(endpoint.mostAtOnce).toBe(3);
    one.dispose();
    endpoint.delay = 0;
    const slow = await model({ question: 'Slowly?', requestsPerMinute: 1200 });
    const started = Date.now();
    await ask(slow, [0, 1, 2, 3, 4]);
    expect(Date.now() - started).toBeGreaterThan(150);
    slow.dispose();
  });
});

describe('a task is never paid for twice', () => {
  it('also by another process, after a kill in the middle of a line', async () => {
    const one = await model();
    await ask(one, [0, 1, 2]);
    // The process is killed: nothing is closed, and a line is half written.
    appendFileSync(cacheFiles()[0]!, '{"key":"abc');
    const two = await model();
    expect(await ask(two)).toEqual(right);
    expect(endpoint.asked).toHaveLength(20);
    two.dispose();
    const three = await model();
    expect(await ask(three)).toEqual(right);
    expect(endpoint.asked).toHaveLength(20);
    three.dispose();
    expect(notes.at(-1)).toMatch(/0 answers in 0 requests, 20 more were kept from before/);
    one.dispose();
  });

  it('by two at once: each reads what the other has kept', async () => {
    const [one, two] = [await model(), await model()];
    await ask(one, [0, 1, 2, 3]);
    await ask(two, [2, 3, 4]);
    await ask(one, [4]);
    expect(endpoint.asked).toHaveLength(5);
    one.dispose();
    two.dispose();
  });

  it('what came before a failure is kept', async () => {
    const one = await model({ concurrency: 1, retries: 0 });
    endpoint.next = [null, null, (_, response) => reply(response, 401, { error: { message: 'bad key' } })];
    expect(await failure(ask(one, [0, 1, 2]))).toContain('HTTP 401: bad key');
    expect(await ask(one, [0, 1, 2])).toEqual([1, 0, 1]);
    expect(endpoint.asked).toHaveLength(4);
    one.dispose();
  });

  it('another prompt, model or set of classes is another worker', async () => {
    const ids = new Set<string>();
    for (const given of [
      {},
      { question: 'Other?' },
      { model: 'huge' },
      { guidelines: 'x' },
      { describe: { cat: 'x' } },
    ]) {
      const one = await model(given);
      ids.add(one.workerIds[0]!);
      expect(one.workerIds[0]).toMatch(/^(tiny|huge)@[0-9a-f]{8}$/);
      await ask(one, [0]);
      one.dispose();
    }
    expect([ids.size, endpoint.asked.length]).toEqual([5, 5]);
  });

  it('equal runs give equal answers, and the cache has no key in it', async () => {
    const key = 'sk-very-secret-0123456789';
    const one = await model({ keyVariable: 'MY_KEY' }, { MY_KEY: key });
    await ask(one);
    expect(endpoint.authorizations[0]).toBe(`Bearer ${key}`);
    endpoint.next = [(_, response) => reply(response, 400, `{"error":{"message":"the key ${key} is odd"}}`)];
    const other = await model({ keyVariable: 'MY_KEY', question: 'Why?' }, { MY_KEY: key });
    const message = await failure(ask(other, [0]));
    expect(message).toContain('the key <key> is odd');
    one.dispose();
    other.dispose();
    for (const file of cacheFiles()) expect(readFileSync(file, 'utf8')).not.toContain(key);
    expect(JSON.stringify(notes)).not.toContain(key);
  });
});

describe('an endpoint that misbehaves', () => {
  const passing: Record<string, FakeEndpoint['next'][number]> = {
    'says 429': (_, response) => reply(response, 429, { error: { message: 'slow down' } }, { 'retry-after': '0' }),
    'says 500': (_, response) => reply(response, 500, 'oops'),
    'says 503 in HTML': (_, response) => reply(response, 503, '<html>busy</html>'),
    'resets the connection': (_, response) => void response.socket!.resetAndDestroy(),
    'stops in the middle of its JSON': (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '5000' });
      response.write('{"choices":[{"message":{"content":"{\\"1\\":');
      setTimeout(() => response.destroy(), 10);
    },
    'sends JSON that is cut short': (_, response) => reply(response, 200, '{"choices":[{"message"'),
    'has no choices': (_, response) => reply(response, 200, { choices: [] }),
    'is slower than it may be': () => undefined,
  };
  it.each(Object.keys(passing))('%s: is asked again', async (what) => {
    const one = await model({ timeoutSeconds: 0.4 });
    endpoint.next = [passing[what]!];
    expect(await ask(one, [0, 1])).toEqual([1, 0]);
    expect(endpoint.asked).toHaveLength(3);
    one.dispose();
  });

  it('waits as long as Retry-After says, in seconds or as a date', async () => {
    for (const header of [
      { 'retry-after': '1' },
      { 'retry-after': 'Thu, 01 Jan 2026 00:00:01 GMT', date: 'Thu, 01 Jan 2026 00:00:00 GMT' },
    ]) {
      const one = await model({ question: JSON.stringify(header) });
      endpoint.next = [(_, response) => reply(response, 429, {}, header)];
      const started = Date.now();
      expect(await ask(one, [0])).toEqual([1]);
      expect(Date.now() - started).toBeGreaterThan(1000);
      one.dispose();
    }
  });

  it('for good: says so, with what to do, and nothing that came is lost', async () => {
    const one = await model({ retries: 1, concurrency: 1 });
    endpoint.next = [null, ...Array<FakeEndpoint['next'][number]>(6).fill(passing['says 500']!)];
    expect(await failure(ask(one, [0, 1, 2, 3]))).toMatch(/\[MODEL_UNAVAILABLE\].*HTTP 500: oops.*--resume/);
    endpoint.next = [];
    endpoint.asked.length = 0;
    expect(await ask(one, [0, 1, 2, 3])).toEqual([1, 0, 1, 0]);
    expect(endpoint.asked).toHaveLength(3);
    one.dispose();
  });

  it.each([
    [401, /environment variable OPENAI_API_KEY/],
    [404, /has the model "tiny"/],
  ])('HTTP %i is not tried again', async (status, advice) => {
    const one = await model();
    endpoint.next = [(_, response) => reply(response, status, { error: { message: 'no' } })];
    expect(await failure(ask(one, [0]))).toMatch(advice);
    expect(endpoint.asked).toHaveLength(1);
    one.dispose();
  });

  it('nobody is there', async () => {
    const one = await model({ url: 'http://127.0.0.1:9/v1', retries: 0 });
    expect(await failure(ask(one, [0]))).toMatch(/MODEL_UNAVAILABLE.*Check that the endpoint is up/);
    one.dispose();
  });

  it('does not know structured output: is asked in a plainer way, from then on', async () => {
    const one = await model({ concurrency: 1 });
    const refuse = (_: unknown, response: Parameters<typeof reply>[0]) =>
      reply(response, 400, { error: { message: "'response_format.type' must be 'json_object' or 'text'" } });
    endpoint.next = [refuse, null, refuse];
    for (const item of [0, 1, 2]) expect(await ask(one, [item])).toEqual([right[item]]);
    const wanted = endpoint.asked.map(({ response_format: format }) => format?.type);
    expect(wanted).toEqual(['json_schema', 'json_object', 'json_object', undefined, undefined]);
    expect(notes.filter((note) => note.includes('does not take output='))).toHaveLength(2);
    one.dispose();
  });
});

describe('a reply that is no answer', () => {
  it.each([
    ['a refusal', null, { refusal: 'I cannot help with that.' }, -1, 1],
    ['a label outside the classes, twice', '{"1":"wolf"}', {}, -1, 2],
    ['prose without a class', 'It could be either.', {}, -1, 2],
    ['nothing', '', {}, -1, 2],
    ['a class in a code fence', '```json\n{"1": "dog"}\n```', {}, 1, 1],
    ['the bare class', ' Dog. ', {}, 1, 1],
    ['another number', '{"2":"dog"}', {}, -1, 2],
  ])('%s', async (_what, content, more, label, requests) => {
    const one = await model({ question: `About ${String(content)}?` });
    const odd: FakeEndpoint['next'][number] = (_, response) => completion(response, content, more);
    endpoint.next = [odd, odd];
    expect(await ask(one, [0])).toEqual([label]);
    expect(endpoint.asked).toHaveLength(requests);
    // A declined task is not paid for again either.
    expect(await ask(one, [0])).toEqual([label]);
    expect(endpoint.asked).toHaveLength(requests);
    one.dispose();
  });

  it('about some tasks of several: these are asked alone', async () => {
    const one = await model({ batchSize: 4 });
    endpoint.next = [(_, response) => completion(response, '{"1":"dog","2":"wolf","4":"cat"}')];
    expect(await ask(one, [0, 1, 2, 3])).toEqual([1, 0, 1, 0]);
    expect(endpoint.asked).toHaveLength(3);
    one.dispose();
  });

  it('text in a task is no instruction to us: it stays within the message', async () => {
    const one = await model();
    await ask(one, [1]);
    expect(endpoint.asked[0]!.messages[1]!.content).toBe(`Task 1:\n${textOf(1)}`);
    one.dispose();
  });
});

describe('contents', () => {
  it.each([
    ['nothing.jsonl', '', /an empty file|no rows|nothing/i],
    ['others.csv', 'id,text\nx,y\n', /contents of the tasks.*none of them/],
    ['noid.csv', 'a,b\nx,y\n', /a column of ids/],
    ['columns.csv', 'id,a,b\nt0,x,y\n', /a column "text"/],
  ])('%s is refused', async (name, content, reason) => {
    writeFileSync(join(folder, name), content);
    expect(await failure(model({ tasks: name }))).toMatch(reason);
  });

  it('an id is no way out of the folder, and an address takes no password', async () => {
    expect(() => chatOptions.parse({ url: 'http://me:secret@x/v1', model: 'm', tasks: 't' })).toThrow(/password/);
    const contents = await readContents({ tasks: 'photos', text: null }, ['t3', '../texts.jsonl'], files);
    expect([contents.has(0), contents.has(1)]).toEqual([true, false]);
  });
});
