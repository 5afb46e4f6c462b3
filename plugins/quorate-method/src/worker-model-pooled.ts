import { defineComponent, T } from '@quorate/core';
import { z } from 'zod';
import { PooledWorkers } from './pooled-workers.js';

export default defineComponent({
  kind: 'workerModel',
  name: 'pooled',
  summary: 'a confusion matrix for every worker, shrunk to that of all workers together, counted from soft labels',
  options: z.strictObject({}),
  inject: [T.Dataset],
  create: (_options, dataset) => new PooledWorkers(dataset.classes.length),
});
