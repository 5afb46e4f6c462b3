import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isQuorateError } from '@quorate/core';
import { openRun, type StepRecord } from '@quorate/engine';
import { readTimings } from './folder/sweep-folder.js';
import type { Here } from './job/identity.js';
import { canonical } from './job/identity.js';
import { isDone, type PlannedRun, type SweepPlan } from './plan.js';

export interface EstimateRequest extends Here {
  readonly plan: SweepPlan;
  readonly runs: readonly PlannedRun[];
  /** Runs at a time. */
  readonly concurrency: number;
  /** Milliseconds. */
  readonly clock: () => number;
}

export interface Estimate {
  /** Of all that is not done yet; null where nothing can be said. */
  readonly seconds: number | null;
  /** What it goes by, for people. */
  readonly by: string;
}

/** Milliseconds that one configuration is tried for, and all of them. */
const TRY = 2000;
const TRY_ALL = 20_000;

/** How long the runs that are left will take: by those that are done, else by trying the first steps of each kind of run. */
export async function estimateOf(request: EstimateRequest): Promise<Estimate> {
  const { plan, runs, concurrency, clock } = request;
  const left = runs.filter(({ id }) => !isDone(plan.folder, id));
  const timings = readTimings(plan.folder);
  const groups = new Map<string, { runs: PlannedRun[]; seconds: number[] }>();
  for (const run of runs) {
    const key = kindOf(run);
    if (!groups.has(key)) groups.set(key, { runs: [], seconds: [] });
    const group = groups.get(key)!;
    group.runs.push(run);
    const known = timings[run.id];
    if (known !== undefined) group.seconds.push(known);
  }
  const began = clock();
  let tried = 0;
  for (const group of groups.values()) {
    if (group.seconds.length > 0 || clock() - began > TRY_ALL) continue;
    if (group.runs.every(({ id }) => isDone(plan.folder, id))) continue;
    const seconds = await tryOut(group.runs[0]!, request);
    if (seconds !== null) group.seconds.push(seconds);
    tried++;
  }
  const mean = (list: readonly number[]): number => list.reduce((sum, x) => sum + x, 0) / list.length;
  const known = [...groups.values()].flatMap(({ seconds }) => seconds);
  if (left.length === 0) return { seconds: 0, by: 'everything is done' };
  if (known.length === 0) return { seconds: null, by: 'none of the runs could be tried' };
  const total = left.reduce((sum, run) => {
    const { seconds } = groups.get(kindOf(run))!;
    return sum + (seconds.length > 0 ? mean(seconds) : mean(known));
  }, 0);
  const by = tried > 0 ? 'the first steps of each kind of run' : 'the runs that are done';
  return { seconds: total / Math.max(1, Math.min(concurrency, left.length)), by };
}

/** Runs that differ in the seed alone take about as long. */
function kindOf({ prepared }: PlannedRun): string {
  const { seed: _seed, ...rest } = prepared.config.resolved;
  return canonical(rest);
}

/** Seconds that a run would take, by what it does in two of them; null for one that fails. */
async function tryOut({ prepared }: PlannedRun, { cwd, env, clock }: EstimateRequest): Promise<number | null> {
  const folder = mkdtempSync(join(tmpdir(), 'quorate-try-'));
  const began = clock();
  try {
    const run = await openRun({ prepared, folder, resume: false, temporary: true, cwd, env, clock });
    try {
      const opened = clock();
      let first: StepRecord | undefined;
      for await (const record of run.steps()) {
        first ??= record;
        const share = shareOf(first, record, run.budget);
        if (clock() - opened > TRY && share > 0) return (opened - began + (clock() - opened) / share) / 1000;
        await new Promise((resolve) => setImmediate(resolve));
      }
      return (clock() - began) / 1000;
    } finally {
      await run.dispose();
    }
  } catch (thrown) {
    if (isQuorateError(thrown)) return null;
    throw thrown;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** How much of a run is over: of its budget, or of the tasks that were open at its begin. */
function shareOf(first: StepRecord, { annotations, validShare }: StepRecord, budget: number | null): number {
  const byBudget = budget === null || budget === 0 ? 0 : annotations / budget;
  const byTasks = first.validShare < 1 ? (validShare - first.validShare) / (1 - first.validShare) : 1;
  return Math.min(1, Math.max(byBudget, byTasks));
}
