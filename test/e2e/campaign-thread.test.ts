import { cpSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ThreadInference, createCampaign, openCampaign, type Campaign, type NextQuestions } from '@quorate/campaign';
import { describe, expect, it } from 'vitest';
import { root, workplace } from './cli.js';

/** A rule that waits as long as the file `hold` is there, and ends its thread where `die` is. */
const rule = `import { existsSync } from 'node:fs';
import { defineComponent, definePlugin } from '@quorate/core';
import { z } from 'zod';
const options = z.strictObject({ folder: z.string() });
export default definePlugin({ name: 'hold', apiVersion: '^0.1.0', components: [defineComponent({
  kind: 'stoppingRule', name: 'hold', summary: 'waits', options,
  create: ({ folder }) => ({ stop: () => {
    if (existsSync(folder + '/die')) process.exit(7);
    while (existsSync(folder + '/hold')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    return null;
  } }),
})] });
`;
const classes = ['a', 'b', 'c'];
const ids = Array.from({ length: 120 }, (_, i) => `t${i}`);

function newCampaign(): string {
  const folder = workplace();
  writeFileSync(join(folder, 'hold.mjs'), rule);
  writeFileSync(join(folder, 'tasks.csv'), `id\n${ids.join('\n')}\n`);
  const dataset = { use: 'files', labels: 'tasks.csv' };
  const parts = { method: 'quorate', learner: { use: 'none' }, stop: { use: 'hold', folder } };
  const run = { classes, plugins: ['./hold.mjs'], dataset, ...parts };
  const tasks = ids.map((id) => ({ id, kind: 'id' as const, content: '' }));
  createCampaign({ folder, settings: { run }, tasks, now: 0 });
  return folder;
}

const cli = join(root, 'packages/cli/package.json');
const builtins = ['standard', 'datasets', 'backend-onnx', 'neural-learner', 'quorate-method', 'real-crowds'].map(
  (name) => ({
    spec: `@quorate/plugin-${name}`,
    from: cli,
    origin: 'builtin' as const,
  }),
);
const open = (folder: string, threaded = true): Promise<Campaign> =>
  openCampaign(folder, { builtins, env: {}, ...(threaded ? { openInference: ThreadInference.open } : {}) });

async function answer(campaign: Campaign, worker: string, { questions }: NextQuestions): Promise<void> {
  await Promise.all(questions.map(({ lease, item }) => campaign.answer({ worker, lease, label: classes[item % 3]! })));
}

async function answerAll(campaign: Campaign): Promise<void> {
  for (;;) {
    let asked = 0;
    for (const worker of ['ann', 'bob', 'cem', 'dia']) {
      const next = await campaign.next(worker, 7);
      await answer(campaign, worker, next);
      asked += next.questions.length;
    }
    if (asked === 0) return;
  }
}

const ending = async (campaign: Campaign) => ({
  posterior: Buffer.from((await campaign.inference.posterior()).buffer),
  csv: await campaign.csv(),
});

describe('inference in a thread', () => {
  it('gives questions and takes answers while a step is computed', async () => {
    const folder = newCampaign();
    await using campaign = await open(folder);
    await answer(campaign, 'ann', await campaign.next('ann', 5));
    writeFileSync(join(folder, 'hold'), '');
    try {
      const step = campaign.step();
      for (const worker of ['ann', 'bob', 'newcomer']) {
        const next = await campaign.next(worker, 5);
        expect(next.questions).toHaveLength(5);
        await answer(campaign, worker, next);
      }
      expect((await campaign.status()).answers).toBe(20);
      expect(campaign.steps.running).toBe(true);
      const all = await campaign.next('dia', 1000, { patience: 50 });
      expect(all).toMatchObject({ questions: [], state: 'wait' });
      rmSync(join(folder, 'hold'));
      await step;
      expect((await campaign.next('dia', 5)).questions).toHaveLength(5);
    } finally {
      rmSync(join(folder, 'hold'), { force: true });
    }
  });

  it('goes through the journal to the same bytes as in the thread of the caller', async () => {
    const folder = newCampaign();
    let before;
    {
      await using campaign = await open(folder);
      await answerAll(campaign);
      before = await ending(campaign);
    }
    const copy = workplace();
    cpSync(folder, copy, { recursive: true });
    rmSync(join(copy, 'checkpoint'));
    await using campaign = await open(copy, false);
    expect(await ending(campaign)).toEqual(before);
    await using again = await open(folder);
    expect(await ending(again)).toEqual(before);
  });

  it('that dies is started again, and goes on to what it would have said', async () => {
    const folder = newCampaign();
    const quiet = workplace();
    await using campaign = await open(folder);
    await answer(campaign, 'ann', await campaign.next('ann', 20));
    await campaign.step();
    await answer(campaign, 'bob', await campaign.next('bob', 20));
    writeFileSync(join(folder, 'die'), '');
    await expect(campaign.step()).rejects.toThrow(/ended with code 7/);
    expect((await campaign.next('ann', 2)).questions).toHaveLength(2);
    rmSync(join(folder, 'die'));
    await campaign.step();
    const after = await ending(campaign);
    await campaign.dispose();
    expect(existsSync(join(folder, 'lock'))).toBe(false);
    cpSync(folder, quiet, { recursive: true });
    rmSync(join(quiet, 'checkpoint'));
    await using replayed = await open(quiet, false);
    expect(await ending(replayed)).toEqual(after);
  });

  it('says what cannot be opened as the thread of the caller does', async () => {
    const folder = newCampaign();
    writeFileSync(join(folder, 'tasks.csv'), 'id\nt0\n');
    await expect(open(folder)).rejects.toThrow(/DATA_INVALID.*"t1"/);
    rmSync(join(folder, 'tasks.csv'));
    await expect(open(folder)).rejects.toMatchObject({
      code: 'DATA_INVALID',
      detail: { fix: expect.any(String) as string },
    });
    await expect(
      openCampaign(folder, {
        plugins: [],
        openInference: (setup, note) =>
          ThreadInference.open({ ...setup, prepare: { ...setup.prepare, modules: [{} as never] } }, note),
      }),
    ).rejects.toThrow(/plugins by name/);
  });
});
