import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCampaign, openCampaign, type Campaign } from '@quorate/campaign';
import backends from '@quorate/plugin-backend-onnx';
import datasets from '@quorate/plugin-datasets';
import neural from '@quorate/plugin-neural-learner';
import method from '@quorate/plugin-quorate-method';
import standard from '@quorate/plugin-standard';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { campaignApp } from './app.js';
import { serveCampaign } from './serve.js';

let folder = '';
let campaign: Campaign;
let app: ReturnType<typeof campaignApp>['app'];
let access: ReturnType<typeof campaignApp>['access'];
let now = Date.UTC(2026, 0, 1);
const host = 'localhost:8231';
const images = ['cat/secret-1.png', 'out.png', 'drawing.svg', '../passwords.png', 'none.png'];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quorate-server-'));
  const photos = join(folder, 'photos');
  mkdirSync(join(photos, 'cat'), { recursive: true });
  writeFileSync(join(photos, 'cat/secret-1.png'), 'image');
  writeFileSync(join(photos, 'drawing.svg'), '<svg/>');
  writeFileSync(join(folder, 'passwords.png'), 'secret');
  symlinkSync(join(folder, 'passwords.png'), join(photos, 'out.png'));
  const texts = Array.from({ length: 20 }, (_, i) => ({
    id: `text-${i}`,
    kind: 'text' as const,
    content: `text ${i}`,
  }));
  const tasks = [...images.map((content) => ({ id: content, kind: 'image' as const, content })), ...texts];
  const place = join(folder, 'campaign');
  const run = {
    classes: ['zebra', 'yak'],
    dataset: { use: 'files', labels: 'tasks.csv' },
    method: 'quorate',
    learner: { use: 'none' },
  };
  createCampaign({
    folder: place,
    settings: { run, source: '../photos', goldEvery: 3 },
    tasks,
    gold: new Map([['text-3', 1]]),
    now,
  });
  writeFileSync(join(place, 'tasks.csv'), `id\n${tasks.map(({ id }) => id).join('\n')}\n`);
  const plugins = [backends, datasets, neural, method, standard];
  campaign = await openCampaign(place, { plugins, env: {}, clock: () => now });
  ({ app, access } = campaignApp({ campaign, secure: true }));
});
afterAll(async () => {
  await campaign.dispose();
  rmSync(folder, { recursive: true });
});

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  app.request(`http://${host}/api/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', host, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
const get = (path: string, headers: Record<string, string> = {}) =>
  app.request(`http://${host}${path}`, { headers: { host, ...headers } });

async function member(role: 'worker' | 'admin', name: string): Promise<Record<string, string>> {
  const invitation = await access.invite({ role, name, uses: 1, days: 1 });
  const response = await post('join', { invitation });
  expect(response.status).toBe(200);
  const cookie = response.headers.get('set-cookie')!;
  expect(cookie).toMatch(/^__Host-quorate=[\w-]{43}; .*Path=\/; HttpOnly; Secure; SameSite=Strict$/);
  return { cookie: cookie.split(';')[0]! };
}

describe('the server lets in', () => {
  it('nobody without a token, and no worker as an admin', async () => {
    for (const headers of [{}, { cookie: '__Host-quorate=abc' }, { authorization: `Bearer ${'x'.repeat(43)}` }]) {
      expect((await get('/api/me', headers)).status).toBe(401);
      expect((await post('next', { count: 1 }, headers)).status).toBe(401);
    }
    const worker = await member('worker', 'ann');
    for (const path of ['status', 'steps', 'look', 'labels.csv', 'annotations.csv']) {
      expect((await get(`/api/admin/${path}`, worker)).status).toBe(403);
    }
    expect((await post('admin/state', { state: 'closed' }, worker)).status).toBe(403);
    expect((await post('admin/invites', { role: 'admin' }, worker)).status).toBe(403);
  });

  it('by an invitation that is known, not used up and not too old', async () => {
    expect((await post('join', { invitation: 'nonsense' })).status).toBe(403);
    const once = await access.invite({ role: 'worker', name: null, uses: 1, days: 1 });
    expect((await post('join', { invitation: once })).status).toBe(200);
    expect((await post('join', { invitation: once })).status).toBe(403);
    const old = await access.invite({ role: 'worker', name: null, uses: 9, days: 1 });
    now += 2 * 86_400_000;
    expect((await post('join', { invitation: old })).status).toBe(403);
  });

  it('one of two who use the last place of an invitation at once', async () => {
    const invitation = await access.invite({ role: 'worker', name: null, uses: 3, days: 1 });
    const joined = await Promise.all(Array.from({ length: 8 }, async () => post('join', { invitation })));
    expect(joined.map(({ status }) => status).sort()).toEqual([200, 200, 200, 403, 403, 403, 403, 403]);
    const workers: unknown[] = [];
    for (const response of joined) workers.push(((await response.json()) as { worker?: string }).worker);
    expect(new Set(workers.filter(Boolean)).size).toBe(3);
  });

  it('nobody under the name of another', async () => {
    await member('worker', 'bob');
    const invitation = await access.invite({ role: 'worker', name: null, uses: 1, days: 1 });
    const { worker } = (await (await post('join', { invitation, name: 'bob' })).json()) as { worker: string };
    expect(worker).toMatch(/^bob-[0-9a-f]{6}$/);
  });

  it('tokens of which the database has the hash alone', async () => {
    const { cookie } = await member('worker', 'cem');
    const token = cookie!.split('=')[1]!;
    const rows = JSON.stringify(campaign.db.prepare('SELECT * FROM worker').all([]));
    expect(rows).not.toContain(token);
  });
});

describe('the server refuses', () => {
  it('writes that another site causes', async () => {
    const worker = await member('worker', 'dia');
    for (const headers of [
      { origin: 'https://evil.example' },
      { 'sec-fetch-site': 'cross-site' },
      { origin: 'null' },
    ]) {
      expect((await post('next', { count: 1 }, { ...worker, ...headers })).status).toBe(403);
    }
    const own = { origin: `http://${host}`, 'sec-fetch-site': 'same-origin' };
    expect((await post('next', { count: 1 }, { ...worker, ...own })).status).toBe(200);
  });

  it('large bodies, bodies that are none, and whoever asks too often', async () => {
    const worker = await member('worker', 'eve');
    const large = await post(
      'answer',
      { lease: 1, label: 'x'.repeat(20_000) },
      { ...worker, 'content-length': '20100' },
    );
    expect(large.status).toBe(413);
    for (const body of ['{', '[]', '{"lease":"a"}', 'null'])
      expect((await post('answer', body, worker)).status).toBe(400);
    let status = 200;
    for (let n = 0; n < 200 && status !== 429; n++) status = (await get('/api/me', worker)).status;
    expect(status).toBe(429);
    now += 10_000;
    expect((await get('/api/me', worker)).status).toBe(200);
  });

  it("another one's question, without saying whose, and a second thought by the way of a first", async () => {
    const [ann, bob] = [await member('worker', 'ann2'), await member('worker', 'bob2')];
    const { questions } = (await (await post('next', { count: 1 }, ann)).json()) as { questions: { lease: number }[] };
    const { lease } = questions[0]!;
    const [foreign, unknown] = [
      await post('answer', { lease, label: 'yak' }, bob),
      await post('answer', { lease: 99_999, label: 'yak' }, bob),
    ];
    expect([foreign.status, unknown.status]).toEqual([403, 403]);
    expect(await foreign.text()).toBe(await unknown.text());
    expect((await post('answer', { lease, label: 'yak' }, ann)).status).toBe(200);
    expect(await (await post('answer', { lease, label: 'yak' }, ann)).json()).toEqual({ outcome: 'repeat' });
    expect((await post('answer', { lease, label: 'zebra' }, ann)).status).toBe(409);
    expect((await post('change', { lease, label: 'zebra' }, ann)).status).toBe(200);
    expect((await post('answer', { lease, label: 'gnu' }, ann)).status).toBe(400);
  });

  it('files that are no image below the root', async () => {
    const worker = await member('worker', 'fay');
    const statuses = [];
    for (const item of images.keys()) statuses.push((await get(`/api/tasks/${item}/image`, worker)).status);
    expect(statuses).toEqual([200, 404, 404, 404, 404]);
    for (const path of [
      '/api/tasks/5/image',
      '/api/tasks/999/image',
      '/assets/..%2f..%2fpackage.json',
      '/assets/%2e%2e/x.js',
      '/campaign.db',
    ]) {
      expect((await get(path, worker)).status).toBe(404);
    }
    expect((await get('/api/tasks/..%2f1/image', worker)).status).toBe(400);
  });

  it('to be seen from other machines without HTTPS', async () => {
    await expect(serveCampaign({ campaign, host: '0.0.0.0', port: 0, behindProxy: false })).rejects.toThrow(
      /--behind-proxy/,
    );
  });

  it('scripts, frames and sniffing', async () => {
    const { headers } = await get('/health');
    const policy = headers.get('content-security-policy')!;
    expect(policy).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect(policy).not.toMatch(/unsafe|\*/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
  });
});

describe('the server fetches', () => {
  it('no URL of a task, whatever is asked of it', async () => {
    let requests = 0;
    const inside = createServer((_request, response) => (requests++, response.end('secret'))).listen(0, '127.0.0.1');
    await once(inside, 'listening');
    const at = `http://127.0.0.1:${(inside.address() as AddressInfo).port}`;
    const place = join(folder, 'urls');
    const ids = ['u0', 'u1'];
    const run = {
      classes: ['a', 'b'],
      dataset: { use: 'files', labels: 'tasks.csv' },
      method: 'quorate',
      learner: { use: 'none' },
    };
    const tasks = ids.map((id) => ({ id, kind: 'url' as const, content: `${at}/${id}.png` }));
    const examples = { a: [`${at}/example.png`, '../passwords.png'] };
    createCampaign({ folder: place, settings: { run, source: '../photos', examples }, tasks, now });
    writeFileSync(join(place, 'tasks.csv'), `id\n${ids.join('\n')}\n`);
    await using other = await openCampaign(place, { plugins: [backends, datasets, neural, method, standard], env: {} });
    const { app: another, access: entry } = campaignApp({ campaign: other, secure: false });
    const token = (await entry.accept(await entry.invite({ role: 'admin', name: 'root', uses: 1, days: 1 }), null))!
      .token;
    const headers = { authorization: `Bearer ${token}`, host, 'content-type': 'application/json' };
    const ask = (path: string, body?: unknown) =>
      another.request(`http://${host}/api/${path}`, {
        headers,
        ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      });
    const { questions } = (await (await ask('next', { count: 2 })).json()) as { questions: { content: string }[] };
    expect(questions.map(({ content }) => content).sort()).toEqual(tasks.map(({ content }) => content));
    for (const path of ['tasks/0/image', 'examples/a/0/image', 'examples/a/1/image', 'examples/b/0/image']) {
      expect((await ask(path)).status).toBe(404);
    }
    for (const path of ['me', 'admin/look', 'admin/status', 'admin/labels.csv'])
      expect((await ask(path)).status).toBe(200);
    expect(requests).toBe(0);
    inside.close();
  });
});

describe('a worker is told', () => {
  it('no label, count, risk, truth or other worker by any path of the API', async () => {
    const worker = await member('worker', 'gil');
    const admin = await member('admin', 'admin');
    await campaign.step();
    const document = (await (await get('/openapi.json')).json()) as {
      openapi: string;
      paths: Record<string, Record<string, { requestBody?: unknown }>>;
    };
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths).length).toBeGreaterThan(10);
    const bodies: Record<string, unknown> = { '/api/next': { count: 20 }, '/api/join': { invitation: 'x' } };
    let seen = '';
    for (const [path, methods] of Object.entries(document.paths)) {
      if (path === '/api/events') continue;
      for (const method of Object.keys(methods)) {
        const at = path.replace('{item}', '0').replace('{label}', 'yak').replace('{n}', '0');
        const response =
          method === 'get'
            ? await get(at, worker)
            : await post(at.slice('/api/'.length), bodies[path] ?? { lease: 1, label: 'yak', reason: '' }, worker);
        const text = await response.text();
        if (path.startsWith('/api/admin/')) expect(response.status).toBe(403);
        seen += `${path} ${text}\n`;
      }
    }
    expect(seen).toMatch(/"questions":\[\{/);
    // Folders of images are often named as their classes.
    expect(seen).not.toMatch(/secret-1|cat\//);
    expect(seen).not.toMatch(
      /"(risk|gold|truth|posterior|confidence|skill|valid|annotations|workers|error_rate|kind_of)"/,
    );
    expect(seen).not.toMatch(/"(ann|bob|admin)"/);
    const gold = campaign.db.prepare(
      `SELECT lease.id FROM lease JOIN worker ON worker.id = worker WHERE kind = 'gold' AND name = 'gil'`,
    );
    const asked = (await (await post('next', { count: 20 }, worker)).json()) as {
      questions: Record<string, unknown>[];
    };
    const keys = new Set(asked.questions.map((question) => Object.keys(question).sort().join()));
    expect(keys.size).toBe(1);
    expect(gold.all([])).toHaveLength(1);
    expect((await get('/api/admin/status', admin)).status).toBe(200);
  });
});
