import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { AnswerTableBuilder } from '@quorate/core';
import { makeRng } from '@quorate/core/numbers';
import { afterEach, describe, expect, it } from 'vitest';
import type { Campaign } from './campaign.js';
import { answerAll, answerOf, cleanUp, newCampaign, open, truthOf } from './crowd.fixture.js';
import { addAnswers } from './files/add.js';
import type { Settings } from './settings.js';

afterEach(cleanUp);

const crowd = ['ann', 'bob', 'cem', 'dia'];
const TASKS = 60;
const certified = { use: 'certified', maxError: 0.35, confidence: 0.9, auditBudget: 50, rounds: 2 };
const settings = (stop: object = {}): Partial<Settings> => ({
  answersPerTask: 4,
  prices: { answer: 0.1, audit: 2, currency: 'EUR' },
  run: { stop: { ...certified, ...stop }, seed: 5, honesty: { use: 'none' } },
});
const orderOf = (round: number): number[] => {
  const stream = makeRng(5).fork('audit');
  return [...Array.from({ length: round }, () => stream.permutation(TASKS)).at(-1)!];
};

/** The expert answers what they are asked, until they are asked nothing. @returns the items, in the order of the questions. */
async function audit(campaign: Campaign, say: (task: string) => string, auditor = 'expert', at = 3): Promise<number[]> {
  const items: number[] = [];
  await campaign.join(auditor, 'auditor');
  for (;;) {
    const { questions } = await campaign.next(auditor, at);
    if (questions.length === 0) return items;
    for (const { lease, task, item } of questions) {
      items.push(item);
      await campaign.answer({ worker: auditor, lease, label: say(task), ms: 900 });
    }
  }
}

const deliveredOf = async (campaign: Campaign): Promise<Map<string, string>> => {
  const lines = (await campaign.csv()).labels.trim().split('\n').slice(1);
  return new Map(lines.map((line) => line.split(',').slice(0, 2) as [string, string]));
};

