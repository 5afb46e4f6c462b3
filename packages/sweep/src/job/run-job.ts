import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  QuorateError,
  isQuorateError,
  messageOf,
  sentenceOf,
  type Job,
  type JobOutcome,
  type Json,
} from '@quorate/core';
import { openRun, type Run, type RunResult } from '@quorate/engine';
import {
  Inputs,
  Lock,
  giveFolderName,
  makeFolder,
  prepare,
  readIfThere,
  removeFolder,
  replaceFile,
  type PluginRef,
  type Prepared,
} from '@quorate/host';
import { canonical, idOf, identityOf, keyOf, type Here, type Identity } from './identity.js';

/** What a worker needs to know to do a run that was planned elsewhere. */
export interface Payload {
  /** The complete configuration. */
  readonly config: Readonly<Record<string, unknown>>;
  /** What its paths are relative to. */
  readonly baseDir: string;
  /** What the run is, by whoever planned it. */
  readonly identity: Identity;
}

/** What a job returns: the small files of the run's folder, gzip and base64, and what they do not say. */
export interface JobResult {
  readonly files: Readonly<Record<string, string>>;
  readonly seconds: number;
}

/** How a run ended, as `result.json` of its folder says: the last file that is written. */
export type RunEnd = Omit<RunResult, 'last'>;

/** Files that travel; labels and answers stay where the run was done. */
const travelling = ['run.json', 'steps.jsonl', 'result.json'] as const;

export interface Workshop extends Here {
  /** Folder of the runs. */
  readonly runs: string;
  readonly builtins: readonly PluginRef[];
  /** Milliseconds. */
  readonly clock: () => number;
}

interface Attempt {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Json) => void;
}

/** Does one run of a sweep, or goes on with it, or finds it done. */
export async function runJob(job: Job, workshop: Workshop, attempt: Attempt): Promise<JobOutcome> {
  const started = workshop.clock();
  try {
    const folder = join(workshop.runs, idOf(job.key));
    if (!existsSync(join(folder, 'result.json'))) {
      const prepared = await preparedFor(job, workshop);
      if (!(await carryOut(prepared, folder, workshop, attempt))) return { type: 'stopped' };
    }
    const files: Record<string, string> = {};
    for (const name of travelling) files[name] = gzipSync(readFileSync(join(folder, name))).toString('base64');
    return { type: 'done', result: { files, seconds: (workshop.clock() - started) / 1000 } };
  } catch (thrown) {
    if (!isQuorateError(thrown)) {
      return { type: 'failed', error: { code: 'INTERNAL', message: messageOf(thrown), retry: true } };
    }
    return { type: 'failed', error: { code: thrown.code, message: sentenceOf(thrown.detail), retry: false } };
  }
}

/** Throws PLUGIN_API or DATA_INVALID where this machine would compute another run than the one that was planned. */
async function preparedFor(job: Job, { cwd, env, builtins }: Workshop): Promise<Prepared> {
  const { config, baseDir, identity } = job.payload as unknown as Payload;
  const base = { config, baseDir, file: 'the sweep' };
  const prepared = await prepare({ cwd, env, overrides: [], builtins, base });
  const here = await identityOf(prepared, { cwd, env });
  if (keyOf(here) === job.key) return prepared;
  const versions = (one: Identity): string =>
    [`core API ${one.api}`, ...Object.entries(one.plugins).map(([name, version]) => `${name} ${version}`)].join(', ');
  const differs = (what: keyof Identity): boolean => canonical(here[what]) !== canonical(identity[what]);
  const where = `run ${idOf(job.key)}`;
  if (differs('data')) {
    throw new QuorateError('DATA_INVALID', {
      where,
      expected: 'the data files that the sweep was planned with',
      got: here.data === '' ? 'none of them on this machine' : 'other ones on this machine',
      fix: 'Give every machine the same files at the same paths.',
    });
  }
  const backend = differs('backend');
  throw new QuorateError('PLUGIN_API', {
    where,
    expected: backend ? `the learner backend ${identity.backend}` : versions(identity),
    got: backend ? `${here.backend} on this machine` : `${versions(here)} on this machine`,
    fix: backend
      ? `Name one that starts everywhere: backend.use=${here.backend}.`
      : 'Install the same versions everywhere.',
  });
}

/** @returns False where the signal ended it first. */
async function carryOut(prepared: Prepared, folder: string, workshop: Workshop, attempt: Attempt): Promise<boolean> {
  const { place, lock } = claimPlace(folder);
  try {
    if (existsSync(join(folder, 'result.json'))) return true;
    const run = await openAnew(prepared, place, workshop);
    let result: RunResult;
    try {
      result = await toTheEnd(run, attempt);
    } finally {
      await run.dispose();
    }
    if (result.stopped === 'interrupted') return false;
    const { last: _last, ...end } = result;
    replaceFile(join(place, 'result.json'), `${JSON.stringify(end satisfies RunEnd, null, 2)}\n`, new Inputs());
    // Another worker that was taken for dead may have been first: its bytes are the same.
    if (!giveFolderName(place, folder)) removeFolder(place);
    return true;
  } finally {
    lock.release();
  }
}

async function toTheEnd(run: Run, { signal, onProgress }: Attempt): Promise<RunResult> {
  const steps = run.steps(signal);
  for (;;) {
    const next = await steps.next();
    if (next.done) return next.value;
    const { step, annotations, validShare, aggregate } = next.value;
    onProgress({ step, annotations, validShare, accuracy: aggregate?.all?.top1 ?? null, budget: run.budget });
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Goes on where an earlier attempt was cut off; starts again where what it left is of no use. */
async function openAnew(prepared: Prepared, folder: string, { cwd, env, clock }: Workshop): Promise<Run> {
  const open = (): Promise<Run> => openRun({ prepared, folder, resume: true, cwd, env, clock });
  try {
    return await open();
  } catch (thrown) {
    if (!isQuorateError(thrown) || !['CHECKPOINT_DAMAGED', 'RUN_FOLDER'].includes(thrown.code)) throw thrown;
    removeFolder(folder);
    return open();
  }
}

/**
 * A folder to work in that no other process uses. Whoever was stopped for a while may still be alive and hold the first one.
 */
function claimPlace(folder: string): { readonly place: string; readonly lock: Lock } {
  makeFolder(join(folder, '..'));
  for (let n = 1; ; n++) {
    const place = n === 1 ? `${folder}.work` : `${folder}.work-${n}`;
    try {
      const what = 'a folder';
      const lock = Lock.take(`${place}.lock`, { where: place, what, onNote: () => undefined });
      return { place, lock };
    } catch (thrown) {
      if (!isQuorateError(thrown) || thrown.code !== 'RUN_FOLDER' || n === 100) throw thrown;
    }
  }
}

/** `result.json` of a run that ended; undefined for any other. */
export function readEnd(folder: string): RunEnd | undefined {
  const text = readIfThere(join(folder, 'result.json'));
  return text === undefined ? undefined : (JSON.parse(text) as RunEnd);
}
