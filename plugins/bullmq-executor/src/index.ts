import { defineExecutor, definePlugin } from '@quorate/core';
import { options } from './options.js';

/** Runs of a sweep on every machine that reads the queue. What talks to it is loaded where it is used. */
export const bullmq = defineExecutor({
  name: 'bullmq',
  summary: 'machines that share a queue on Redis or Postgres (--queue)',
  options,
  async create(given, context) {
    const { QueueExecutor } = await import('./executor.js');
    return QueueExecutor.open(given, context);
  },
  async work(given, context, signal) {
    const { connect } = await import('./connection.js');
    const { QueueWorker } = await import('./worker.js');
    const connection = await connect(given, context.note);
    const worker = new QueueWorker(connection, given, context);
    if (!signal.aborted) {
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    }
    await worker.close();
    await connection.close();
  },
});

export default definePlugin({
  name: '@quorate/plugin-bullmq-executor',
  apiVersion: '^0.1.0',
  executors: [bullmq],
});
