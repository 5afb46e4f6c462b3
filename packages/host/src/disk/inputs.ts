import { lstatSync, statSync, type Stats } from 'node:fs';
import { QuorateError } from '@quorate/core';
import { writing } from './failure.js';

/** Files that a command reads: nothing is written onto them, by whatever name, link or hard link they are called. */
export class Inputs {
  readonly #files = new Map<string, string>();

  constructor(files: Iterable<string> = []) {
    for (const file of files) this.add(file);
  }

  /** @param name As people know it. A file that is not there, or no regular file, needs no protection. */
  add(file: string, name = file): void {
    const there = statSync(file, { throwIfNoEntry: false });
    if (there && !there.isCharacterDevice() && !there.isDirectory()) this.#files.set(identity(there), name);
  }

  /** The name of the input that this file is; undefined for any other. */
  nameOf(file: Stats): string | undefined {
    return this.#files.get(identity(file));
  }
}

function identity({ dev, ino }: Stats): string {
  return `${dev}:${ino}`;
}

/**
 * What stands where a file is to be written: nothing or a regular file, which is replaced, or a device or pipe, which is
 * written to. Throws OUTPUT_TAKEN for everything else: a folder, a symbolic link, a file that is read.
 */
export function standingAt(
  file: string,
  inputs: Inputs,
  name = file,
  advice = 'Name another file.',
): 'nothing' | 'file' | 'stream' {
  const link = writing(name, () => lstatUnder(file));
  if (!link) return 'nothing';
  const there = link.isSymbolicLink() ? statSync(file, { throwIfNoEntry: false }) : link;
  const input = there && inputs.nameOf(there);
  if (input !== undefined) {
    throw refused(name, 'another file than those that are read', `the same file as ${input}`, advice);
  }
  if (there && (there.isCharacterDevice() || there.isFIFO())) return 'stream';
  if (link.isSymbolicLink()) {
    // `/dev/stdout` is a link to whatever the shell has put there.
    if (/^\/(dev|proc)\//.test(file)) return 'stream';
    throw refused(name, 'a file, or nothing of that name', 'a symbolic link', 'Name the file that it leads to.');
  }
  if (link.isFile()) return 'file';
  const got = link.isDirectory() ? 'a folder' : 'something that is no file';
  throw refused(
    name,
    'a file, or nothing of that name',
    got,
    link.isDirectory() ? 'Name a file in it.' : 'Name a file.',
  );
}

/** Below a file there is nothing. */
function lstatUnder(file: string): Stats | undefined {
  try {
    return lstatSync(file, { throwIfNoEntry: false });
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw thrown;
  }
}

function refused(where: string, expected: string, got: string, fix: string): QuorateError {
  return new QuorateError('OUTPUT_TAKEN', { where, expected, got, fix });
}
