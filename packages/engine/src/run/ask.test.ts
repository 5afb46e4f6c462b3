import { describe, expect, it } from 'vitest';
import type { Hit, Sampler, WorkerSimulator } from '@quorate/core';
import { referenceRule, referenceSampler } from '@quorate/testkit';
import { ask } from './ask.js';
import { infer } from './infer.js';
import { smallRun } from './setting.fixture.js';

const planning = (plan: Sampler['plan']): Sampler => ({ annotationsPerStep: 4, plan });
const hits = (...plan: [worker: number, ...items: number[]][]): readonly Hit[] =>
  plan.map(([worker, ...items]) => ({ worker, items: Int32Array.from(items) }));

async function askOnce(...given: Parameters<typeof smallRun>) {
  const run = smallRun(...given);
  const { beliefs } = await infer(run.parts, run.setting, run.journal, 0);
  return { ...run, beliefs, stop: await ask(run.parts, run.setting, run.journal, beliefs, 1) };
}

describe('ask', () => {
  it('stores an answer to every question of the plan, stamped with the step', async () => {
    const { journal, stop } = await askOnce({ sampler: planning(() => hits([0, 0, 1], [1, 2])) });
    expect(stop).toBeNull();
    expect([0, 1, 2].map((a) => journal.entry(a))).toMatchObject([
      { task: 't0', worker: 'w00', step: 1 },
      { task: 't1', worker: 'w00', step: 1 },
      { task: 't2', worker: 'w01', step: 1 },
    ]);
  });

  it('is done when the plan is empty, and says so when the budget is what ended it', async () => {
    const nothing = { sampler: planning(() => []) };
    expect((await askOnce(nothing)).stop).toMatchObject({ stopped: 'done' });
    expect((await askOnce(nothing, { budget: 0 })).stop).toEqual({
      stopped: 'budget',
      why: 'the budget of 0 annotations is spent',
    });
  });

  it('asks every stopping rule, also after one has said stop, and asks no worker then', async () => {
    const heard: string[] = [];
    const rule = (name: string, says: string | null) => ({ stop: () => (heard.push(name), says) });
    const { journal, stop } = await askOnce({ stoppingRules: [rule('first', 'it is late'), rule('second', null)] });
    expect(stop).toEqual({ stopped: 'rule', why: 'it is late' });
    expect(heard).toEqual(['first', 'second']);
    expect(journal.entries).toBe(0);
  });

  it('stores what was answered where a worker declines, and asks others where all decline', async () => {
    const shy: WorkerSimulator = {
      ...smallRun().parts.workers,
      answer: ({ count, worker }, labels) => {
        for (let a = 0; a < count; a++) labels[a] = worker[a] === 0 ? -1 : 1;
      },
    };
    const { journal } = await askOnce({ workers: shy, sampler: referenceSampler({ hitSize: 2, hitsPerStep: 1 }) });
    expect(journal.declined).toBeGreaterThanOrEqual(2);
    expect(journal.entries).toBe(2);
    expect(journal.entry(0)).toMatchObject({ worker: 'w01' });
  });

  it.each([
    ['asks for more than the budget', () => hits([0, 0, 1, 2]), { budget: 2 }, 'at most 2 annotations'],
    ['names a worker who does not exist', () => hits([9, 0]), {}, 'a worker below 5'],
    ['names a task that does not exist', () => hits([0, 6]), {}, 'an item below 6'],
    ['has HITs without items only', () => hits([0]), {}, 'HITs with items'],
    ['is no plan', () => 'all of them' as never, {}, 'a list of'],
    [
      'writes to the posterior',
      ({ posterior }: { posterior: Float64Array }) => (posterior.fill(0.5), posterior.fill(1, 0, 1), hits([0, 0])),
      {},
      'left as they were',
    ],
  ])('a plan that %s is a fault of the sampler, by name', async (_, plan, changed, expected) => {
    await expect(askOnce({ sampler: planning(plan as Sampler['plan']) }, changed)).rejects.toMatchObject({
      code: 'PART_FAILED',
      detail: {
        where: expect.stringContaining('sampler "odd" of a-plugin') as string,
        expected: expect.stringContaining(expected) as string,
      },
    });
  });

  it.each([
    ['a class that does not exist', 2],
    ['no answer at all', null],
  ])('%s is a fault of the workers, and nothing is stored', async (_, label) => {
    const run = smallRun({
      workers: {
        ...smallRun().parts.workers,
        answer: (_questions, labels) => void (label === null || labels.fill(label)),
      },
      stoppingRules: [referenceRule()],
    });
    const { beliefs } = await infer(run.parts, run.setting, run.journal, 0);
    await expect(ask(run.parts, run.setting, run.journal, beliefs, 1)).rejects.toMatchObject({ code: 'PART_FAILED' });
    expect(run.journal.entries).toBe(0);
  });
});
