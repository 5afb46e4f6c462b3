import { EventQueue, MOST_ATTEMPTS, type Executor, type ExecutorContext, type Job, type JobEvent } from '@quorate/core';
import { connect, type Connection } from './connection.js';
import type { Options } from './options.js';

import { CANCELLED, QueueWorker, errorOf, type Told } from './worker.js';

/** Milliseconds between two looks at the queue: events are lost where the connection breaks off. */
const LOOK = 2000;
/** Jobs that go to the queue in one message. */
const BATCH = 100;

/** Has jobs done by whoever reads the queue: other machines, and this one with a concurrency above 0. */
export class QueueExecutor implements Executor {
  readonly #connection: Connection;
  readonly #worker: QueueWorker | null;
  readonly #outbox = new EventQueue<JobEvent>();
  /** What was submitted and has not ended. */
  readonly #open = new Map<string, Job>();
  readonly #seen = new Set<string>();
  readonly #cancelling = new Set<string>();
  readonly #ticker: NodeJS.Timeout;
  #looking: Promise<void> | undefined;
  #closed: Promise<void> | undefined;

  static async open(options: Options, context: ExecutorContext): Promise<QueueExecutor> {
    const connection = await connect(options, context.note);
    const events = connection.events();
    await events.waitUntilReady();
    const worker = context.concurrency > 0 ? new QueueWorker(connection, options, context) : null;
    return new QueueExecutor(connection, events, worker);
  }

  private constructor(connection: Connection, events: ReturnType<Connection['events']>, worker: QueueWorker | null) {
    this.#connection = connection;
    this.#worker = worker;
    events.on('progress', ({ jobId, data }) => this.#tell(jobId, data as unknown as Told));
    const ended = ({ jobId }: { jobId: string }): void => void this.#look([jobId]).catch(() => undefined);
    events.on('completed', ended);
    events.on('failed', ended);
    this.#ticker = setInterval(() => {
      this.#looking ??= this.#look([...this.#open.keys()])
        .catch(() => undefined)
        .finally(() => (this.#looking = undefined));
    }, LOOK);
  }

  async submit(jobs: readonly Job[]): Promise<void> {
    const fresh: Job[] = [];
    for (const job of jobs) {
      if (this.#closed || this.#seen.has(job.key)) continue;
      this.#seen.add(job.key);
      this.#open.set(job.key, job);
      fresh.push(job);
    }
    // What failed earlier, in another sweep, is tried again; what is done or waits there stays.
    for (const { key } of fresh) {
      const there = await this.#connection.queue.getJob(key);
      if (there && (await there.getState()) === 'failed') await there.remove();
    }
    await this.#add(fresh);
  }

  events(): AsyncIterable<JobEvent> {
    return this.#outbox;
  }

  /** Of jobs that run on other machines it takes back the order alone: they go on, and wait for whoever submits them again. */
  async cancel(keys: readonly string[] = [...this.#open.keys()]): Promise<void> {
    for (const key of keys) {
      if (!this.#open.has(key)) continue;
      this.#cancelling.add(key);
      if (this.#worker?.cancel(key)) continue;
      const job = await this.#connection.queue.getJob(key);
      const removed = job
        ? await job.remove().then(
            () => true,
            () => false,
          )
        : true;
      // It has been begun meanwhile: here, or elsewhere.
      if (!removed && this.#worker?.cancel(key)) continue;
      this.#end({ key, type: 'cancelled' });
    }
  }

  close(): Promise<void> {
    this.#closed ??= (async () => {
      clearInterval(this.#ticker);
      await this.#worker?.close();
      await this.#looking;
      this.#outbox.end();
      await this.#connection.close();
    })();
    return this.#closed;
  }

  async #add(jobs: readonly Job[]): Promise<void> {
    for (let first = 0; first < jobs.length; first += BATCH) {
      await this.#connection.queue.addBulk(
        jobs.slice(first, first + BATCH).map(({ key, payload }) => ({
          name: 'run',
          data: { payload: JSON.stringify(payload) },
          opts: { jobId: key, attempts: MOST_ATTEMPTS, removeOnComplete: false, removeOnFail: false },
        })),
      );
    }
  }

  #tell(key: string, told: Told): void {
    if (this.#open.has(key)) this.#outbox.push({ key, ...told });
  }

  #end(event: JobEvent): void {
    if (this.#open.delete(event.key)) this.#outbox.push(event);
  }

  /** Collects what has ended, and puts back what the queue has forgotten: a server that was restarted may have lost the last seconds. */
  async #look(keys: readonly string[]): Promise<void> {
    const forgotten: Job[] = [];
    for (const key of keys) {
      if (!this.#open.has(key)) continue;
      const job = await this.#connection.queue.getJob(key);
      if (!job) {
        if (this.#open.has(key)) forgotten.push(this.#open.get(key)!);
        continue;
      }
      const state = await job.getState();
      if (state !== 'completed' && state !== 'failed') continue;
      if (state === 'completed')
        this.#end({ key, type: 'done', result: (job.returnvalue as { result: never }).result });
      else if (job.failedReason === CANCELLED) {
        if (this.#cancelling.has(key)) this.#end({ key, type: 'cancelled' });
        else forgotten.push(this.#open.get(key)!);
      } else this.#end({ key, type: 'failed', error: errorOf(job.failedReason ?? '') });
      // Collected: the queue need not keep it. Of a failed one it keeps why.
      if (state === 'completed' || job.failedReason === CANCELLED) await job.remove().catch(() => undefined);
    }
    if (forgotten.length > 0 && !this.#closed) await this.#add(forgotten);
  }
}
