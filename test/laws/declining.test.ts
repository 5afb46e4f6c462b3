import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { T, defineComponent, definePlugin, hasAnswered } from '@quorate/core';
import { TruthToken } from '@quorate/core/truth';
import { createRun, type StepRecord } from '@quorate/engine';
import datasets from '@quorate/plugin-datasets';
import dsModel from '@quorate/plugin-ds-model';
import quorateMethod from '@quorate/plugin-quorate-method';
import standard from '@quorate/plugin-standard';
import { contents, temporaryFolder } from './run.js';

const W = 9;
/** A fixed part of all questions, whatever was asked before. */
const declines = (worker: number, item: number): boolean => (31 * worker + 17 * item + worker * item) % 5 < 2;

/** Workers who are right or decline; who is asked again about what they declined makes the run fail. */
const picky = defineComponent({
  kind: 'workerSimulator',
  name: 'picky',
  summary: 'for the law of declined questions',
  options: z.strictObject({ nobody: z.boolean().default(false).describe('all decline everything') }),
  inject: [T.Dataset, TruthToken],
  create: ({ nobody }, _dataset, truth) => {
    let asked = new Set<number>();
    return {
      workerIds: Array.from({ length: W }, (_, j) => `w${j}`),
      knowledge: { pooledCounts: null, confusion: () => null },
      answer: ({ count, item, worker }, labels) => {
        for (let a = 0; a < count; a++) {
          const [i, j] = [item[a]!, worker[a]!];
          const declined = nobody || declines(j, i);
          if (declined && asked.has(i * W + j)) throw new Error(`worker ${j} was asked again about item ${i}`);
          asked.add(i * W + j);
          labels[a] = declined ? -1 : truth!.classOf[i]!;
        }
      },
      snapshot: () => [...asked],
      restore: (state) => {
        asked = new Set(state as number[]);
      },
    };
  },
});
/** Asks whoever has not answered, without a look at whom it may ask. */
const deaf = defineComponent({
  kind: 'sampler',
  name: 'deaf',
  summary: 'for the law of declined questions',
  options: z.strictObject({ hitSize: z.int().default(6).describe('items per HIT') }),
  create: ({ hitSize }) => ({
    annotationsPerStep: hitSize,
    plan: ({ annotations, risk, riskThreshold }) => {
      const open = [...risk.keys()].filter((i) => risk[i]! > riskThreshold && !hasAnswered(annotations, i, 0));
      return open.length > 0 ? [{ worker: 0, items: Int32Array.from(open.slice(0, hitSize)) }] : [];
    },
  }),
});

/** Nobody answers, ever. */
const slow = defineComponent({
  kind: 'workerSimulator',
  name: 'slow',
  summary: 'for the law of declined questions',
  options: z.strictObject({}),
  create: () => ({
    workerIds: Array.from({ length: W }, (_, j) => `w${j}`),
    knowledge: { pooledCounts: null, confusion: () => null },
    answer: () => new Promise<void>(() => undefined),
  }),
});

const plugins = [
  datasets,
  dsModel,
  quorateMethod,
  standard,
  definePlugin({ name: 'picky-plugin', apiVersion: '*', components: [picky, deaf, slow] }),
];

const config = {
  experiment: 'synthetic',
  method: 'ds_model',
  dataset: { itemsPerClass: 12, classes: 3 },
  workers: { use: 'picky' },
  workerModel: { prior: 'predefined_homegeneous' },
};

async function run(more: object, folder: string, { cutAfter = Infinity, resume = false } = {}) {
  await using opened = await createRun({ ...config, sampler: samplers.random, ...more }, { plugins, folder, resume });
  const records: StepRecord[] = [];
  for await (const record of opened.steps()) {
    records.push(record);
    if (records.length === cutAfter) break;
  }
  return { result: opened.result, records };
}

const hits = { hitSize: 6, hitsPerStep: 3 };
const samplers = {
  random: { use: 'random', ...hits, allowRepeats: false },
  'random with repeats': { use: 'random', ...hits, allowRepeats: true, fillHits: 'reopen' },
  greedy_task_assignment: { use: 'greedy_task_assignment', ...hits, allowRepeats: false },
  'greedy_task_assignment with repeats': { use: 'greedy_task_assignment', ...hits, allowRepeats: true },
  expected_gain: { use: 'expected_gain', ...hits },
};

describe('a declined question', () => {
  it.each(Object.entries(samplers))(
    'is not counted and not asked again (%s), resumed or not',
    async (_name, sampler) => {
      const home = temporaryFolder();
      const whole = await run({ sampler }, join(home, 'whole'));
      expect(whole.result).toMatchObject({ stopped: 'done' });
      const [, ...rows] = contents(join(home, 'whole'))['annotations.csv']!.trim().split('\n');
      const { annotations, declined } = whole.records.at(-1)!;
      expect(rows.length).toBe(annotations);
      expect(declined).toBeGreaterThan(10);
      // Every step brings answers, and everybody's beliefs are about answers only.
      whole.records
        .slice(1)
        .forEach((record, s) => expect(record.annotations).toBeGreaterThan(whole.records[s]!.annotations));

      const cut = join(home, 'cut');
      await run({ sampler }, cut, { cutAfter: 2 });
      await run({ sampler }, cut, { cutAfter: 2, resume: true });
      await run({ sampler }, cut, { resume: true });
      expect(contents(cut)).toEqual(contents(join(home, 'whole')));
    },
  );

  it('ends the run where all decline everything', async () => {
    const { result, records } = await run(
      { sampler: samplers.random, workers: { use: 'picky', nobody: true } },
      join(temporaryFolder(), 'run'),
    );
    expect(result).toMatchObject({ stopped: 'done', why: expect.stringContaining('may be asked about') as string });
    expect(records).toHaveLength(1);
  });

  it('is an error of the sampler that asks it again', async () => {
    const sampler = { use: 'deaf', hitSize: 6 };
    await expect(run({ sampler }, join(temporaryFolder(), 'run'))).rejects.toMatchObject({
      code: 'PART_FAILED',
      message: expect.stringMatching(/"deaf" of picky-plugin.*worker "w\d" asked again.*declined/) as string,
    });
  });

  it('is not waited for once the run is aborted; what is known until then can be read', async () => {
    const folder = join(temporaryFolder(), 'run');
    const cancel = new AbortController();
    await using opened = await createRun(
      { ...config, sampler: samplers.random, workers: { use: 'slow' } },
      { plugins, folder },
    );
    expect([opened.beliefs, opened.labels.every((label) => label === null)]).toEqual([null, true]);
    const steps = opened.steps(cancel.signal);
    await steps.next();
    setTimeout(() => cancel.abort(), 20);
    expect(await steps.next()).toMatchObject({ done: true, value: { stopped: 'interrupted', last: { step: 0 } } });
    expect(opened.store.view.live).toBe(0);
    expect(opened.store.workerIds).toHaveLength(W);
    expect(opened.beliefs!.posterior).toHaveLength(3 * 36);
    expect(opened.labels.every((label) => opened.dataset.classes.includes(label!))).toBe(true);
  });

  it('does not come out of the budget', async () => {
    const { result, records } = await run({ budget: 20, sampler: samplers.random }, join(temporaryFolder(), 'run'));
    expect(result).toMatchObject({ stopped: 'budget' });
    expect(records.at(-1)!.annotations).toBe(20);
  });
});
