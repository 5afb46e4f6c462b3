import { MOST_ATTEMPTS, type ExecutorContext, type JobError, type JobOutcome, type Json } from '@quorate/core';
import { UnrecoverableError, WaitingError, type Job as QueueJob, type Worker } from 'bullmq';
import type { Connection, Data } from './connection.js';
import type { Options } from './options.js';

/** What a worker tells whoever submitted a job, as the progress of the job. */
export type Told =
  | { readonly type: 'started'; readonly attempt: number; readonly worker: string }
  | { readonly type: 'progress'; readonly progress: Json }
  | { readonly type: 'lost'; readonly why: string };

/** Takes jobs from the queue and has them done here. */
export class QueueWorker {
  readonly #worker: Worker<Data>;
  readonly #context: ExecutorContext;
  readonly #stops = new Map<string, AbortController>();
  /** Jobs that are not wanted any more; the others that stop go back to the queue. */
  readonly #cancelled = new Set<string>();
  #closing = false;

  constructor(connection: Connection, { lockSeconds }: Options, context: ExecutorContext) {
    this.#context = context;
    this.#worker = connection.worker((job, token) => this.#process(job, token), {
      concurrency: context.concurrency,
      lockDuration: 1000 * lockSeconds,
      stalledInterval: 500 * lockSeconds,
      maxStalledCount: MOST_ATTEMPTS,
      autorun: true,
    });
  }

  /** @returns False where it does not run here. */
  cancel(key: string): boolean {
    const stop = this.#stops.get(key);
    if (!stop) return false;
    this.#cancelled.add(key);
    stop.abort();
    return true;
  }

  /** What runs here is stopped, saved, and goes back to the queue. */
  async close(): Promise<void> {
    this.#closing = true;
    for (const stop of this.#stops.values()) stop.abort();
    await this.#worker.close();
  }

  async #process(job: QueueJob<Data>, token: string | undefined): Promise<{ result: Json }> {
    const key = job.id!;
    const attempt = job.attemptsMade + job.stalledCounter + 1;
    if (attempt > MOST_ATTEMPTS)
      throw failure({ code: 'INTERNAL', message: 'its worker was lost too often', retry: true });
    const stop = new AbortController();
    this.#stops.set(key, stop);
    if (this.#closing) stop.abort();
    // One after the other: they are read in the order in which they were written.
    let telling: Promise<unknown> = Promise.resolve();
    const tell = (told: Told): void => {
      telling = telling.then(() => job.updateProgress(told as unknown as object)).catch(() => undefined);
    };
    tell({ type: 'started', attempt, worker: this.#context.worker });
    let outcome: JobOutcome;
    try {
      outcome = await this.#context.run(
        { key, payload: JSON.parse(job.data.payload) as Json },
        { attempt, signal: stop.signal, onProgress: (progress) => tell({ type: 'progress', progress }) },
      );
    } finally {
      this.#stops.delete(key);
    }
    if (outcome.type === 'lost') tell({ type: 'lost', why: outcome.why });
    await telling;
    if (outcome.type === 'done') return { result: outcome.result };
    if (this.#cancelled.delete(key)) throw new UnrecoverableError(CANCELLED);
    if (outcome.type === 'stopped') {
      await job.moveToWait(token);
      throw new WaitingError();
    }
    if (outcome.type === 'failed') throw failure(outcome.error);
    throw failure({ code: 'INTERNAL', message: `it was lost ${attempt} times; at last ${outcome.why}`, retry: true });
  }
}

/** Why a job failed that nobody wants any more. */
export const CANCELLED = 'cancelled';

function failure(error: JobError): Error {
  const text = JSON.stringify(error);
  return error.retry ? new Error(text) : new UnrecoverableError(text);
}

/** What `failure` has put into a job; anything else comes from the queue itself. */
export function errorOf(reason: string): JobError {
  try {
    const { code, message, retry } = JSON.parse(reason) as JobError;
    if (typeof code === 'string' && typeof message === 'string') return { code, message, retry };
  } catch {
    // Not ours.
  }
  return { code: 'INTERNAL', message: reason === '' ? 'the queue gave no reason' : reason, retry: true };
}
