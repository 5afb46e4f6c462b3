import {
  QuorateError,
  nearest,
  type Executor,
  type ExecutorDefinition,
  type JobEvent,
  type Json,
  type Registry,
} from '@quorate/core';
import type { PluginRef } from '@quorate/host';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { ChildPool } from './executor/child-pool.js';
import { local } from './executor/local.js';
import { SweepFolder } from './folder/sweep-folder.js';
import type { JobResult } from './job/run-job.js';
import { isDone, runsOf, type PlannedRun, type Shard, type SweepPlan } from './plan.js';

export interface SweepRequest {
  readonly plan: SweepPlan;
  readonly executor: ExecutorDefinition;
  readonly options: Readonly<Record<string, unknown>>;
  /** Runs at a time on this machine. */
  readonly concurrency: number;
  readonly shard: Shard | null;
  /** Do again what is done. */
  readonly force: boolean;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly builtins: readonly PluginRef[];
  /** Milliseconds. */
  readonly clock: () => number;
  readonly signal: AbortSignal;
  readonly onEvent: (event: SweepEvent) => void;
  readonly onNote: (message: string) => void;
}

/** What happens to the runs of a sweep. */
export type SweepEvent = { readonly run: PlannedRun } & (
  | { readonly type: 'started'; readonly attempt: number; readonly worker: string }
  | { readonly type: 'progress'; readonly progress: Json }
  | { readonly type: 'lost'; readonly why: string }
  | { readonly type: 'done'; readonly seconds: number }
  | { readonly type: 'failed'; readonly error: string }
);

export interface SweepEnd {
  readonly done: number;
  /** Of these, how many were done before. */
  readonly before: number;
  readonly failed: number;
  /** Interrupted, or of another part. */
  readonly left: number;
}

/** Milliseconds between two writings of a table that is not complete. */
const SAVE = 10_000;

/**
 * Does the runs of a sweep that are not done yet, and writes its table. A run that fails does not stop the others. After
 * `signal` aborts, the runs in hand finish their step, and all is saved. Throws RUN_FOLDER.
 */
export async function runSweep(request: SweepRequest): Promise<SweepEnd> {
  const { plan, executor: definition, shard, onNote, cwd, env, builtins, concurrency, clock, signal } = request;
  const options = optionsOf(definition, request.options);
  const folder = new SweepFolder(plan, shard, onNote);
  const pool = new ChildPool({ workshop: { cwd, builtins, runs: join(plan.folder, 'runs') }, env, concurrency });
  let executor: Executor | undefined;
  try {
    const mine = runsOf(plan, shard);
    if (request.force) for (const { id } of mine) folder.forget(id);
    const before = mine.filter(({ id }) => isDone(plan.folder, id)).length;
    const open = new Map(mine.filter(({ id }) => !isDone(plan.folder, id)).map((run) => [run.job.key, run]));
    const failed = new Set<string>();
    if (open.size > 0 && !signal.aborted) {
      executor = await definition.create(options, { run: pool.run, concurrency, worker: workerName(), note: onNote });
      const stop = (): void => void executor?.cancel();
      signal.addEventListener('abort', stop, { once: true });
      try {
        await executor.submit([...open.values()].map(({ job }) => job));
        let saved = clock();
        for await (const event of executor.events()) {
          const run = open.get(event.key);
          if (!run) continue;
          if (event.type === 'done') folder.keep(run.id, event.result as unknown as JobResult);
          if (event.type === 'failed') folder.fail(run.id, messageOfEvent(event));
          if (event.type === 'failed') failed.add(event.key);
          const told = toldOf(event, run);
          if (told) request.onEvent(told);
          if (['done', 'failed', 'cancelled'].includes(event.type)) open.delete(event.key);
          if (open.size === 0) break;
          if (clock() - saved > SAVE) {
            folder.write();
            saved = clock();
          }
        }
      } finally {
        signal.removeEventListener('abort', stop);
      }
    }
    folder.write();
    const done = mine.filter(({ id }) => isDone(plan.folder, id)).length;
    const left = plan.runs.filter(({ id, job }) => !isDone(plan.folder, id) && !failed.has(job.key)).length;
    return { done, before, failed: mine.filter(({ job }) => failed.has(job.key)).length, left };
  } finally {
    await executor?.close();
    pool.close();
    folder.close();
  }
}

export interface WorkRequest extends Pick<
  SweepRequest,
  'options' | 'concurrency' | 'cwd' | 'env' | 'builtins' | 'signal' | 'onNote'
> {
  readonly executor: ExecutorDefinition;
  /** Folder of the runs that are done here, absolute. */
  readonly folder: string;
}

/** Does jobs that sweeps on other machines submit, until the signal aborts. Throws CONFIG_INVALID. */
export async function work({ executor, folder, ...request }: WorkRequest): Promise<void> {
  const { cwd, env, builtins, concurrency, signal, onNote } = request;
  const options = optionsOf(executor, request.options);
  if (!executor.work) {
    throw new QuorateError('CONFIG_INVALID', {
      where: '--executor',
      expected: 'an executor whose jobs leave the machine',
      got: executor.name,
      fix: 'Name the queue: --queue redis://localhost:6379.',
    });
  }
  const pool = new ChildPool({ workshop: { cwd, builtins, runs: join(folder, 'runs') }, env, concurrency });
  try {
    await executor.work(options, { run: pool.run, concurrency, worker: workerName(), note: onNote }, signal);
  } finally {
    pool.close();
  }
}

/** The executors of the plugins, and `local`. */
export function executorsOf(registry: Registry): readonly ExecutorDefinition[] {
  return [local, ...registry.plugins.flatMap(({ executors = [] }) => executors)];
}

/** Throws CONFIG_INVALID. */
export function executorNamed(name: string, registry: Registry): ExecutorDefinition {
  const known = executorsOf(registry);
  const found = known.find((one) => one.name === name);
  if (found) return found;
  const names = known.map((one) => one.name);
  const near = nearest(name, names);
  throw new QuorateError('CONFIG_INVALID', {
    where: '--executor',
    expected: `one of ${names.join(', ')}`,
    got: name,
    fix: near ? `Did you mean "${near}"?` : 'A plugin may be missing.',
  });
}

function optionsOf({ name, options }: ExecutorDefinition, given: Readonly<Record<string, unknown>>): unknown {
  const parsed = options.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new QuorateError('CONFIG_INVALID', {
    where: `executor ${name}: ${issue!.path.join('.')}`,
    expected: 'options of this executor',
    got: issue!.message,
    fix: 'Correct it; "quorate sweep --help" has examples.',
  });
}

function workerName(): string {
  return `${hostname()}:${process.pid}`;
}

function messageOfEvent({ error }: Extract<JobEvent, { type: 'failed' }>): string {
  return `[${error.code}] ${error.message}`;
}

function toldOf(event: JobEvent, run: PlannedRun): SweepEvent | null {
  if (event.type === 'started') return { type: 'started', run, attempt: event.attempt, worker: event.worker };
  if (event.type === 'progress') return { type: 'progress', run, progress: event.progress };
  if (event.type === 'lost') return { type: 'lost', run, why: event.why };
  if (event.type === 'done') return { type: 'done', run, seconds: (event.result as unknown as JobResult).seconds };
  if (event.type === 'failed') return { type: 'failed', run, error: messageOfEvent(event) };
  return null;
}
