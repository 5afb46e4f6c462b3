import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Job, Json, Registry } from '@quorate/core';
import { prepare, type Prepared, type PrepareRequest } from '@quorate/host';
import { cellsOf, type Cell, type Grid } from './grid/grid.js';
import { wrong } from './grid/values.js';
import { idOf, identityOf, keyOf } from './job/identity.js';
import type { RunNames } from './table/results.js';

export interface PlannedRun {
  readonly id: string;
  readonly job: Job;
  readonly cell: Cell;
  readonly names: RunNames;
  readonly prepared: Prepared;
}

/** A sweep, before anything is run. */
export interface SweepPlan {
  /** Absolute. */
  readonly folder: string;
  readonly axes: readonly { readonly name: string; readonly labels: readonly string[] }[];
  readonly runs: readonly PlannedRun[];
  /** What is installed; it names the executors. */
  readonly registry: Registry;
}

export interface PlanRequest {
  readonly grid: Grid;
  readonly folder: string;
  /** All but the words. */
  readonly prepare: Omit<PrepareRequest, 'overrides'>;
}

/**
 * Resolves every cell of a grid, so that a mistake in any of them is found before the first run. Throws CONFIG_INVALID, with
 * the cell, and what `prepare` throws.
 */
export async function planSweep({ grid, folder, prepare: request }: PlanRequest): Promise<SweepPlan> {
  const cells = cellsOf(grid);
  if (cells.length === 0) {
    throw wrong('the grid', 'at least one run', 'none: everything is excluded', 'Exclude less.');
  }
  const runs: PlannedRun[] = [];
  let registry: Registry | undefined;
  for (const cell of cells) {
    const prepared = await prepare({ ...request, overrides: cell.words });
    registry ??= prepared.registry;
    const identity = await identityOf(prepared, request);
    const key = keyOf(identity);
    const { resolved, experiment, method, simulation, seed } = prepared.config;
    const payload = { config: resolved, baseDir: prepared.baseDir, identity } as unknown as Json;
    const names = { experiment, method, simulation, seed };
    runs.push({ id: idOf(key), job: { key, payload }, cell, names, prepared });
  }
  const axes = grid.axes.map(({ name, points }) => ({ name, labels: points.map(({ label }) => label) }));
  return { folder, axes, runs, registry: registry! };
}

/** `2/5`: which part of the runs is done here. */
export interface Shard {
  /** 1 for the first. */
  readonly index: number;
  readonly of: number;
}

/** Reads `i/n`. Throws CONFIG_INVALID. */
export function shardOf(text: string): Shard {
  const [, i, n] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  const [index, of] = [Number(i), Number(n)];
  if (i === undefined || !(index >= 1 && index <= of)) {
    throw wrong('--shard', 'i/n with 1 <= i <= n, for instance 1/4', JSON.stringify(text), 'Count the parts from 1.');
  }
  return { index, of };
}

/** Every n-th run of the grid, so that no part is empty or much larger than another; without a shard all of them. */
export function runsOf({ runs }: SweepPlan, shard: Shard | null): readonly PlannedRun[] {
  return shard ? runs.filter((_, at) => at % shard.of === shard.index - 1) : runs;
}

/** Where the folder of a run is. */
export function folderOf(sweep: string, id: string): string {
  return join(sweep, 'runs', id);
}

export function isDone(sweep: string, id: string): boolean {
  return existsSync(join(folderOf(sweep, id), 'result.json'));
}
