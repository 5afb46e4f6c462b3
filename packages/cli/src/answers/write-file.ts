import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { QuorateError, isQuorateError, messageOf } from '@quorate/core';

/** Text is gathered up to this many characters before it goes to the file. */
const BATCH = 1 << 20;

/**
 * Writes chunks of text or bytes to a temporary file and renames it: at every instant the file is the old one or the new
 * one, whole. A folder that is not there is made.
 *
 * @param previous Where the old one goes, if it is to be kept.
 * @returns SHA-256 of what was written, in hex.
 */
export function writeChunks(file: string, chunks: Iterable<string | Uint8Array>, previous?: string): string {
  const hash = createHash('sha256');
  const temporary = `${file}.tmp`;
  let opened = false;
  try {
    makeFolder(dirname(file));
    const fd = openSync(temporary, 'w');
    opened = true;
    try {
      const put = (bytes: Uint8Array): void => {
        hash.update(bytes);
        for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done);
      };
      let text = '';
      for (const chunk of chunks) {
        if (typeof chunk !== 'string') put(chunk);
        else if ((text += chunk).length >= BATCH) {
          put(Buffer.from(text));
          text = '';
        }
      }
      put(Buffer.from(text));
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    if (previous !== undefined && existsSync(file)) renameSync(file, previous);
    renameSync(temporary, file);
    return hash.digest('hex');
  } catch (thrown) {
    // Below a file, even removing nothing fails.
    if (opened) rmSync(temporary, { force: true });
    if (isQuorateError(thrown)) throw thrown;
    throw new QuorateError('WRITE_FAILED', {
      where: file,
      expected: 'to write it',
      got: messageOf(thrown),
      fix: 'Make room or mend the permissions, or choose another --out. What was there before is as it was.',
      cause: thrown,
    });
  }
}

/** One by one: Node's own `recursive` never returns where a folder cannot be made below one that is there. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  mkdirSync(folder);
}
