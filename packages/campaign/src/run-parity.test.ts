import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AnswerTableBuilder, defineComponent, definePlugin, type Plugin } from '@quorate/core';
import { createRun } from '@quorate/engine';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  answerAll,
  answerOf,
  classes,
  cleanUp,
  newCampaign,
  newFolder,
  open,
  plugins,
  writeTasks,
} from './crowd.fixture.js';
import { addAnswers } from './files/add.js';

afterEach(cleanUp);

/** Tasks and people; CAMPAIGN_PARITY=1000,12 for a long look. */
const [TASKS, PEOPLE] = (process.env['CAMPAIGN_PARITY'] ?? '240,6').split(',').map(Number) as [number, number];
/** Most answers to a task: few tasks need so many. */
const CAP = 6;
const crowd = Array.from({ length: PEOPLE }, (_, j) => `p${j}`);

/** The same crowd as workers of a run: what each says of a task is what they say in the campaign. */
const crowdOfRun: Plugin = definePlugin({
  name: 'crowd-of-test',
  apiVersion: '^0.1.0',
  components: [
    defineComponent({
      kind: 'workerSimulator',
      name: 'crowd',
      summary: 'the crowd of the campaign',
      options: z.strictObject({}),
      create: () => ({
        workerIds: crowd,
        knowledge: { pooledCounts: null, confusion: () => null },
        answer: ({ count, item, worker }, labels) => {
          for (let a = 0; a < count; a++) labels[a] = classes.indexOf(answerOf(crowd[worker[a]!]!, `t${item[a]!}`));
        },
      }),
    }),
  ],
});

const settings = {
  classes,
  dataset: { use: 'files', labels: 'tasks.csv' },
  method: 'quorate',
  learner: { use: 'none' },
};

async function simulated(run: object): Promise<{ answers: [string, string, string][]; labels: string }> {
  const folder = newFolder();
  writeTasks(folder, TASKS);
  const config = {
    ...run,
    workers: { use: 'crowd' },
    sampler: { hitSize: 10, hitsPerStep: 5, maxAnnotationsPerItem: CAP },
  };
  await using opened = await createRun(config, {
    cwd: folder,
    folder: join(folder, 'run'),
    plugins: [...plugins, crowdOfRun],
  });
  for await (const _ of opened.steps());
  const rows = readFileSync(join(folder, 'run/annotations.csv'), 'utf8').trim().split('\n').slice(1);
  const answers = rows.map((row) => row.split(',').slice(0, 3) as [string, string, string]);
  return { answers, labels: readFileSync(join(folder, 'run/labels.csv'), 'utf8') };
}

describe('the same crowd', { timeout: 600_000 }, () => {
  it.each(['crowd', 'none'])(
    'gives the labels of "quorate run" by file, and needs no more answers live: honesty.use=%s',
    async (use) => {
      const run = { ...settings, honesty: { use } };
      const { answers, labels } = await simulated(run);
      await using byFile = await open(newCampaign(TASKS, { run, answersPerTask: CAP }));
      const table = new AnswerTableBuilder();
      for (const [task, worker, label] of answers) {
        table.add(table.task(task), table.worker(worker), table.class(label), NaN, '');
      }
      await addAnswers(byFile, { table: table.build(), name: 'run', hash: 'run', skipUnknown: false });
      await byFile.step();
      expect((await byFile.csv()).labels).toBe(labels);

      await using live = await open(newCampaign(TASKS, { run, answersPerTask: CAP }));
      const asked = await answerAll(live, crowd);
      const agree = (await live.csv()).labels
        .split('\n')
        .filter((row, x) => row.split(',')[1] === labels.split('\n')[x]!.split(',')[1]);
      const figures = {
        tasks: TASKS,
        run: answers.length,
        live: asked,
        sameLabels: agree.length / labels.split('\n').length,
      };
      if (process.env['CAMPAIGN_PARITY']) process.stdout.write(`${JSON.stringify(figures)}\n`);
      expect(asked).toBeLessThanOrEqual(1.05 * answers.length);
      expect(figures.sameLabels).toBeGreaterThan(0.9);
    },
  );
});
