import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AnswerTableBuilder, makeRng, type AnswerTable, type Plugin } from '@quorate/core';
import realCrowds from '@quorate/plugin-real-crowds';
import { afterEach, describe, expect, it } from 'vitest';
import { addAnswers } from './files/add.js';
import { annotationLines } from './files/export.js';
import { databaseFile } from './open.js';
import {
  answerAll,
  answerOf,
  classes,
  cleanUp,
  newCampaign,
  open,
  plugins,
  truthOf,
  writeTasks,
} from './crowd.fixture.js';
import { settingsFile } from './settings.js';
import type { Status } from './status.js';

afterEach(cleanUp);

const crowd = ['ann', 'bob', 'cem', 'dia'];

/** Answers as a file has them. */
function tableOf(
  rows: readonly (readonly [task: string, worker: string, label: string | null, time?: string])[],
): AnswerTable {
  const table = new AnswerTableBuilder();
  for (const [task, worker, label, time] of rows) {
    table.add(table.task(task), table.worker(worker), label === null ? -1 : table.class(label), NaN, time ?? '');
  }
  return table.build();
}

describe('what a campaign expects of its labels', () => {
  /** People of whom a third of the tasks mislead most. */
  const misled = (worker: string, task: string): string => {
    const rng = makeRng('misled').fork(worker).fork(task);
    const fooled = Number(task.slice(1)) % 3 === 1 && rng.uniform() < 0.6;
    return fooled ? 'c' : rng.uniform() < 0.9 ? truthOf(task) : classes[rng.int(3)]!;
  };
  const claimed = async (given: readonly Plugin[], notes: string[]): Promise<{ status: Status; error: number }> => {
    const onNote = (note: string): unknown => notes.push(note);
    await using campaign = await open(newCampaign(150, { answersPerTask: 5 }), { plugins: given, onNote });
    await answerAll(campaign, ['ann', 'bob', 'cem', 'dia', 'eve', 'fay'], misled);
    const rows = (await campaign.csv()).labels.trim().split('\n').slice(1);
    const wrong = rows.filter((row) => row.split(',')[1] !== truthOf(row.split(',')[0]!)).length;
    return { status: await campaign.status(), error: wrong / rows.length };
  };

  it('is what comes true, also where people share mistakes', { timeout: 60_000 }, async () => {
    const notes: string[] = [];
    const { status, error } = await claimed(plugins, notes);
    expect(notes.join()).not.toMatch(/calibrated/);
    expect(status.calibration).toMatch(/calibrated/);
    expect(error).toBeGreaterThan(0.05);
    expect(status.step!.error).toBeGreaterThan(0.5 * error);
    expect(status.step!.error + 2 * status.step!.deviation).toBeGreaterThan(error);
  });

  it('is said not to be calibrated where nothing does that', { timeout: 60_000 }, async () => {
    const notes: string[] = [];
    const { status } = await claimed(
      plugins.filter(({ name }) => name !== realCrowds.name),
      notes,
    );
    expect(status.calibration).toBeNull();
    expect(notes.join()).toMatch(/not calibrated.*@quorate\/plugin-real-crowds/);
  });
});

