import { defineComponent } from '@quorate/core';
import { z } from 'zod';

/** No workers: nobody is asked, and the labels are what the prototypes alone say of them. It needs no truth. */
export default defineComponent({
  kind: 'workerSimulator',
  name: 'none',
  summary: 'nobody is asked: labels from the prototypes alone, and no truth is needed',
  options: z.strictObject({}),
  create: () => ({
    workerIds: [],
    knowledge: { pooledCounts: null, confusion: () => null },
    answer: () => undefined,
  }),
});
