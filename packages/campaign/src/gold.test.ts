import { afterEach, describe, expect, it } from 'vitest';
import { createCampaign } from './create.js';
import { addAnswers } from './files/add.js';
import { AnswerTableBuilder } from '@quorate/core';
import { classes, cleanUp, newFolder, open, taskIds, truthOf, writeTasks } from './crowd.fixture.js';

afterEach(cleanUp);

const TASKS = 60;
const GOLD = 15;

function goldCampaign(gold: number): string {
  const folder = newFolder();
  writeTasks(folder, TASKS);
  createCampaign({
    folder,
    settings: {
      run: { classes, dataset: { use: 'files', labels: 'tasks.csv' }, method: 'quorate', learner: { use: 'none' } },
      goldEvery: 3,
      answersPerTask: 3,
      overlap: 3,
      prices: { answer: 1, audit: 0, currency: '' },
    },
    tasks: taskIds(TASKS).map((id) => ({ id, kind: 'id', content: '' })),
    gold: new Map(taskIds(gold).map((id) => [id, classes.indexOf(truthOf(id))])),
    now: 0,
  });
  return folder;
}

/** Two people who mistake b for a and a for b, and one who is right. */
const say = (worker: string, task: string): string => {
  const truth = truthOf(task);
  return worker === 'right' ? truth : ({ a: 'b', b: 'a', c: 'c' }[truth] ?? truth);
};
const crowd = ['wrong-1', 'wrong-2', 'right'];

async function answered(gold: number) {
  const campaign = await open(goldCampaign(gold));
  const table = new AnswerTableBuilder();
  for (const task of taskIds(TASKS)) {
    for (const worker of crowd)
      table.add(table.task(task), table.worker(worker), table.class(say(worker, task)), NaN, '');
  }
  await addAnswers(campaign, { table: table.build(), name: 'f', hash: 'f', skipUnknown: false });
  await campaign.step();
  const rows = (await campaign.csv()).labels
    .trim()
    .split('\n')
    .slice(1 + GOLD);
  const right = rows.filter((row) => row.split(',')[1] === truthOf(row.split(',')[0]!)).length;
  return { campaign, right: right / rows.length, status: await campaign.status() };
}

describe('gold', () => {
  it('tells who is right where the many are wrong, and is delivered as it is known', async () => {
    const without = await answered(0);
    expect(without.right).toBeLessThan(0.5);
    await without.campaign.dispose();
    const { campaign, right, status } = await answered(GOLD);
    expect(right).toBe(1);
    const [wrong, good] = ['wrong-1', 'right'].map((name) => status.workers.find((worker) => worker.name === name)!);
    expect(good!.gold).toEqual([GOLD, GOLD]);
    expect(wrong!.gold).toEqual([5, GOLD]);
    expect(good!.goldInterval![0]).toBeGreaterThan(0.75);
    expect(good!.skill! - wrong!.skill!).toBeGreaterThan(0.2);
    const gold = (await campaign.csv()).labels
      .trim()
      .split('\n')
      .slice(1, 1 + GOLD);
    for (const row of gold) expect(row).toMatch(new RegExp(`^t\\d+,${truthOf(row.split(',')[0]!)},1,3,true`));
    await campaign.dispose();
  });

  it('is paid for, and counts towards neither budget nor answers', async () => {
    const { campaign, status } = await answered(GOLD);
    expect(status.answers).toBe(3 * (TASKS - GOLD));
    expect(status.step!.annotations).toBe(status.answers);
    expect(status.money.spent).toBe(3 * TASKS);
    await campaign.dispose();
  });

  it('cannot be told from other questions, by its place among them or by what is told of it', async () => {
    await using campaign = await open(goldCampaign(GOLD));
    const places: number[][] = [];
    for (const name of ['p', 'q', 'r', 's', 't', 'u']) {
      const mine: number[] = [];
      for (let q = 0; q < 9; q++) {
        const { questions } = await campaign.next(name, 1);
        const [{ lease, item, task, ...rest }] = questions as [(typeof questions)[0]];
        expect(Object.keys(rest).sort()).toEqual(['content', 'expires', 'kind']);
        if (campaign.desk.gold.has(item)) mine.push(q);
        await campaign.answer({ worker: name, lease, label: truthOf(task) });
      }
      expect(mine).toHaveLength(3);
      places.push(mine);
    }
    expect(new Set(places.map(([first]) => first)).size).toBeGreaterThan(1);
  });
});
