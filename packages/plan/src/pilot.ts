import { QuorateError, type Json } from '@quorate/core';
import { openParts } from '@quorate/engine';
import { prepare, type PrepareRequest, type Prepared } from '@quorate/host';
import {
  annotationsTo,
  identityOf,
  idOf,
  keyOf,
  runSweep,
  statesOf,
  local,
  type PlannedRun,
  type SweepEvent,
} from '@quorate/sweep';
import { needOf, type Need, type PilotRun } from './need.js';

export interface PilotRequest {
  /** All but the words. */
  readonly prepare: Omit<PrepareRequest, 'overrides'>;
  readonly words: readonly string[];
  readonly methods: readonly string[];
  /** Shares of right labels that are wanted. */
  readonly targets: readonly number[];
  /** Of the whole data set; null: as many as the pilot has. */
  readonly tasks: number | null;
  /** Runs on each sample. */
  readonly repeats: number;
  /** Folder of the runs, absolute. */
  readonly folder: string;
  readonly concurrency: number;
  /** Milliseconds. */
  readonly clock: () => number;
  readonly signal: AbortSignal;
  readonly onEvent: (event: SweepEvent, done: number, of: number) => void;
  readonly onNote: (message: string) => void;
}

export interface MethodNeed {
  readonly method: string;
  readonly target: number;
  /** Null where the pilot does not get there. */
  readonly need: Need | null;
  /** The best that its runs on the whole pilot came to, on average. */
  readonly best: number | null;
}

export interface PilotPlan {
  /** Tasks of the pilot, and of what is planned. */
  readonly pilot: number;
  readonly tasks: number;
  readonly needs: readonly MethodNeed[];
  readonly interrupted: boolean;
  readonly failed: readonly string[];
}

/** Shares of the pilot that samples have. */
const SHARES = [0.25, 0.5, 1];
/** Fewer tasks say nothing. */
const LEAST = 80;
/** Steps of a run in which every task would be asked about once: answers between two steps are in proportion to the sample. */
const STEPS = 40;

/**
 * Runs the methods on samples of a labelled pilot, with simulated workers, and extrapolates what they need to the whole data set.
 * Throws what `prepare` and `runSweep` throw; DATA_INVALID for a pilot that is too small or whose truth is not known.
 */
export async function planPilot(request: PilotRequest): Promise<PilotPlan> {
  const { methods, repeats, folder, targets } = request;
  const { cwd, env } = request.prepare;
  const byMethod = await Promise.all(
    methods.map((method) => prepare({ ...request.prepare, overrides: [...request.words, `method=${method}`] })),
  );
  const pilot = await sizeOf(byMethod[0]!, cwd, env);
  const tasks = request.tasks ?? pilot;
  const sizes = [...new Set(SHARES.map((share) => Math.max(LEAST, Math.round(share * pilot))))];
  const runs: (PlannedRun & { readonly method: string; readonly size: number })[] = [];
  for (const [m, method] of methods.entries()) {
    for (const size of sizes) {
      for (let repeat = 1; repeat <= repeats; repeat++) {
        const prepared = await sampled(byMethod[m]!, size, repeat, request.prepare);
        const identity = await identityOf(prepared, { cwd, env });
        const key = keyOf(identity);
        const { resolved, experiment, simulation } = prepared.config;
        const payload = { config: resolved, baseDir: prepared.baseDir, identity } as unknown as Json;
        const labels = [method, String(size), String(repeat)];
        const names = { experiment, method, simulation, seed: repeat };
        runs.push({ id: idOf(key), job: { key, payload }, cell: { labels, words: [] }, names, prepared, method, size });
      }
    }
  }
  const axes = ['method', 'tasks', 'seed'].map((name, a) => ({
    name,
    labels: [...new Set(runs.map(({ cell }) => cell.labels[a]!))],
  }));
  let ended = 0;
  const failed: string[] = [];
  const end = await runSweep({
    plan: { folder, axes, runs, registry: byMethod[0]!.registry },
    executor: local,
    options: {},
    concurrency: request.concurrency,
    shard: null,
    force: false,
    cwd,
    env,
    builtins: request.prepare.builtins,
    clock: request.clock,
    signal: request.signal,
    onEvent: (event) => {
      if (event.type === 'done' || event.type === 'failed') ended++;
      if (event.type === 'failed') failed.push(event.error);
      request.onEvent(event, ended, runs.length);
    },
    onNote: request.onNote,
  });
  const states = statesOf(folder, runs);
  const needs = methods.flatMap((method) =>
    targets.map((target): MethodNeed => {
      const mine = states.filter(({ status }, r) => runs[r]!.method === method && status === 'done');
      const pilots = states.flatMap(({ steps, status }, r): PilotRun[] => {
        if (runs[r]!.method !== method || status !== 'done') return [];
        const annotations = annotationsTo(steps, target);
        const { size } = runs[r]!;
        const end = (steps.at(-1)?.annotations ?? 0) / size;
        return [{ tasks: size, perTask: annotations === null ? null : annotations / size, end }];
      });
      const ends = mine
        .filter(({ labels }) => labels[1] === String(Math.max(...sizes)))
        .flatMap(({ steps }) => steps.at(-1)?.aggregate?.all.top1 ?? []);
      const best = ends.length > 0 ? ends.reduce((sum, x) => sum + x, 0) / ends.length : null;
      return { method, target, need: needOf(pilots, tasks, 1 / STEPS), best };
    }),
  );
  return { pilot, tasks, needs, interrupted: request.signal.aborted || end.left > 0, failed };
}

async function sizeOf(prepared: Prepared, cwd: string, env: PrepareRequest['env']): Promise<number> {
  const { composition, setting } = await openParts({ prepared, cwd, env });
  try {
    const known = setting.truth?.classOf.filter((k) => k >= 0).length ?? 0;
    if (known >= LEAST) return setting.dataset.taskIds.length;
    throw new QuorateError('DATA_INVALID', {
      where: 'the pilot',
      expected: `at least ${LEAST} tasks whose class is known; 500 to 2,000 say more`,
      got: `${known}`,
      fix: 'Label more tasks: a random sample of what is to be labelled.',
    });
  } finally {
    await composition.dispose();
  }
}

/** The same run on a sample of its tasks, with as many answers between two steps in proportion. */
function sampled(prepared: Prepared, size: number, seed: number, request: PilotRequest['prepare']): Promise<Prepared> {
  const { resolved } = prepared.config;
  const sampler = resolved['sampler'] as Readonly<Record<string, unknown>>;
  const hits = Number(sampler['hitsPerStep'] ?? 1);
  const hitSize = Math.max(1, Math.round(size / STEPS / hits));
  const config = {
    ...resolved,
    seed,
    dataset: { use: 'sample', of: resolved['dataset'], tasks: size },
    ...('hitSize' in sampler ? { sampler: { ...sampler, hitSize } } : {}),
  };
  const base = { config, baseDir: prepared.baseDir, file: 'the plan' };
  const { file: _file, ...rest } = request;
  return prepare({ ...rest, overrides: [], base });
}
