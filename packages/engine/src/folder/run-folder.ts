import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { QuorateError, type Beliefs, type Dataset } from '@quorate/core';
import type { Delivery } from '../audit/report.js';
import type { ModelReport } from '../models/models.js';
import type { Journal } from '../run/journal.js';
import {
  AppendFile,
  Inputs,
  makeFolder,
  readIfThere,
  removeFiles,
  replaceFile,
  temporaryOf,
  type Lock,
} from '@quorate/host';
import type { RunFile } from '../run/records.js';
import { ANSWERS_HEADER, AnswersFile } from './answers-file.js';
import { confusionsCsv, labelsCsv, modelsCsv, workersCsv } from './results.js';
import { readRunFile } from './run-file.js';

/**
 * Where a run goes when the user names no folder: `runs/<name>`, or `runs/<name>-2`, ... when that is taken. With
 * `resume` the last one that exists.
 */
export function defaultFolder(config: RunNames, cwd: string, { resume }: { resume: boolean }): string {
  const parts = [config.experiment, config.method, config.simulation].filter((name) => name !== null);
  const name = config.name ?? [...parts, `seed${config.seed}`].join('-');
  const first = resolve(cwd, 'runs', name);
  const parent = dirname(first);
  const stem = basename(first);
  let taken = 0;
  for (const entry of existsSync(parent) ? readdirSync(parent) : []) {
    if (entry === stem) taken = Math.max(taken, 1);
    const number = entry.startsWith(`${stem}-`) ? Number(entry.slice(stem.length + 1)) : Number.NaN;
    if (Number.isInteger(number) && number > 1) taken = Math.max(taken, number);
  }
  const number = resume ? Math.max(1, taken) : taken + 1;
  return number === 1 ? first : `${first}-${number}`;
}
interface RunNames {
  readonly name: string | null;
  readonly experiment: string | null;
  readonly method: string | null;
  readonly simulation: string | null;
  readonly seed: number;
}

/** The folder was free when the run began: no file that a run reads can be one of those that it writes. */
const noInputs = new Inputs();

/** The files of one run, opened for writing by the process that holds its lock. */
export class RunFolder {
  readonly annotations: AnswersFile;
  /** What models have answered; null where none does. */
  readonly models: AnswersFile | null;
  readonly steps: AppendFile;
  readonly timings: AppendFile;

  /** Writes `run.json` before any other file: a folder without one is not touched by `--resume`. */
  constructor(
    readonly path: string,
    run: RunFile,
    readonly lock: Lock,
    { models }: { readonly models: boolean },
  ) {
    const runFile = join(path, 'run.json');
    const there = readRunFile(path);
    const { backends } = run;
    if (!there) replaceFile(runFile, `${JSON.stringify(run, null, 2)}\n`, noInputs);
    else if (backends && backends.length > (there.backends ?? []).length) {
      replaceFile(runFile, `${JSON.stringify({ ...there, backends }, null, 2)}\n`, noInputs);
    }
    this.annotations = new AnswersFile(join(path, 'annotations.csv'));
    this.models = models ? new AnswersFile(join(path, 'model-answers.csv')) : null;
    this.steps = new AppendFile(join(path, 'steps.jsonl'));
    this.timings = new AppendFile(join(path, 'timings.jsonl'));
  }

  /** Drops the timings of `step` and later ones, which are measured again. Their lengths are in no checkpoint. */
  cutTimings(step: number): void {
    let bytes = 0;
    for (const line of (readIfThere(this.timings.file) ?? '').split('\n')) {
      if (!line.startsWith('{"step":') || Number.parseInt(line.slice(8), 10) >= step) break;
      bytes += line.length + 1;
    }
    this.timings.truncate(bytes);
  }

  /** What is believed after a step: `beliefs/step-00012.parquet`. */
  async writeBeliefs(dataset: Dataset, journal: Journal, beliefs: Beliefs, step: number): Promise<void> {
    const { beliefsParquet } = await import('./beliefs-table.js');
    makeFolder(join(this.path, 'beliefs'));
    const name = `step-${String(step).padStart(5, '0')}.parquet`;
    replaceFile(join(this.path, 'beliefs', name), await beliefsParquet(dataset, journal.view, beliefs), noInputs);
  }

  /** `confusions.csv`. */
  writeConfusions(dataset: Dataset, journal: Journal, beliefs: Beliefs): void {
    replaceFile(join(this.path, 'confusions.csv'), confusionsCsv(dataset, journal, beliefs), noInputs);
  }

  /** `labels.csv`, `workers.csv` and, after an audit, `audit.json`; each replaced as a whole. */
  writeResults(dataset: Dataset, journal: Journal, delivery: Delivery, riskThreshold: number): void {
    const write = (name: string, text: string): void => replaceFile(join(this.path, name), text, noInputs);
    write('labels.csv', labelsCsv(dataset, journal, delivery, riskThreshold));
    write('workers.csv', workersCsv(dataset, journal, delivery.beliefs));
    const { report } = delivery;
    if (report) write('audit.json', `${JSON.stringify(report, null, 2)}\n`);
  }

  /** `models.csv`. */
  writeModels(models: readonly ModelReport[]): void {
    replaceFile(join(this.path, 'models.csv'), modelsCsv(models), noInputs);
  }

  close(): void {
    for (const file of [this.annotations, this.models, this.steps, this.timings]) file?.close();
    this.lock.release();
  }
}

/** What a process leaves behind that ended while it took the lock or wrote `run.json`. */
const leftovers = ['lock', 'lock.stale', 'lock.tmp', temporaryOf('run.json'), 'run.json.tmp'];

/** True when the folder holds nothing of a run. */
export function isFree(folder: string): boolean {
  return !existsSync(folder) || readdirSync(folder).every((name) => leftovers.includes(name));
}

const namesOfUnused = [
  'run.json',
  'annotations.csv',
  'model-answers.csv',
  'steps.jsonl',
  'timings.jsonl',
  ...leftovers,
];

/** True for the folder of a run that failed before anybody was asked: there is nothing in it to lose. */
export function isUnused(folder: string): boolean {
  if (!existsSync(join(folder, 'run.json'))) return false;
  const answers = ['annotations.csv', 'model-answers.csv'].some((name) => {
    return (readIfThere(join(folder, name)) ?? '').length > ANSWERS_HEADER.length;
  });
  return !answers && readdirSync(folder).every((name) => namesOfUnused.includes(name));
}

/** Removes what an unused run left behind, by the process that holds its lock. `run.json` goes last: it says what it is. */
export function clearUnused(folder: string): void {
  const [runFile, ...rest] = namesOfUnused.filter((name) => !name.startsWith('lock'));
  removeFiles(...[...rest, runFile!].map((name) => join(folder, name)));
}

/**
 * A run without a checkpoint starts again, and `annotations.csv` with it. That is right for the answers of a first step
 * that was not saved; anything more means that the checkpoints were taken away. Throws CHECKPOINT_DAMAGED.
 */
export function checkNothingToLose(folder: string): void {
  const text = readIfThere(join(folder, 'annotations.csv')) ?? '';
  const later = text.split('\n').filter((line) => /,[0-9]+$/.test(line) && !line.endsWith(',1')).length;
  if (later === 0) return;
  throw new QuorateError('CHECKPOINT_DAMAGED', {
    where: folder,
    expected: 'a checkpoint beside annotations.csv',
    got: `none, and answers of later steps (${later})`,
    fix: 'Bring the checkpoint back, or move annotations.csv to a safe place and start again with another --out.',
  });
}
