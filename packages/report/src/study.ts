import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { QuorateError } from '@quorate/core';
import { readRunFile, readSteps, type StepRecord } from '@quorate/engine';
import { display, readIfThere } from '@quorate/host';
import { folderOf, readEnd, readFailures, readSweep, readTimings, statesOf, type RunState } from '@quorate/sweep';

/** One run, as a report sees it. */
export interface StudyRun extends RunState {
  /** What it is compared by: everything that sets it apart but its seed. */
  readonly condition: string;
  /** Runs of one panel are drawn together: the same data and the same workers. */
  readonly panel: string;
  /** The series within its panel: the method, most often. */
  readonly series: string;
  readonly folder: string;
  readonly seconds: number | null;
  /** Mean confidence of the labels that were delivered; null where they are on another machine. */
  readonly claimed: number | null;
}

export interface Study {
  readonly title: string;
  readonly axes: readonly string[];
  /** What the series differ in, in words: `method`. */
  readonly compared: string;
  readonly runs: readonly StudyRun[];
  /** Panels and series in the order of the grid. */
  readonly panels: readonly string[];
  readonly series: readonly string[];
}

/**
 * Reads the folder of a sweep, or folders of runs, into one study. Runs of several folders are told apart by the names of
 * their folders. Throws RUN_FOLDER for anything else.
 */
export function readStudy(folders: readonly string[], cwd: string): Study {
  const found = folders.map((folder) =>
    existsSync(join(folder, 'sweep.json')) ? sweepIn(folder) : runIn(folder, cwd),
  );
  const axes = [...new Set(found.flatMap((one) => one.axes))];
  const several = found.length > 1;
  const names = folders.map((folder) => display(folder, cwd));
  const runs = found.flatMap(({ runs: inside, sweep }, f) =>
    inside.map((run) =>
      several && sweep
        ? { ...run, series: `${run.series} (${names[f]})`, condition: `${run.condition} (${names[f]})` }
        : run,
    ),
  );
  return {
    title: names.join(', '),
    axes,
    compared: several ? 'run' : found[0]!.compared,
    runs,
    panels: [...new Set(runs.map(({ panel }) => panel))],
    series: [...new Set(runs.map(({ series }) => series))],
  };
}

interface Part {
  readonly axes: readonly string[];
  readonly compared: string;
  readonly sweep: boolean;
  readonly runs: readonly StudyRun[];
}

function sweepIn(folder: string): Part {
  const { axes, runs } = readSweep(folder)!;
  const names = axes.map(({ name }) => name);
  // Seeds, and what is a number of its own for each run and no setting, are what runs are repeated with.
  const settings = names.filter((name) => name !== 'seed' && !name.endsWith('.seed'));
  const compared = settings.includes('method') ? 'method' : (settings[0] ?? 'run');
  const failures = new Map(Object.entries(readFailures(folder)));
  const states = statesOf(
    folder,
    runs.map((run) => ({ ...run, cell: run })),
    failures,
  );
  const timings = readTimings(folder);
  return {
    axes: names,
    compared,
    sweep: true,
    runs: states.map((state): StudyRun => {
      const told = (of: readonly string[]): string =>
        of
          .map((name) => (of.length === 1 && name === compared ? '' : `${name} `) + state.labels[names.indexOf(name)]!)
          .join(', ');
      const place = folderOf(folder, state.id);
      return {
        ...state,
        condition: told(settings) || 'all runs',
        panel: told(settings.filter((name) => name !== compared)),
        series: settings.includes(compared) ? state.labels[names.indexOf(compared)]! : 'all runs',
        folder: place,
        seconds: timings[state.id] ?? null,
        claimed: claimedIn(place),
      };
    }),
  };
}

function runIn(folder: string, cwd: string): Part {
  const file = readRunFile(folder);
  if (!file) {
    throw new QuorateError('RUN_FOLDER', {
      where: display(folder, cwd),
      expected: 'the folder of a sweep or of a run',
      got: existsSync(folder) ? 'neither sweep.json nor run.json in it' : 'nothing of that name',
      fix: 'Name the folder that quorate sweep or quorate run has written.',
    });
  }
  const { config } = file;
  const steps = readSteps(folder);
  const text = (key: string): string | null => (typeof config[key] === 'string' ? config[key] : null);
  const names = {
    experiment: text('experiment'),
    method: text('method'),
    simulation: text('simulation'),
    seed: Number(config['seed'] ?? 0),
  };
  const name = display(folder, cwd);
  const run: StudyRun = {
    id: basename(folder),
    labels: [],
    names,
    status: steps.length > 0 ? 'done' : 'missing',
    error: null,
    end: readEnd(folder) ?? null,
    steps,
    condition: name,
    panel: '',
    series: name,
    folder,
    seconds: secondsIn(folder),
    claimed: claimedIn(folder),
  };
  return { axes: [], compared: 'run', sweep: false, runs: [run] };
}

function secondsIn(folder: string): number | null {
  const text = readIfThere(join(folder, 'timings.jsonl'));
  if (text === undefined) return null;
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.reduce((sum, line) => sum + (JSON.parse(line) as { seconds: number }).seconds, 0);
}

/** Mean of the column `confidence` of `labels.csv`: the share of right labels that the run claims. */
function claimedIn(folder: string): number | null {
  const text = readIfThere(join(folder, 'labels.csv'));
  if (text === undefined) return null;
  // Quoted fields may hold commas; confidence comes after the two fields that may be quoted.
  const field = /^(?:"(?:[^"]|"")*"|[^,]*),(?:"(?:[^"]|"")*"|[^,]*),([^,]*),/;
  let sum = 0;
  let tasks = 0;
  for (const line of text.split('\n').slice(1)) {
    const confidence = Number(field.exec(line)?.[1] ?? NaN);
    if (!Number.isFinite(confidence)) continue;
    sum += confidence;
    tasks++;
  }
  return tasks > 0 ? sum / tasks : null;
}

/** Accuracy of all labels after a step; null where the truth is not known. */
export function accuracyOf({ aggregate }: StepRecord): number | null {
  return aggregate?.all.top1 ?? null;
}
