import { createHash } from 'node:crypto';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { QuorateError, argmax, messageOf, type Beliefs, type Dataset } from '@quorate/core';
import type { Delivery } from './audit.js';
import type { StepRecord } from './loop.js';
import type { Journal } from './store.js';
import { AppendFile, makeFolder, readIfThere, writeWhole, writing } from './write.js';

/** What `run.json` says: enough to run the same again, and to notice when something is not the same. */
export interface RunFile {
  readonly format: 1;
  readonly api: string;
  /** The complete configuration, defaults filled in. */
  readonly config: Readonly<Record<string, unknown>>;
  /** The configuration file, relative to the working directory; null without one. */
  readonly configFile: string | null;
  readonly plugins: readonly { readonly name: string; readonly version: string | null }[];
  readonly data: { readonly hash: string; readonly description: string };
  /**
   * The learner backends that computed the run, by name: what `auto` chose, and another one where the run was resumed
   * with it by name. Empty without a learner; absent in the runs of earlier versions.
   */
  readonly backends?: readonly string[];
}

/** SHA-256 of a JSON value, keys in their order. */
export function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}

/** Reads `run.json` of a run folder; undefined where there is none. Throws RUN_FOLDER when it cannot be read. */
export function readRunFile(folder: string): RunFile | undefined {
  const file = join(folder, 'run.json');
  const text = readIfThere(file);
  if (text === undefined) return undefined;
  try {
    const parsed = JSON.parse(text) as RunFile;
    if (parsed.format !== 1) throw new Error(`its format is ${JSON.stringify(parsed.format)}, this version reads 1`);
    return parsed;
  } catch (thrown) {
    throw new QuorateError('RUN_FOLDER', {
      where: file,
      expected: 'the description of a run',
      got: messageOf(thrown),
      fix: 'Use another --out, or restore the file.',
      cause: thrown,
    });
  }
}

/** The lines of `steps.jsonl`; a last line that was cut short is left out. */
export function readSteps(folder: string): StepRecord[] {
  const text = readIfThere(join(folder, 'steps.jsonl')) ?? '';
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as StepRecord);
}

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

/** The files of one run, opened for writing. One process at a time. */
export class RunFolder {
  readonly annotations: AppendFile;
  readonly steps: AppendFile;
  readonly timings: AppendFile;
  readonly #lock: string;

