import { QuorateError, defineComponent, definePlugin, type WorkerSimulator } from '@quorate/core';
import { z } from 'zod';

/** Stands in a campaign for the simulated workers of a run: nothing is known of these people, and nobody can call them. */
const people = defineComponent({
  kind: 'workerSimulator',
  name: 'people',
  summary: 'real people, whose answers a campaign collects',
  options: z.strictObject({}),
  create: () => ({
    workerIds: [],
    knowledge: { pooledCounts: null, confusion: () => null },
    answer: () => {
      throw new QuorateError('CONFIG_INVALID', {
        where: 'workers.use',
        expected: 'simulated workers, for "quorate run"',
        got: '"people"',
        fix: 'People answer in a campaign: "quorate campaign start" or "quorate serve".',
      });
    },
  }),
});

/** Stands for the auditors of a campaign: what they have said is in the journal, and nobody can call them either. */
export const auditor: WorkerSimulator = {
  workerIds: ['auditor'],
  knowledge: { pooledCounts: null, confusion: () => null },
  answer: () => Promise.reject(new Error('auditors are not called')),
};

export default definePlugin({ name: '@quorate/campaign', apiVersion: '^0.1.0', components: [people] });