describe('a campaign', () => {
  it('asks until every label is sure, and nobody twice', { timeout: 60_000 }, async () => {
    await using campaign = await open(newCampaign(60));
    const answers = await answerAll(campaign, crowd);
    const next = await campaign.next('ann');
    expect(next).toMatchObject({ questions: [], state: 'done' });
    expect(next.why).toMatch(/no task is open/);
    const status = await campaign.status();
    expect(status).toMatchObject({ tasks: 60, answers, out: 0, left: { low: 0, likely: 0, high: 0 } });
    expect(answers).toBeGreaterThan(60);
    expect(answers).toBeLessThanOrEqual(180);
    const pairs = campaign.db.prepare('SELECT DISTINCT item, worker FROM annotation').all([]);
    expect(pairs).toHaveLength(answers);
    const { labels } = await campaign.csv();
    const rows = labels
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(','));
    const right = rows.filter(([task, label]) => label === truthOf(task!)).length;
    expect(right / rows.length).toBeGreaterThan(0.8);
  });

  it('is the same campaign after a restart: from the checkpoint, and from the journal alone, to the same bytes', async () => {
    const folder = newCampaign(40);
    let answered = 0;
    {
      await using campaign = await open(folder);
      for (let round = 0; round < 4; round++) {
        for (const worker of crowd) {
          for (const { lease, task } of (await campaign.next(worker, 4)).questions) {
            await campaign.answer({ worker, lease, label: answerOf(worker, task) });
            answered++;
          }
        }
        await campaign.step();
      }
      const [one] = campaign.db.prepare('SELECT lease FROM annotation WHERE worker = 1').all([]) as { lease: number }[];
      await campaign.change({ worker: 'ann', lease: one!.lease, label: 'c' });
      await campaign.step();
    }
    const copies = ['checkpoint', 'journal'].map((name) => {
      const copy = `${folder}-${name}`;
      cpSync(folder, copy, { recursive: true });
      return copy;
    });
    for (const name of ['checkpoint', 'checkpoint.previous']) rmSync(join(copies[1]!, name), { force: true });
    const states = [];
    for (const copy of [folder, ...copies]) {
      await using campaign = await open(copy);
      expect(campaign.desk.index.live).toBe(answered);
      expect(campaign.unread).toBe(0);
      states.push({ posterior: Buffer.from((await campaign.inference.posterior()).buffer), csv: await campaign.csv() });
    }
    expect(states[1]).toEqual(states[0]);
    expect(states[2]).toEqual(states[0]);
    for (const copy of copies) rmSync(copy, { recursive: true });
  });

  it('ignores a checkpoint that is not of its journal', async () => {
    const folder = newCampaign(20);
    const other = newCampaign(20);
    for (const one of [folder, other]) {
      await using campaign = await open(one);
      const { questions } = await campaign.next('ann', 5);
      for (const { lease } of questions)
        await campaign.answer({ worker: 'ann', lease, label: one === folder ? 'a' : 'b' });
      await campaign.step();
    }
    let before: string;
    {
      await using campaign = await open(folder);
      before = (await campaign.csv()).labels;
    }
    cpSync(join(other, 'checkpoint'), join(folder, 'checkpoint'));
    await using campaign = await open(folder);
    expect((await campaign.csv()).labels).toBe(before);
  });

  it('gives the same labels by file as live', { timeout: 60_000 }, async () => {
    const live = newCampaign(50);
    const byFile = newCampaign(50);
    const answers: [string, string, string][] = [];
    let labels: string;
    {
      await using campaign = await open(live);
      await answerAll(campaign, crowd);
      const rows = campaign.db.prepare('SELECT item, worker FROM annotation ORDER BY seq').all([]) as {
        item: number;
        worker: number;
      }[];
      for (const { item, worker } of rows) {
        const [task, name] = [campaign.desk.tasks[item]!.id, campaign.desk.workers[worker - 1]!.name];
        answers.push([task, name, answerOf(name, task)]);
      }
      await campaign.step();
      labels = (await campaign.csv()).labels;
    }
    await using campaign = await open(byFile);
    const added = await addAnswers(campaign, { table: tableOf(answers), name: 'f', hash: 'h', skipUnknown: false });
    expect(added).toMatchObject({ added: answers.length, changed: 0, newWorkers: 4 });
    await campaign.step();
    const columns = (csv: string): string[] => csv.split('\n').map((line) => line.split(',').slice(0, 2).join());
    expect(columns((await campaign.csv()).labels)).toEqual(columns(labels));
  });

  it('takes tasks that are new in the data, without losing an answer', async () => {
    const folder = newCampaign(12);
    {
      await using campaign = await open(folder);
      await answerAll(campaign, crowd);
      expect((await campaign.next('ann')).state).toBe('done');
    }
    writeTasks(folder, 15);
    await using campaign = await open(folder);
    expect(campaign.desk.tasks).toHaveLength(15);
    const { questions } = await campaign.next('ann', 5);
    expect(questions.map(({ task }) => task).sort()).toEqual(expect.arrayContaining(['t12', 't13', 't14']));
    const generations = campaign.db.prepare('SELECT DISTINCT generation FROM step').all([]);
    expect(generations).toHaveLength(2);
    await campaign.dispose();
    writeTasks(folder, 14);
    await expect(open(folder)).rejects.toThrow(/DATA_INVALID.*"t14"/);
    expect(existsSync(join(folder, 'lock'))).toBe(false);
  });

  it('asks for no more than the budget, and says so', async () => {
    await using campaign = await open(newCampaign(30, { run: { budget: 17 } }));
    expect(await answerAll(campaign, crowd)).toBe(17);
    expect((await campaign.next('ann')).why).toMatch(/budget of 17/);
  });

  it('keeps caps and overlaps while many ask at once', async () => {
    await using campaign = await open(newCampaign(8, { answersPerTask: 2, overlap: 1 }));
    const people = Array.from({ length: 30 }, (_, x) => `p${x}`);
    const asked = await Promise.all(people.map((name) => campaign.next(name, 3)));
    const items = asked.flatMap(({ questions }) => questions.map(({ item }) => item));
    expect(items.length).toBe(8);
    expect(new Set(items).size).toBe(8);
    expect(asked.filter(({ state }) => state === 'wait').length).toBeGreaterThan(20);
  });

  it('pauses, and gives a worker the same questions after a reload', async () => {
    await using campaign = await open(newCampaign(8));
    const first = await campaign.next('ann', 3);
    expect((await campaign.next('ann', 3)).questions).toEqual(first.questions);
    await campaign.setState('paused');
    expect(await campaign.next('bob')).toMatchObject({ questions: [], state: 'paused' });
    const { lease } = first.questions[0]!;
    expect(await campaign.answer({ worker: 'ann', lease, label: 'a' })).toBe('stored');
    await campaign.setState('open');
    expect((await campaign.next('bob')).questions).toHaveLength(1);
  });

  it('refuses classes in another order, a second process and a broken settings file', async () => {
    const folder = newCampaign(8);
    {
      await using _campaign = await open(folder);
    }
    const text = readFileSync(settingsFile(folder), 'utf8');
    writeFileSync(settingsFile(folder), text.replace(/- a\n(\s+)- b/, '- b\n$1- a'));
    await expect(open(folder)).rejects.toThrow(/RUN_FOLDER.*run\.classes/);
    writeFileSync(settingsFile(folder), `${text}\nleaseMinuets: 3\n`);
    await expect(open(folder)).rejects.toThrow(/CONFIG_INVALID.*leaseMinuets/);
    writeFileSync(settingsFile(folder), text);
    writeFileSync(join(folder, 'lock'), '1 another-machine');
    await expect(open(folder)).rejects.toThrow(/RUN_FOLDER.*no other process/);
  });
});