  /** Makes the folder and its `run.json` before any other file: a folder without one is not touched by `--resume`. */
  constructor(
    readonly path: string,
    run: RunFile,
  ) {
    makeFolder(path);
    this.#lock = join(path, 'lock');
    takeLock(this.#lock, path);
    const runFile = join(path, 'run.json');
    const there = readRunFile(path);
    const { backends } = run;
    if (!there) writeWhole(runFile, `${JSON.stringify(run, null, 2)}\n`);
    else if (backends && backends.length > (there.backends ?? []).length) {
      writeWhole(runFile, `${JSON.stringify({ ...there, backends }, null, 2)}\n`);
    }
    this.annotations = new AppendFile(join(path, 'annotations.csv'));
    this.steps = new AppendFile(join(path, 'steps.jsonl'));
    this.timings = new AppendFile(join(path, 'timings.jsonl'));
  }

  /** Appends the journal's entries from number `first` on, and returns when they are on the disk. */
  appendAnnotations(journal: Journal, first: number): void {
    let text = this.annotations.bytes === 0 ? ANNOTATIONS_HEADER : '';
    for (let a = first; a < journal.entries; a++) text += annotationLine(journal, a);
    this.annotations.append(text);
    this.annotations.sync();
  }

  /**
   * Brings `annotations.csv` to what the journal holds: cuts off answers of a step that was not saved (they are asked
   * again, with the same result), writes it again where it is missing or short, and refuses one that says otherwise.
   */
  matchAnnotations(journal: Journal, note: (message: string) => void): void {
    let expected = ANNOTATIONS_HEADER;
    for (let a = 0; a < journal.entries; a++) expected += annotationLine(journal, a);
    const there = readIfThere(this.annotations.file) ?? '';
    if (there.startsWith(expected)) {
      this.annotations.truncate(Buffer.byteLength(expected));
    } else if (expected.startsWith(there)) {
      note(`${this.annotations.file} was missing answers; they were written again from the checkpoint.`);
      this.annotations.append(expected.slice(there.length));
      this.annotations.sync();
    } else {
      throw new QuorateError('RUN_FOLDER', {
        where: this.annotations.file,
        expected: 'the answers that the checkpoint holds',
        got: 'others',
        fix: 'Put the original file back, or move it away to have it written again from the checkpoint.',
      });
    }
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

  /** `labels.csv`, `workers.csv` and, after an audit, `audit.json`; each replaced as a whole. */
  writeResults(dataset: Dataset, journal: Journal, beliefs: Beliefs, riskThreshold: number, audit?: Delivery): void {
    writeWhole(join(this.path, 'labels.csv'), labelsCsv(dataset, journal, beliefs, riskThreshold, audit));
    writeWhole(join(this.path, 'workers.csv'), workersCsv(dataset, journal, beliefs));
    if (audit?.report) writeWhole(join(this.path, 'audit.json'), `${JSON.stringify(audit.report, null, 2)}\n`);
  }

  close(): void {
    for (const file of [this.annotations, this.steps, this.timings]) file.close();
    rmSync(this.#lock, { force: true });
  }
}

/** Throws RUN_FOLDER where another process that is alive holds the lock. */
export function takeLock(file: string, where: string, what = 'a folder'): void {
  const mine = `${process.pid} ${hostname()}`;
  const theirs = readIfThere(file);
  if (theirs !== undefined && theirs !== mine && isAlive(theirs)) {
    throw new QuorateError('RUN_FOLDER', {
      where,
      expected: `${what} that no other process is using`,
      got: `process ${theirs}`,
      fix: `Wait for it to end. If it is not running any more, remove ${file}.`,
    });
  }
  writing(file, () => writeFileSync(file, mine));
}

/** Is the process that wrote this lock running? On another machine nobody can tell: then yes. */
function isAlive(lock: string): boolean {
  const [pid, host] = lock.split(' ');
  if (host !== hostname()) return true;
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM';
  }
}

const ANNOTATIONS_HEADER = 'task,worker,label,step\n';

function annotationLine(journal: Journal, a: number): string {
  const { task, worker, label, step } = journal.entry(a);
  return `${csvField(task)},${csvField(worker)},${label === null ? '' : csvField(label)},${step}\n`;
}

/** RFC 4180: quotes a field that needs it. An empty one too, since an empty label means a retraction. */
export function csvField(text: string): string {
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function labelsCsv(
  dataset: Dataset,
  journal: Journal,
  { posterior, risk }: Beliefs,
  riskThreshold: number,
  audit: Delivery | undefined,
): string {
  const K = dataset.classes.length;
  const lines = [`task,label,confidence,annotations,valid${audit ? ',audited,needs_review' : ''}\n`];
  for (let i = 0; i < risk.length; i++) {
    const confidence = 1 - risk[i]!;
    // A row of zeros (majority vote without a vote) says nothing: no label rather than the first class.
    const k = audit ? audit.label[i]! : argmax(posterior, i * K, K);
    const label = confidence > 0 ? csvField(String(dataset.classes[k]!)) : '';
    const checked = audit ? `,${audit.audited[i] === 1},${audit.needsReview[i] === 1}` : '';
    lines.push(
      `${csvField(dataset.taskIds[i]!)},${label},${fixed(confidence)},${journal.view.perItem[i]},${risk[i]! <= riskThreshold}${checked}\n`,
    );
  }
  return lines.join('');
}

/** Skill is the mean over classes of P(names k | truth is k); agreement the share of answers equal to the label. */
export function workersCsv(dataset: Dataset, journal: Journal, { posterior, workers }: Beliefs): string {
  const K = dataset.classes.length;
  const { view } = journal;
  const labelOf = Int32Array.from({ length: view.items }, (_, i) => argmax(posterior, i * K, K));
  const lines = ['worker,annotations,skill,agreement\n'];
  for (let j = 0; j < view.workers; j++) {
    let skill = 0;
    for (let k = 0; k < K; k++) skill += workers.probability[(j * K + k) * K + k]! / K;
    let agreed = 0;
    for (let a = view.firstOfWorker[j]!; a >= 0; a = view.nextOfWorker[a]!) {
      if (labelOf[view.item[a]!] === view.label[a]) agreed++;
    }
    const count = view.perWorker[j]!;
    const agreement = count > 0 ? fixed(agreed / count) : '';
    lines.push(`${csvField(journal.workerIds[j]!)},${count},${fixed(skill)},${agreement}\n`);
  }
  return lines.join('');
}

/** Six decimals, no trailing zeros. */
function fixed(x: number): string {
  return String(Number(x.toFixed(6)));
}

/** True when the folder holds nothing of a run. */
export function isFree(folder: string): boolean {
  return !existsSync(folder) || readdirSync(folder).every((name) => name === 'lock' || name === 'run.json.tmp');
}

const namesOfRun = ['run.json', 'annotations.csv', 'steps.jsonl', 'timings.jsonl', 'lock', 'run.json.tmp'];

/** True for the folder of a run that failed before anybody was asked: there is nothing in it to lose. */
export function isUnused(folder: string): boolean {
  if (!existsSync(join(folder, 'run.json'))) return false;
  const answers = (readIfThere(join(folder, 'annotations.csv')) ?? '').length > ANNOTATIONS_HEADER.length;
  return !answers && readdirSync(folder).every((name) => namesOfRun.includes(name));
}

/** Removes what an unused run left behind, but not the lock of a process that may be at work. */
export function clearUnused(folder: string): void {
  for (const name of namesOfRun.filter((name) => name !== 'lock')) rmSync(join(folder, name), { force: true });
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
