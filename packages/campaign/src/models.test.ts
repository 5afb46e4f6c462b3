import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeRng } from '@quorate/core/numbers';
import modelWorkers from '@quorate/plugin-model-workers';
import { afterEach, describe, expect, it } from 'vitest';
import type { Campaign } from './campaign.js';
import { answerAll, classes, cleanUp, newCampaign, open, plugins, taskIds, truthOf } from './crowd.fixture.js';

afterEach(cleanUp);

const TASKS = 120;
const people = ['ann', 'bob', 'cem', 'dia'];

/** A campaign beside a model that has answered already, right about so many of the tasks. */
function withModel(right: number, settings: object = {}, model: object = {}): string {
  const rng = makeRng('model');
  const lines = taskIds(TASKS).map((id) => {
    const truth = truthOf(id);
    const said = rng.uniform() < right ? truth : classes[(classes.indexOf(truth) + 1) % 3]!;
    return `${id},${said}`;
  });
  const models = [{ use: 'model_file', file: 'model.csv', ...model }];
  const folder = newCampaign(TASKS, { ...settings, run: { models } });
  writeFileSync(join(folder, 'model.csv'), `id,label\n${lines.join('\n')}\n`);
  return folder;
}

const opened = (folder: string): Promise<Campaign> => open(folder, { plugins: [...plugins, modelWorkers] });

async function accuracyOf(campaign: Campaign): Promise<number> {
  const rows = (await campaign.csv()).labels.trim().split('\n').slice(1);
  return rows.filter((row) => row.split(',')[1] === truthOf(row.split(',')[0]!)).length / rows.length;
}

describe('a campaign with a model', () => {
  it('has labels before anybody has answered, and asks people less', { timeout: 60_000 }, async () => {
    await using campaign = await opened(withModel(0.9));
    const before = await campaign.status();
    expect(before).toMatchObject({ answers: 0, modelAnswers: TASKS });
    expect(before.validShare).toBe(0);
    expect(await accuracyOf(campaign)).toBeGreaterThan(0.8);
    await using alone = await open(newCampaign(TASKS));
    const [beside, usual] = [await answerAll(campaign, people), await answerAll(alone, people)];
    expect(beside).toBeLessThan(0.8 * usual);
    expect(await accuracyOf(campaign)).toBeGreaterThan((await accuracyOf(alone)) - 0.04);
  });

  it('counts the money of people and models; opened again it is where it was', { timeout: 60_000 }, async () => {
    const prices = { answer: 0.5, audit: 2, currency: 'EUR', workers: { dia: 2 } };
    const folder = withModel(0.9, { prices }, { price: 0.01 });
    let labels: string;
    let answers: number;
    {
      await using campaign = await opened(folder);
      await answerAll(campaign, people);
      const status = await campaign.status();
      const ofDia = status.workers.find(({ name }) => name === 'dia')!.answers;
      expect(status.modelAnswers).toBeGreaterThan(20);
      answers = status.modelAnswers!;
      expect(status.money.models).toBeCloseTo(0.01 * answers, 9);
      expect(status.money.spent).toBeCloseTo(0.5 * (status.answers - ofDia) + 2 * ofDia + 0.01 * answers, 9);
      ({ labels } = await campaign.csv());
    }
    await using again = await opened(folder);
    expect((await again.status()).modelAnswers).toBe(answers);
    expect((await again.csv()).labels).toBe(labels);
  });
});
