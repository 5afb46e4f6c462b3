import { createWriteStream, existsSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { QuorateError, isQuorateError, messageOf, type AnswerOutput, type Registry } from '@quorate/core';
import { formatToWrite } from './format.js';

export interface WriteAnswersRequest extends Omit<AnswerOutput, 'name'> {
  /** A path against `cwd`, with `.gz` for gzip; or `-` for `stdout`. */
  readonly target: string;
  readonly stdout?: Writable;
  /** Name of a format; null: by the ending of the target. */
  readonly format: string | null;
  readonly options: Readonly<Record<string, unknown>>;
  readonly loaded: Registry | { readonly registry: Registry };
  readonly cwd: string;
  /** What must not be overwritten: the files that the answers came from. */
  readonly keep: readonly string[];
  /** Ends the writing; the target stays as it was. */
  readonly signal?: AbortSignal;
}

export interface WrittenAnswers {
  readonly format: string;
  /** What of the answers the format cannot hold. */
  readonly dropped: readonly string[];
}

/**
 * Writes answers in a format. The target is replaced at once when all is written, or stays as it was. Throws CONFIG_INVALID
 * for a format that is not there or not told by the name, WRITE_FAILED where the file cannot be written.
 */
export async function writeAnswers(request: WriteAnswersRequest): Promise<WrittenAnswers> {
  const { target, format, options, loaded, answers, labels, date, cwd, keep, stdout, signal } = request;
  const registry = 'registry' in loaded ? loaded.registry : loaded;
  const toPipe = target === '-';
  const name = toPipe ? 'stdout' : target.replace(/\.gz$/i, '');
  const chosen = await formatToWrite({ registry, format, options, name });
  const output: AnswerOutput = { answers, labels, name, date };
  const dropped = [...(chosen.part.drops?.(output) ?? [])];
  if (answers.origin !== null && answers.origin.format !== chosen.name) {
    dropped.push(`task data and names of controls that only ${answers.origin.format} keeps`);
  }
  const content = Readable.from(bytesOf(chosen.part.write(output)), { objectMode: false });
  if (toPipe) {
    if (stdout) await pipeline(content, stdout, { end: false, ...(signal ? { signal } : {}) });
  } else {
    const zipped = /\.gz$/i.test(target);
    await replaceFile(placeOf(target, cwd, keep), target, zipped ? [content, createGzip()] : [content], signal);
  }
  await chosen.part.dispose?.();
  return { format: chosen.name, dropped };
}

async function* bytesOf(
  chunks: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of chunks) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
}

/** Where to write: what a link leads to. Refuses a folder and what must be kept. */
function placeOf(target: string, cwd: string, keep: readonly string[]): string {
  const real = (file: string): string => {
    const path = resolve(cwd, file);
    return existsSync(path) ? realpathSync(path) : path;
  };
  const path = real(target);
  if (keep.some((one) => real(one) === path)) {
    const expected = 'another file than the one that is read';
    throw new QuorateError('WRITE_FAILED', { where: target, expected, got: 'the same', fix: 'Name another file.' });
  }
  if (existsSync(path) && statSync(path).isDirectory()) {
    const fix = 'Name a file in it.';
    throw new QuorateError('WRITE_FAILED', { where: target, expected: 'a file', got: 'a folder', fix });
  }
  return path;
}

/** Writes beside the target and renames: whatever happens, the target is the old file or the new one, whole. */
async function replaceFile(
  path: string,
  target: string,
  content: readonly (Readable | NodeJS.ReadWriteStream)[],
  signal: AbortSignal | undefined,
): Promise<void> {
  // A device or a pipe is written to, not replaced.
  const replaces = !existsSync(path) || statSync(path).isFile();
  const file = replaces ? join(dirname(path), `.${basename(path)}.${process.pid}.tmp`) : path;
  try {
    await pipeline([...content, createWriteStream(file)], signal ? { signal } : {});
    if (!replaces) return;
    const written = await open(file, 'r+');
    try {
      await written.sync();
    } finally {
      await written.close();
    }
    renameSync(file, path);
  } catch (thrown) {
    if (replaces && existsSync(file)) rmSync(file);
    if (isQuorateError(thrown) || signal?.aborted) throw thrown;
    throw new QuorateError('WRITE_FAILED', {
      where: target,
      expected: 'to write it',
      got: messageOf(thrown),
      fix: 'Make room or mend the permissions; the folder has to be there.',
      cause: thrown,
    });
  }
}
