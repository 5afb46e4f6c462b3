import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { T, defineComponent, definePlugin } from '@quorate/core';
import { TruthToken } from '@quorate/core/truth';
import { referenceAggregator, referenceOptimizer, referenceSampler, referenceSimulator } from '@quorate/testkit';
import { referenceSource, referenceWorkerModel, silentLearner } from '@quorate/testkit';
import { createRun } from './create.js';

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
});
