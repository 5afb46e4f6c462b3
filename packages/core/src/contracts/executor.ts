import type { z } from 'zod';

/** Plain data that travels between machines. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** One piece of work of a sweep. Two jobs with one key are the same job. */
export interface Job {
  /** What the job is, hashed: hexadecimal. */
  readonly key: string;
  /** What whoever does it is given. */
  readonly payload: Json;
}

export interface JobError {
  /** A code of the error table, or `INTERNAL`. */
  readonly code: string;
  readonly message: string;
  /** May another attempt go better? Not where the job itself is wrong. */
  readonly retry: boolean;
}

/** What became of one attempt at a job. `lost`: whoever did it is gone. `stopped`: the signal aborted, all is saved. */
export type JobOutcome =
  | { readonly type: 'done'; readonly result: Json }
  | { readonly type: 'failed'; readonly error: JobError }
  | { readonly type: 'lost'; readonly why: string }
  | { readonly type: 'stopped' };

export interface JobAttempt {
  /** 1 for the first. */
  readonly attempt: number;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Json) => void;
}

/** Does one job on this machine, in a process of its own; resolves also where that process is killed. */
export type RunJob = (job: Job, attempt: JobAttempt) => Promise<JobOutcome>;

/** What happens to jobs, in order for each of them. The last event of a job is `done`, `failed` or `cancelled`. */
export type JobEvent = { readonly key: string } & (
  | {
      readonly type: 'started';
      readonly attempt: number;
      /** Machine and process, for people. */
      readonly worker: string;
    }
  | { readonly type: 'progress'; readonly progress: Json }
  /** The job starts again, or fails where it was lost too often. */
  | { readonly type: 'lost'; readonly why: string }
  | { readonly type: 'done'; readonly result: Json }
  | { readonly type: 'failed'; readonly error: JobError }
  | { readonly type: 'cancelled' }
);

/** Attempts at a job that is lost, or fails with `retry`. */
export const MOST_ATTEMPTS = 3;

export interface ExecutorContext {
  readonly run: RunJob;
  /** Jobs at a time on this machine; 0: all are done elsewhere. */
  readonly concurrency: number;
  /** This machine and process, for people. */
  readonly worker: string;
  /** Something that the user should know; one sentence. */
  readonly note: (message: string) => void;
}

/**
 * Has jobs done: here, or on other machines by way of a queue. It knows nothing of what they are.
 *
 * Laws
 * - L1 every job that was submitted ends exactly once, whatever the others do: none is lost, none ends twice.
 * - L2 a key that is submitted again is the same job: it is not done twice.
 * - L3 results are what `run` returned; progress arrives in order, between start and end.
 * - L4 a job that fails for good fails at once, with its error, and the others go on; one that may be tried again is, at most
 *   `MOST_ATTEMPTS` times in all.
 * - L5 a job whose process is gone is started again, at most `MOST_ATTEMPTS` times in all, then it fails.
 * - L6 `cancel` ends jobs as `cancelled`: those that wait at once, those that run after their signal has stopped them.
 * - L7 never more than `concurrency` jobs at a time here.
 * - L8 `close` ends the events, and stops what runs here; it can be called twice.
 */
export interface Executor {
  submit(jobs: readonly Job[]): Promise<void>;
  /** To be read once. Ends after `close`. */
  events(): AsyncIterable<JobEvent>;
  /** Of these jobs, or all that have not ended. */
  cancel(keys?: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** How an executor is made: a plugin names it, `quorate sweep --executor NAME` chooses it. */
export interface ExecutorDefinition<S extends z.ZodType = z.ZodType> {
  readonly name: string;
  /** One line for `quorate plugins`. */
  readonly summary: string;
  /** A `z.strictObject`. */
  readonly options: S;
  create(options: z.output<S>, context: ExecutorContext): Promise<Executor>;
  /** Does jobs that others submit, until the signal aborts. Left out where jobs never leave the machine. */
  work?(options: z.output<S>, context: ExecutorContext, signal: AbortSignal): Promise<void>;
}

/** Types an executor by its options. */
export function defineExecutor<S extends z.ZodType>(definition: ExecutorDefinition<S>): ExecutorDefinition {
  return definition;
}
