import {
  EventQueue,
  MOST_ATTEMPTS,
  defineExecutor,
  type Executor,
  type ExecutorContext,
  type Job,
  type JobEvent,
  type JobOutcome,
} from '@quorate/core';
import { z } from 'zod';

/** Jobs on this machine, in the order in which they were submitted. */
export const local = defineExecutor({
  name: 'local',
  summary: 'child processes of this machine',
  options: z.strictObject({}),
  create: async (_options, context) => new Local(context),
});

interface Task {
  readonly job: Job;
  attempt: number;
  readonly stop: AbortController;
  state: 'waiting' | 'running' | 'ended';
}

class Local implements Executor {
  readonly #context: ExecutorContext;
  readonly #events = new EventQueue<JobEvent>();
  readonly #tasks = new Map<string, Task>();
  readonly #waiting: Task[] = [];
  readonly #running = new Set<Promise<void>>();
  #closed = false;

  constructor(context: ExecutorContext) {
    this.#context = context;
  }

  async submit(jobs: readonly Job[]): Promise<void> {
    for (const job of jobs) {
      if (this.#closed || this.#tasks.has(job.key)) continue;
      const task: Task = { job, attempt: 0, stop: new AbortController(), state: 'waiting' };
      this.#tasks.set(job.key, task);
      this.#waiting.push(task);
    }
    this.#fill();
  }

  events(): AsyncIterable<JobEvent> {
    return this.#events;
  }

  async cancel(keys?: readonly string[]): Promise<void> {
    for (const task of keys ? keys.map((key) => this.#tasks.get(key)) : this.#tasks.values()) {
      if (!task || task.state === 'ended') continue;
      task.stop.abort();
      if (task.state === 'waiting') this.#end(task, { type: 'cancelled' });
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.cancel();
    await Promise.all(this.#running);
    this.#events.end();
  }

  #fill(): void {
    while (this.#running.size < this.#context.concurrency) {
      const task = this.#waiting.shift();
      if (!task) return;
      if (task.state !== 'waiting') continue;
      const running: Promise<void> = this.#attempt(task).finally(() => {
        this.#running.delete(running);
        this.#fill();
      });
      this.#running.add(running);
    }
  }

  async #attempt(task: Task): Promise<void> {
    const { job, stop } = task;
    const { run, worker } = this.#context;
    task.state = 'running';
    while (task.state === 'running') {
      const attempt = ++task.attempt;
      this.#events.push({ key: job.key, type: 'started', attempt, worker });
      const onProgress = (progress: Extract<JobEvent, { type: 'progress' }>['progress']): void =>
        this.#events.push({ key: job.key, type: 'progress', progress });
      this.#conclude(task, await run(job, { attempt, signal: stop.signal, onProgress }));
    }
  }

  #conclude(task: Task, outcome: JobOutcome): void {
    const { key } = task.job;
    const last = task.attempt >= MOST_ATTEMPTS;
    if (outcome.type === 'lost') this.#events.push({ key, type: 'lost', why: outcome.why });
    if (outcome.type === 'done') this.#end(task, { type: 'done', result: outcome.result });
    else if (task.stop.signal.aborted || outcome.type === 'stopped') this.#end(task, { type: 'cancelled' });
    else if (outcome.type === 'failed' && (last || !outcome.error.retry)) {
      this.#end(task, { type: 'failed', error: outcome.error });
    } else if (outcome.type === 'lost' && last) {
      const message = `it was lost ${task.attempt} times; at last ${outcome.why}`;
      this.#end(task, { type: 'failed', error: { code: 'INTERNAL', message, retry: true } });
    }
  }

  #end(task: Task, event: Ending): void {
    task.state = 'ended';
    this.#events.push({ key: task.job.key, ...event });
  }
}

type Ending =
  Extract<JobEvent, { type: 'done' | 'failed' | 'cancelled' }> extends infer E
    ? E extends { key: string }
      ? Omit<E, 'key'>
      : never
    : never;
