import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { QuorateError, clipped } from '@quorate/core';
import { Lock, completed, isTree, makeFolder, removeEmpty } from '@quorate/host';
import { namesBackend } from '../run/backends.js';
import type { OpenRunRequest, RunFile } from '../run/records.js';
import { hashOf, readRunFile } from './run-file.js';
import { clearUnused, isFree, isUnused } from './run-folder.js';

/** A folder that is this process's to write in. */
export interface Claim {
  readonly lock: Lock;
  /** What the folder holds of the run to be resumed. */
  readonly earlier: RunFile | undefined;
  /** Leaves the folder as it was found. */
  giveUp(): void;
}

interface EarlierRun extends RunFile {
  /** Options of this version that the run did not know, as `section.option=value`. */
  readonly added?: readonly string[];
}

/** Takes the lock of a run's folder, and only then looks at what is in it. Throws RUN_FOLDER. */
export function claimFolder(request: OpenRunRequest): Claim {
  const { folder, resume, onNote = () => undefined } = request;
  // Not even a lock is put into a folder that is somebody else's.
  checkFolder(request);
  const made = makeFolder(folder);
  const lock = Lock.take(join(folder, 'lock'), { where: folder, what: 'a folder', onNote });
  const giveUp = (): void => {
    lock.release();
    removeEmpty(made);
  };
  try {
    const earlier = checkFolder(request);
    if (earlier?.added && earlier.added.length > 0) {
      onNote(
        `The run was started by a version that did not know these options, which now have their defaults: ${clipped(earlier.added.join(', '))}.`,
      );
    }
    if (!resume && isUnused(folder)) clearUnused(folder);
    return { lock, earlier, giveUp };
  } catch (thrown) {
    giveUp();
    throw thrown;
  }
}

/** The folder is free, or (to resume) holds this run, which is returned. */
function checkFolder({ folder, resume, prepared }: OpenRunRequest): EarlierRun | undefined {
  if (existsSync(folder) && !statSync(folder).isDirectory()) {
    throw new QuorateError('RUN_FOLDER', {
      where: folder,
      expected: 'a folder',
      got: 'a file',
      fix: 'Choose another --out.',
    });
  }
  if (!resume && !isFree(folder) && !isUnused(folder)) {
    throw new QuorateError('RUN_FOLDER', {
      where: folder,
      expected: 'an empty folder for a new run',
      got: 'one that holds files already',
      fix: 'Add --resume to continue the run in it, or choose another --out.',
    });
  }
  const there = resume ? readRunFile(folder) : undefined;
  if (resume && !there && !isFree(folder)) {
    throw new QuorateError('RUN_FOLDER', {
      where: folder,
      expected: 'the folder of a run, with its run.json',
      got: 'a folder that holds other files',
      fix: 'Choose another --out; nothing in it was touched.',
    });
  }
  if (!there) return undefined;
  const wanted = prepared.config.resolved;
  if (hashOf(there.config) !== hashOf(wanted)) {
    const whole = completed(there.config, prepared);
    if (whole && hashOf(whole) === hashOf(wanted)) return { ...there, added: addedTo(there.config, whole) };
  }
  const keys = [...new Set([...Object.keys(there.config), ...Object.keys(wanted)])];
  const other = keys.filter((key) => hashOf(there.config[key] ?? null) !== hashOf(wanted[key] ?? null));
  if (other.length === 0 || (other.length === 1 && namesBackend(there.config, wanted))) return there;
  const [key] = other as [string];
  const show = (config: Readonly<Record<string, unknown>>): string => `${key}=${JSON.stringify(config[key] ?? null)}`;
  throw new QuorateError('RUN_FOLDER', {
    where: folder,
    expected: `the configuration that the run in it was started with (${show(there.config)})`,
    got: `${show(wanted)}${other.length > 1 ? ` and other values of ${other.slice(1).join(', ')}` : ''}`,
    fix: 'Use --resume without changes, or another --out for the changed run.',
  });
}

/** What one configuration has and another lacks, as words of the command line. */
function addedTo(
  before: Readonly<Record<string, unknown>>,
  now: Readonly<Record<string, unknown>>,
  path: readonly string[] = [],
): string[] {
  return Object.entries(now).flatMap(([key, value]) => {
    const [here, old] = [[...path, key], before[key]];
    if (isTree(value) && isTree(old)) return addedTo(old, value, here);
    return Object.hasOwn(before, key) ? [] : [`${here.join('.')}=${JSON.stringify(value)}`];
  });
}
