import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCampaign, openCampaign } from '@quorate/campaign';
import backends from '@quorate/plugin-backend-onnx';
import datasets from '@quorate/plugin-datasets';
import neural from '@quorate/plugin-neural-learner';
import method from '@quorate/plugin-quorate-method';
import standard from '@quorate/plugin-standard';
import { expect, it } from 'vitest';
import { campaignApp } from './app.js';

it('tells an admin, and nobody else, the figures of the campaign in the format of Prometheus', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'quorate-metrics-'));
  const run = {
    classes: ['zebra', 'yak'],
    dataset: { use: 'files', labels: 'tasks.csv' },
    method: 'quorate',
    learner: { use: 'none' },
  };
  const tasks = ['one', 'two', 'three'].map((id) => ({ id, kind: 'id' as const, content: '' }));
  createCampaign({ folder, settings: { run, prices: { answer: 0.5, audit: 0, currency: '' } }, tasks, now: 0 });
  writeFileSync(join(folder, 'tasks.csv'), 'id\none\ntwo\nthree\n');
  const campaign = await openCampaign(folder, { plugins: [backends, datasets, neural, method, standard], env: {} });
  const { app, access } = campaignApp({ campaign, secure: true });
  const tokenOf = async (role: 'admin' | 'worker'): Promise<string> => {
    const invitation = await access.invite({ role, name: role, uses: 1, days: 1 });
    return (await access.accept(invitation, null))!.token;
  };
  const scrape = (token?: string) =>
    app.request('http://localhost/metrics', {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    });
  const { questions } = await campaign.next('ann', 1);
  await campaign.answer({ worker: 'ann', lease: questions[0]!.lease, label: 'yak' });
  expect((await scrape()).status).toBe(401);
  expect((await scrape(await tokenOf('worker'))).status).toBe(401);
  const response = await scrape(await tokenOf('admin'));
  expect(response.headers.get('content-type')).toMatch(/text\/plain; version=0\.0\.4/);
  const text = await response.text();
  for (const line of ['quorate_tasks 3', 'quorate_answers 1', 'quorate_money_spent 0.5', 'quorate_workers 1']) {
    expect(text.split('\n')).toContain(line);
  }
  expect(text).toMatch(/quorate_request_seconds_count\{method="GET",status="401"\} 2/);
  expect(text).toMatch(
    /^# HELP quorate_audit_bound_ratio .+\n# TYPE quorate_audit_bound_ratio gauge\nquorate_audit_bound_ratio 1$/m,
  );
  expect(text).not.toMatch(/ann|yak|zebra|one\b/);
  await campaign.dispose();
  rmSync(folder, { recursive: true });
});
