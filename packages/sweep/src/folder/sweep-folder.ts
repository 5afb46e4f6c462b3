import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { QuorateError, messageOf } from '@quorate/core';
import { readSteps } from '@quorate/engine';
import { Inputs, Lock, giveFolderName, makeFolder, readIfThere, removeFolder, replaceFile } from '@quorate/host';
import type { Grid } from '../grid/grid.js';
import { readEnd, type JobResult } from '../job/run-job.js';
import { folderOf, isDone, type Shard, type SweepPlan } from '../plan.js';
import { csvOf, resultsTable, type RunNames, type RunState } from '../table/results.js';

/** What `sweep.json` says: the grid, and which run is which cell. */
export interface SweepFileContent {
  readonly format: 1;
  readonly axes: SweepPlan['axes'];
  readonly runs: readonly {
    readonly id: string;
    readonly key: string;
    readonly labels: readonly string[];
    readonly names: RunNames;
    readonly words: Grid['base'];
  }[];
}

const noInputs = new Inputs();
const ours = /^(sweep\.json|results\..*|timings.*\.json|failures.*\.json|runs|lock.*|report.*|figures|tables|\..*)$/;

/** The files of a sweep, opened by the process that does it. */
export class SweepFolder {
  readonly #plan: SweepPlan;
  readonly #lock: Lock;
  readonly #part: string;
  readonly #shard: Shard | null;
  readonly #seconds: Record<string, number>;
  readonly #failures = new Map<string, string>();

  /** Throws RUN_FOLDER where another process uses it, or it holds something else. */
  constructor(plan: SweepPlan, shard: Shard | null, note: (message: string) => void) {
    const { folder } = plan;
    if (existsSync(folder) && !existsSync(join(folder, 'sweep.json'))) {
      const stranger = readdirSync(folder).find((name) => !ours.test(name));
      if (stranger !== undefined) {
        throw new QuorateError('RUN_FOLDER', {
          where: folder,
          expected: 'an empty folder, or that of a sweep',
          got: `one that holds other files (${stranger})`,
          fix: 'Choose another --out; nothing in it was touched.',
        });
      }
    }
    this.#plan = plan;
    this.#shard = shard;
    this.#part = shard ? `.${shard.index}-of-${shard.of}` : '';
    makeFolder(join(folder, 'runs'));
    this.#lock = Lock.take(join(folder, `lock${this.#part}`), { where: folder, what: 'a folder', onNote: note });
    this.#seconds = readTimings(folder);
    const content: SweepFileContent = {
      format: 1,
      axes: plan.axes,
      runs: plan.runs.map(({ id, job, cell, names }) => ({
        id,
        key: job.key,
        labels: cell.labels,
        names,
        words: cell.words,
      })),
    };
    this.#write('sweep.json', `${JSON.stringify(content, null, 1)}\n`);
  }

  /** Keeps what a job returned. Its files may be there already: it was done in this very folder. */
  keep(id: string, { files, seconds }: JobResult): void {
    this.#failures.delete(id);
    this.#seconds[id] = Math.round(1000 * seconds) / 1000;
    const folder = folderOf(this.#plan.folder, id);
    if (isDone(this.#plan.folder, id)) return;
    const arriving = `${folder}.arriving${this.#part}`;
    removeFolder(arriving);
    makeFolder(arriving);
    for (const [name, content] of Object.entries(files)) {
      replaceFile(join(arriving, name), gunzipSync(Buffer.from(content, 'base64')), noInputs);
    }
    if (!giveFolderName(arriving, folder)) removeFolder(arriving);
  }

  fail(id: string, error: string): void {
    this.#failures.set(id, error);
  }

  /** Forgets what was done of a run, so that it is done again. */
  forget(id: string): void {
    removeFolder(folderOf(this.#plan.folder, id));
  }

  /** Seconds that runs took, here and earlier, by id. */
  get seconds(): Readonly<Record<string, number>> {
    return this.#seconds;
  }

  /** Writes what is known by now: `results.csv` of the whole grid, or of this part of it until all parts are done. */
  write(): void {
    const { axes, runs } = this.#plan;
    const states = statesOf(this.#plan.folder, runs, this.#failures);
    const table = (of: readonly RunState[]): string =>
      csvOf(
        resultsTable(
          axes.map(({ name }) => name),
          of,
        ),
      );
    const failures = Object.fromEntries(this.#failures);
    this.#write(`failures${this.#part}.json`, `${JSON.stringify(failures, null, 1)}\n`);
    this.#write(`timings${this.#part}.json`, `${JSON.stringify(this.#seconds, null, 1)}\n`);
    if (this.#shard === null || states.every(({ status }) => status === 'done'))
      this.#write('results.csv', table(states));
    if (this.#shard)
      this.#write(`results${this.#part}.csv`, table(states.filter(({ status }) => status !== 'missing')));
  }

  close(): void {
    this.#lock.release();
  }

  #write(name: string, text: string): void {
    replaceFile(join(this.#plan.folder, name), text, noInputs);
  }
}

/** What is known of each run of a sweep, from its folder. */
export function statesOf(
  folder: string,
  runs: readonly {
    readonly id: string;
    readonly names: RunNames;
    readonly cell: { readonly labels: readonly string[] };
  }[],
  failures: ReadonlyMap<string, string> = new Map(),
): RunState[] {
  const known = new Map<string, Pick<RunState, 'end' | 'steps'>>();
  return runs.map(({ id, names, cell }) => {
    let found = known.get(id);
    if (!found) {
      const place = folderOf(folder, id);
      const end = readEnd(place) ?? null;
      found = { end, steps: end ? readSteps(place) : [] };
      known.set(id, found);
    }
    const error = failures.get(id) ?? null;
    const status = found.end ? 'done' : error === null ? 'missing' : 'failed';
    return { id, labels: cell.labels, names, status, error: found.end ? null : error, ...found };
  });
}

/** Seconds by run, of all parts that have written theirs. */
export function readTimings(folder: string): Record<string, number> {
  return ofAllParts(folder, 'timings') as Record<string, number>;
}

/** Why runs failed when they were last tried, by run. */
export function readFailures(folder: string): Record<string, string> {
  return ofAllParts(folder, 'failures') as Record<string, string>;
}

function ofAllParts(folder: string, what: string): object {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith(what)) : [];
  return Object.assign({}, ...names.sort().map((name) => readJson(join(folder, name)) ?? {})) as object;
}

/** Reads `sweep.json`; undefined where there is none. Throws RUN_FOLDER. */
export function readSweep(folder: string): SweepFileContent | undefined {
  return readJson(join(folder, 'sweep.json')) as SweepFileContent | undefined;
}

function readJson(file: string): unknown {
  const text = readIfThere(file);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch (thrown) {
    throw new QuorateError('RUN_FOLDER', {
      where: file,
      expected: 'a file that quorate sweep has written',
      got: messageOf(thrown),
      fix: 'Restore it, or remove it and start the sweep again: what is done stays done.',
      cause: thrown,
    });
  }
}