describe('answers from files', () => {
  const add = (campaign: Awaited<ReturnType<typeof open>>, rows: Parameters<typeof tableOf>[0], hash: string) =>
    addAnswers(campaign, { table: tableOf(rows), name: 'answers.csv', hash, skipUnknown: false });

  it('count once, however often and in whichever file they come', async () => {
    await using campaign = await open(newCampaign(10));
    const monday: [string, string, string | null][] = [
      ['t0', 'ann', 'a'],
      ['t1', 'ann', 'b'],
      ['t2', 'bob', null],
    ];
    expect(await add(campaign, monday, '1')).toMatchObject({ added: 2, skips: 1, newWorkers: 2, before: null });
    expect(await add(campaign, monday, '1')).toMatchObject({
      added: 0,
      before: expect.stringMatching(/^20/) as string,
    });
    const week: typeof monday = [...monday, ['t3', 'cem', 'c'], ['t1', 'ann', 'c']];
    expect(await add(campaign, week, '2')).toMatchObject({ added: 1, changed: 1, repeated: 2, skips: 0 });
    expect(campaign.desk.index.live).toBe(3);
    const lines = [...annotationLines(databaseFile(campaign.folder))];
    expect(lines.map((line) => line.split(',').slice(0, 3).join())).toEqual([
      'task,worker,label',
      't0,ann,a',
      't1,ann,b',
      't3,cem,c',
      't1,ann,c',
    ]);
  });

  it('are taken late, unasked and from strangers, and end the question that they answer', async () => {
    await using campaign = await open(newCampaign(10));
    const asked = await campaign.batch('person-1', 4, 'b1');
    const [first, second] = [asked[0]!, asked[1]!];
    expect(campaign.desk.leases.asks).toBe(4);
    await add(
      campaign,
      [
        [first.task, 'alice@example.org', 'a'],
        [second.task, 'person-1', 'b'],
      ],
      '1',
    );
    expect(campaign.desk.leases.asks).toBe(2);
    const again = await campaign.batch('person-2', 20, 'b2');
    expect(again.map(({ task }) => task)).not.toContain(asked[2]!.task);
  });

  it('older than the answer that counts are left out', async () => {
    await using campaign = await open(newCampaign(4));
    await add(campaign, [['t0', 'ann', 'b', '2024-05-02T10:00:00Z']], '1');
    expect(await add(campaign, [['t0', 'ann', 'a', '2024-05-01T10:00:00Z']], '2')).toMatchObject({
      older: 1,
      changed: 0,
    });
    expect(await add(campaign, [['t0', 'ann', 'c', '2024-05-03T10:00:00Z']], '3')).toMatchObject({ changed: 1 });
  });

  it('about unknown tasks or labels are refused as a whole', async () => {
    await using campaign = await open(newCampaign(4));
    await expect(
      add(
        campaign,
        [
          ['t0', 'ann', 'a'],
          ['t11', 'ann', 'a'],
        ],
        '1',
      ),
    ).rejects.toThrow(/ANSWERS_INVALID.*"t11".*Did you mean "t1"/);
    await expect(add(campaign, [['t0', 'ann', 'aa']], '2')).rejects.toThrow(/the label "aa"/);
    expect(campaign.desk.index.live).toBe(0);
    const table = tableOf([
      ['t0', 'ann', 'a'],
      ['t9', 'ann', 'a'],
    ]);
    const report = await addAnswers(campaign, { table, name: 'f', hash: '3', skipUnknown: true });
    expect(report).toMatchObject({ added: 1, unknown: 1 });
  });

  it('of a tool with ids of its own find their tasks by the data that went out', async () => {
    await using campaign = await open(newCampaign(4));
    const data = new Map([['901', { quorate_task: 't2', text: 'x' }]]);
    const table = { ...tableOf([['901', 'ann', 'a']]), origin: { format: 'label_studio', context: { data } } };
    await addAnswers(campaign, { table, name: 'f', hash: '1', skipUnknown: false });
    expect(campaign.desk.index.perItem[2]).toBe(1);
  });
});
