import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { QuorateError, isQuorateError, messageOf } from '@quorate/core';

/** Runs what writes `file`; a failure (disk full, no permission) becomes WRITE_FAILED. */
export function writing<R>(file: string, write: () => R): R {
  try {
    return write();
  } catch (thrown) {
    if (isQuorateError(thrown)) throw thrown;
    throw new QuorateError('WRITE_FAILED', {
      where: file,
      expected: 'to write it',
      got: messageOf(thrown),
      fix: 'What was saved before is whole. Make room or mend the permissions, then run again with --resume.',
      cause: thrown,
    });
  }
}

/**
 * Makes a folder and those above it, one by one: Node's own `recursive` never returns where a folder cannot be made
 * below one that is there (`/proc/x`).
 */
export function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  writing(folder, () => mkdirSync(folder));
}

/** Replaces a file so that at every instant it is either the old or the new one, whole, also after a power cut. */
export function writeWhole(file: string, content: string | Buffer, beforeRename: () => void = () => undefined): void {
  const temporary = `${file}.tmp`;
  writing(file, () => {
    try {
      const fd = openSync(temporary, 'w');
      try {
        writeAll(fd, typeof content === 'string' ? Buffer.from(content) : content);
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
      beforeRename();
      renameSync(temporary, file);
    } catch (thrown) {
      rmSync(temporary, { force: true });
      throw thrown;
    }
  });
}

function writeAll(fd: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done);
}

/** A text file that only grows, or is cut back to a length that it had. */
export class AppendFile {
  readonly #fd: number;
  #bytes: number;

  constructor(readonly file: string) {
    this.#fd = writing(file, () => openSync(file, 'a+'));
    this.#bytes = fstatSync(this.#fd).size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  append(text: string): void {
    const bytes = Buffer.from(text);
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

/** The text of a file, or undefined where there is none. */
export function readIfThere(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
