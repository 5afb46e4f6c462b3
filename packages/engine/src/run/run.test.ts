import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { T, defineComponent, definePlugin, type WorkerSimulator } from '@quorate/core';
import { TruthToken } from '@quorate/core/truth';
import { referenceAggregator, referenceOptimizer, referenceSampler, referenceSimulator } from '@quorate/testkit';
import { referenceSource, referenceWorkerModel, silentLearner } from '@quorate/testkit';
import { createRun } from './create.js';
import type { StepRecord } from './records.js';

const options = z.strictObject({});
const tiny = definePlugin({
  name: 'tiny',
  apiVersion: '^0.1.0',
  components: [
    defineComponent({ kind: 'datasetSource', name: 'tiny', summary: 's', options, create: () => referenceSource() }),
    defineComponent({
      kind: 'workerSimulator',
      name: 'tiny',
      summary: 's',
      options,
      inject: [TruthToken, T.Dataset],
      create: (_, truth, { classes }) => referenceSimulator(truth!, classes.length),
    }),
    defineComponent({
      kind: 'optimizer',
      name: 'tiny',
      summary: 's',
      options,
      inject: [T.Dataset, T.WorkerKnowledge],
      create: (_, dataset, knowledge) =>
        referenceOptimizer({
          dataset,
          aggregator: referenceAggregator(),
          workerModel: referenceWorkerModel(dataset.classes.length, knowledge),
          learner: silentLearner(),
        }),
    }),
    defineComponent({
      kind: 'sampler',
      name: 'tiny',
      summary: 's',
      options,
      create: () => referenceSampler({ maxAnnotationsPerItem: 4 }),
    }),
  ],
});
const config = {
  dataset: { use: 'tiny' },
  workers: { use: 'tiny' },
  optimizer: { use: 'tiny' },
  sampler: { use: 'tiny' },
};
const open = (budget = 20) => createRun({ ...config, budget }, { plugins: [tiny] });

describe('a run', () => {
  it('yields step after step, ends with a reason, and leaves no temporary folder', async () => {
    const run = await open();
    const annotations: number[] = [];
    for await (const { annotations: n } of run.steps()) annotations.push(n);
    expect(annotations).toEqual([0, 4, 8, 12, 16, 20]);
    expect(run.result).toMatchObject({ stopped: 'budget', last: { annotations: 20 } });
    expect(existsSync(run.folder)).toBe(true);
    await run.dispose();
    expect(existsSync(run.folder)).toBe(false);
    await run.dispose();
  });

  it('finishes the step in hand when it is interrupted, and says so', async () => {
    await using run = await open();
    const stop = new AbortController();
    let steps = 0;
    for await (const { step } of run.steps(stop.signal)) {
      steps++;
      if (step === 2) stop.abort();
    }
    expect([steps, run.result]).toMatchObject([3, { stopped: 'interrupted' }]);
  });

  it('tells its listeners of every step, of the answers that came in, and of its end, each once it is saved', async () => {
    await using run = await open();
    const told: string[] = [];
    const saved = (file: string): number => readFileSync(join(run.folder, file), 'utf8').split('\n').length - 1;
    run.on('step', ({ step }) => {
      told.push(`step ${step}`);
      expect(saved('steps.jsonl')).toBe(step + 1);
    });
    run.on('annotations', ({ step, first, count }) => {
      told.push(`answers ${first}+${count} of step ${step}`);
      expect(run.store.view.count).toBe(first + count);
      expect(saved('annotations.csv')).toBe(1 + first + count);
    });
    run.once('stopped', ({ stopped }) => {
      told.push(stopped);
      expect(saved('labels.csv')).toBe(1 + run.items);
    });
    const result = await run.finish();
    expect(result).toBe(run.result);
    expect(told.slice(0, 3)).toEqual(['step 0', 'answers 0+4 of step 1', 'step 1']);
    expect(told.slice(-2)).toEqual(['step 5', 'budget']);
    run.on('step', (record) => expectTypeOf(record).toEqualTypeOf<StepRecord>());
    // @ts-expect-error -- no such event
    run.on('steps', () => undefined);
  });

  it('does not wait for people who do not answer once it is interrupted, and asks them again when resumed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'quorate-run-test-'));
    try {
      const stop = new AbortController();
      const silent = definePlugin({
        ...tiny,
        components: tiny.components!.map((one) =>
          one.kind === 'workerSimulator'
            ? {
                ...one,
                create: (...given: Parameters<NonNullable<typeof one.create>>) => {
                  const workers = one.create!(...given) as WorkerSimulator;
                  const answer = (): Promise<never> => {
                    setTimeout(() => stop.abort());
                    return new Promise(() => undefined);
                  };
                  return { ...workers, answer };
                },
              }
            : one,
        ),
      });
      {
        await using run = await createRun({ ...config, budget: 20 }, { plugins: [silent], folder });
        expect(await run.finish(stop.signal)).toMatchObject({ stopped: 'interrupted', last: { annotations: 0 } });
      }
      await using again = await createRun({ ...config, budget: 20 }, { plugins: [tiny], folder, resume: true });
      expect(await again.finish()).toMatchObject({ stopped: 'budget', last: { annotations: 20 } });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
