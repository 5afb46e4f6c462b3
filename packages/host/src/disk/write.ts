import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  rmdirSync,
  statSync,
  writeSync,
} from 'node:fs';
import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { QuorateError } from '@quorate/core';
import { Inputs, standingAt } from './inputs.js';
import { writing } from './failure.js';

export type Chunks = Iterable<string | Uint8Array>;
export type AsyncChunks = Chunks | AsyncIterable<string | Uint8Array>;

/** Text is gathered up to this many characters before it goes to the file. */
const BATCH = 1 << 16;

/**
 * Makes a folder and those above it, one by one: Node's own `recursive` never returns where a folder cannot be made
 * below one that is there (`/proc/x`).
 *
 * @returns those that it made, the highest first.
 */
export function makeFolder(folder: string): readonly string[] {
  if (existsSync(folder)) {
    if (statSync(folder).isDirectory()) return [];
    throw new QuorateError('WRITE_FAILED', {
      ...{ where: folder, expected: 'a folder to write into', got: 'a file', fix: 'Name a folder, or another place.' },
    });
  }
  const above = makeFolder(dirname(folder));
  return writing(folder, () => {
    try {
      mkdirSync(folder);
      return [...above, folder];
    } catch (thrown) {
      // Another process has made it.
      if ((thrown as NodeJS.ErrnoException).code === 'EEXIST') return above;
      throw thrown;
    }
  });
}

/** Removes folders that `makeFolder` made, as far as nothing is in them. */
export function removeEmpty(folders: readonly string[]): void {
  try {
    for (const folder of [...folders].reverse()) rmdirSync(folder);
  } catch {
    // Something is in it by now.
  }
}

/** Where a file is written before it gets its name. Whoever writes it holds a lock. */
export function temporaryOf(file: string): string {
  return join(dirname(file), `.${basename(file)}.tmp`);
}

/**
 * Replaces a file so that at every instant it is either the old or the new one, whole, also after a power cut. The caller
 * holds a lock. Throws OUTPUT_TAKEN for what must not be replaced (`standingAt`), WRITE_FAILED.
 *
 * @param previous Where the old one stays, if it is to be kept.
 */