describe('audits in a campaign', () => {
  it('go to auditors in the order that was drawn before the first answer, and certify', async () => {
    await using campaign = await open(newCampaign(TASKS, settings()));
    await campaign.join('expert', 'auditor');
    expect((await campaign.next('expert', 5)).questions).toEqual([]);
    const before = await campaign.status();
    expect(before.audit).toMatchObject({ phase: 'ask', audits: 0, certified: null, left: { high: 50 } });
    expect(before.audit!.left.low).toBeGreaterThan(3);
    await answerAll(campaign, crowd);
    expect(await campaign.next('ann', 5)).toMatchObject({ questions: [], state: 'wait' });
    const labels = await deliveredOf(campaign);
    const asked = await audit(campaign, (task) => labels.get(task)!);
    expect(asked).toEqual(orderOf(1).slice(0, asked.length));
    expect(asked.length).toBeLessThan(50);
    const status = await campaign.status();
    expect(status.audit).toMatchObject({ phase: 'end', certified: true, errors: 0, audits: asked.length });
    expect(status.audit!.bound).toBeLessThanOrEqual(certified.maxError);
    expect(status.left).toEqual({ low: 0, likely: 0, high: 0 });
    expect(status.money.spent).toBeCloseTo(status.answers * 0.1 + asked.length * 2, 9);
    expect(await campaign.next('ann', 5)).toMatchObject({
      questions: [],
      state: 'done',
      why: expect.stringMatching(/refutes/) as string,
    });
    const { audit: report, labels: csv } = await campaign.csv();
    expect(report).toMatchObject({ certified: true, audits: asked.length, needsReview: 0 });
    expect(report!.assumes.join()).toMatch(/the expert \(people\)/);
    expect(csv).toMatch(/^task,label,confidence,annotations,valid,audited,needs_review\n/);
    expect(csv.match(/,true,false\n/g)).toHaveLength(asked.length);
  });

  it('say nothing to workers, sampler or labels while they go on, and set late answers aside', async () => {
    const folder = newCampaign(TASKS, settings());
    await using campaign = await open(folder);
    await answerAll(campaign, crowd);
    const lease = campaign.db.prepare("SELECT id, worker FROM lease WHERE kind = 'ask' LIMIT 1").get([]) as {
      id: number;
    };
    const labels = await deliveredOf(campaign);
    await campaign.join('expert', 'auditor');
    const [first] = (await campaign.next('expert', 1)).questions;
    await campaign.answer({ worker: 'expert', lease: first!.lease, label: labels.get(first!.task)! });
    for (const label of ['a', 'b', 'c']) await campaign.change({ worker: 'ann', lease: lease.id, label });
    const upto = campaign.steps.upto;
    await campaign.step();
    expect(campaign.steps.upto).toBe(upto);
    expect((await campaign.status()).setAside).toBeGreaterThan(1);
    expect(campaign.unread).toBe(0);
    const asked = await audit(campaign, (task) => labels.get(task)!);
    expect(asked).toEqual(orderOf(1).slice(1, asked.length + 1));
    expect((await campaign.status()).audit).toMatchObject({ phase: 'end', certified: true });
    expect(await deliveredOf(campaign)).toEqual(labels);
  });

  it('ask the workers on after a round that failed, and close what was looked at', async () => {
    await using campaign = await open(newCampaign(TASKS, settings({ maxError: 0.2 })));
    await answerAll(campaign, crowd);
    const labels = await deliveredOf(campaign);
    // The expert finds the first few labels wrong.
    let wrong = 0;
    const other = (task: string): string =>
      wrong++ < 12 ? 'abc'[('abc'.indexOf(labels.get(task)!) + 1) % 3]! : truthOf(task);
    await audit(campaign, other);
    const middle = await campaign.status();
    expect(middle.audit).toMatchObject({ phase: 'ask', round: 2 });
    expect(middle.audit!.errors).toBeGreaterThan(5);
    const seen = new Set(orderOf(1).slice(0, middle.audit!.audits));
    const { questions } = await campaign.next('cem', 20);
    expect(questions.length).toBeGreaterThan(0);
    for (const { item } of questions) expect(seen.has(item)).toBe(false);
    for (const { lease, task } of questions) await campaign.answer({ worker: 'cem', lease, label: truthOf(task) });
    await answerAll(campaign, crowd);
    const again = await audit(campaign, truthOf);
    expect(again.filter((item) => seen.has(item))).toEqual([]);
    const end = await campaign.status();
    expect(end.audit).toMatchObject({ phase: 'end', round: 2 });
    expect((await campaign.csv()).audit!.rounds).toHaveLength(2);
  });

  it('are the same by file as live, from the checkpoint, and from the journal alone', async () => {
    const live = newCampaign(TASKS, settings());
    let end: unknown;
    let answers: { task: string; worker: string; kind: string }[];
    {
      await using campaign = await open(live);
      await answerAll(campaign, crowd);
      await audit(campaign, truthOf);
      end = await campaign.csv();
      answers = campaign.db
        .prepare(
          `SELECT task.id AS task, worker.name AS worker, annotation.kind FROM annotation JOIN task USING (item)
           JOIN worker ON worker.id = worker ORDER BY seq`,
        )
        .all([]) as typeof answers;
    }
    const copy = `${live}-copy`;
    cpSync(live, copy, { recursive: true });
    for (const name of ['checkpoint', 'checkpoint.previous']) rmSync(join(copy, name), { force: true });
    for (const folder of [live, copy]) {
      await using campaign = await open(folder);
      expect(await campaign.csv()).toEqual(end);
      expect(campaign.unread).toBe(0);
    }
    rmSync(copy, { recursive: true });

    const byFile = newCampaign(TASKS, settings());
    await using campaign = await open(byFile);
    const table = (kind: string) => {
      const builder = new AnswerTableBuilder();
      for (const one of answers.filter((answer) => answer.kind === kind)) {
        const label = kind === 'audit' ? truthOf(one.task) : answerOf(one.worker, one.task);
        builder.add(builder.task(one.task), builder.worker(one.worker), builder.class(label), NaN, '');
      }
      return builder.build();
    };
    await addAnswers(campaign, { table: table('ask'), name: 'asks', hash: 'a', skipUnknown: false });
    await campaign.step();
    const batch = await campaign.batch('checker', 4, 'b1', 'auditor');
    expect(batch.map(({ item }) => item)).toEqual(orderOf(1).slice(0, 4));
    // In the other tool the expert goes by another name.
    const added = await addAnswers(campaign, {
      table: table('audit'),
      name: 'x',
      hash: 'b',
      skipUnknown: false,
      audits: true,
    });
    expect(added).toMatchObject({ audits: added.added });
    await campaign.step();
    expect(campaign.desk.leases.count).toBe(0);
    const { audit: report } = await campaign.csv();
    const verdict = ({ audit }: { audit: object | null }) => audit && { ...audit, recalibration: 0, rounds: 0 };
    expect(verdict({ audit: report })).toEqual(verdict(end as { audit: object }));
  });

  it('count what an auditor says last, and come again when they were skipped', async () => {
    await using campaign = await open(newCampaign(TASKS, settings()));
    await answerAll(campaign, crowd);
    const labels = await deliveredOf(campaign);
    await campaign.join('expert', 'auditor');
    const { questions } = await campaign.next('expert', 2);
    await campaign.skip({ worker: 'expert', lease: questions[0]!.lease, reason: 'not sure' });
    const next = await campaign.next('expert', 3);
    expect(next.questions.map(({ item }) => item)).not.toContain(questions[0]!.item);
    const wrong = labels.get(questions[1]!.task) === 'a' ? 'b' : 'a';
    await campaign.answer({ worker: 'expert', lease: questions[1]!.lease, label: wrong });
    await campaign.step();
    // The order begins with the one that was skipped: nothing counts yet.
    expect((await campaign.status()).audit).toMatchObject({ audits: 0 });
    await campaign.change({ worker: 'expert', lease: questions[1]!.lease, label: labels.get(questions[1]!.task)! });
    const asked = await audit(campaign, (task) => labels.get(task)!);
    expect(asked).toContain(questions[0]!.item);
    expect((await campaign.status()).audit).toMatchObject({ phase: 'end', certified: true, errors: 0 });
  });

  it('are for others than those who answered', async () => {
    await using campaign = await open(newCampaign(TASKS, settings()));
    await campaign.next('ann');
    await expect(campaign.join('ann', 'auditor')).rejects.toThrow(/ANNOTATION_INVALID.*role of "ann"/);
    await campaign.join('expert', 'auditor');
    await expect(campaign.batch('expert', 4, 'b', 'worker')).rejects.toThrow(/use another name/);
  });
});