export function replaceFile(file: string, content: string | Uint8Array, inputs: Inputs, previous?: string): void {
  writing(file, () => {
    if (standingAt(file, inputs) === 'stream') throw new Error('it is a device or a pipe');
    const temporary = newTemporary(file);
    try {
      const { fd } = temporary;
      try {
        writeAll(fd, typeof content === 'string' ? Buffer.from(content) : content);
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
      if (previous !== undefined && existsSync(file)) keepAs(file, previous, inputs);
      renameSync(temporary.path, file);
    } catch (thrown) {
      rmSync(temporary.path, { force: true });
      throw thrown;
    }
  });
}

/** Gives the file a second name, so that the first is never without it. */
function keepAs(file: string, previous: string, inputs: Inputs): void {
  if (standingAt(previous, inputs) === 'stream') throw new Error(`${previous} is a device or a pipe`);
  const temporary = temporaryOf(previous);
  rmSync(temporary, { force: true });
  try {
    linkSync(file, temporary);
  } catch {
    // Not every file system has hard links.
    copyFileSync(file, temporary, constants.COPYFILE_EXCL);
  }
  renameSync(temporary, previous);
  // Renaming onto another name of the same file does nothing: a killed call had kept it already.
  rmSync(temporary, { force: true });
}

/** Copies a file, so that at every instant the copy is there whole or not at all. Throws as `replaceFile`. */
export function copyWhole(from: string, to: string, inputs: Inputs): void {
  writing(to, () => {
    if (standingAt(to, inputs) === 'stream') throw new Error('it is a device or a pipe');
    const temporary = temporaryOf(to);
    rmSync(temporary, { force: true });
    copyFileSync(from, temporary, constants.COPYFILE_EXCL);
    renameSync(temporary, to);
  });
}

/** Gives a file that was written under another name its own. Throws as `replaceFile`. */
export function giveName(written: string, file: string, inputs: Inputs): void {
  writing(file, () => {
    if (standingAt(file, inputs) === 'stream') throw new Error('it is a device or a pipe');
    renameSync(written, file);
  });
}

/**
 * Writes chunks to the temporary of a file.
 *
 * @returns SHA-256 of what was written, in hex.
 */
export async function writeTemporary(file: string, chunks: AsyncChunks): Promise<string> {
  const temporary = writing(file, () => newTemporary(file));
  try {
    const hash = await writeChunks(temporary.fd, chunks);
    writing(file, () => fsyncSync(temporary.fd));
    return hash;
  } catch (thrown) {
    rmSync(temporary.path, { force: true });
    throw thrown;
  } finally {
    closeSync(temporary.fd);
  }
}

/** Writes chunks to a device or a pipe. */
export async function writeStream(file: string, chunks: AsyncChunks): Promise<string> {
  const fd = writing(file, () => openSync(file, constants.O_WRONLY | constants.O_APPEND));
  try {
    return await writeChunks(fd, chunks);
  } finally {
    closeSync(fd);
  }
}

async function writeChunks(fd: number, chunks: AsyncChunks): Promise<string> {
  const hash = createHash('sha256');
  const put = async (bytes: Uint8Array): Promise<void> => {
    hash.update(bytes);
    writeAll(fd, bytes);
    // Chunks may come without ever waiting for anything: signals must be heard all the same.
    await new Promise((resolve) => setImmediate(resolve));
  };
  let text = '';
  for await (const chunk of chunks) {
    if (typeof chunk === 'string') text += chunk;
    else {
      if (text !== '') await put(Buffer.from(text));
      text = '';
      await put(chunk);
    }
    if (text.length < BATCH) continue;
    await put(Buffer.from(text));
    text = '';
  }
  if (text !== '') await put(Buffer.from(text));
  return hash.digest('hex');
}

/** Never through a link that somebody has put there. */
function newTemporary(file: string): { readonly path: string; readonly fd: number } {
  const path = temporaryOf(file);
  rmSync(path, { force: true });
  return { path, fd: openSync(path, 'wx') };
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done);
}

/** A file of ours, opened to be written in place: a regular one, not through a link. `flags` of `fs.constants`. */
export function openInPlace(file: string, flags: number, inputs: Inputs): number {
  return writing(file, () => {
    if (standingAt(file, inputs) === 'stream') throw new Error('it is a device or a pipe');
    return openSync(file, flags | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0));
  });
}

/** A file that only grows, or is cut back to a length that it had. */
export class AppendFile {
  readonly #fd: number;
  #bytes: number;

  constructor(
    readonly file: string,
    inputs: Inputs = new Inputs(),
  ) {
    this.#fd = openInPlace(file, constants.O_RDWR | constants.O_APPEND, inputs);
    this.#bytes = fstatSync(this.#fd).size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  append(content: string | Uint8Array): void {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    writing(this.file, () => writeAll(this.#fd, bytes));
    this.#bytes += bytes.length;
  }

  truncate(bytes: number): void {
    writing(this.file, () => ftruncateSync(this.#fd, bytes));
    this.#bytes = bytes;
  }

  /** Returns when what was appended is on the disk. */
  sync(): void {
    writing(this.file, () => fsyncSync(this.#fd));
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/** Removes files of ours; what is not there is no mistake. A link is removed, not what it leads to. */
export function removeFiles(...files: readonly string[]): void {
  for (const file of files) writing(file, () => rmSync(file, { force: true }));
}

/** The text of a file, or undefined where there is none. */
export function readIfThere(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/**
 * Gives a folder of ours its final name, at once and whole.
 *
 * @returns False where a folder that holds something has the name already: then nothing has changed.
 */
export function giveFolderName(folder: string, name: string): boolean {
  return writing(name, () => {
    try {
      renameSync(folder, name);
      return true;
    } catch (thrown) {
      if (['ENOTEMPTY', 'EEXIST'].includes((thrown as NodeJS.ErrnoException).code ?? '')) return false;
      throw thrown;
    }
  });
}

/** Removes a folder that we made, and all in it. A link is removed, not what it leads to. */
export function removeFolder(folder: string): void {
  writing(folder, () => rmSync(folder, { recursive: true, force: true }));
}
