import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Readable, pipeline, type Writable } from 'node:stream';
import { pipeline as piped } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { QuorateError, type AnswerOutput, type Registry } from '@quorate/core';
import {
  closeFormat,
  formatError,
  formatToWrite,
  inFormat,
  writeOutputs,
  type Chosen,
  type Inputs,
} from '@quorate/host';

export interface WriteAnswersRequest extends Omit<AnswerOutput, 'name'> {
  /** A path against `cwd`, with `.gz` for gzip; or `-` for `stdout`. */
  readonly target: string;
  readonly stdout?: Writable;
  /** Name of a format; null: by the ending of the target. */
  readonly format: string | null;
  readonly options: Readonly<Record<string, unknown>>;
  readonly loaded: Registry | { readonly registry: Registry };
  readonly cwd: string;
  /** The files that the answers came from. */
  readonly inputs: Inputs;
  readonly onNote: (message: string) => void;
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
  const { target, format, options, loaded, answers, labels, date, cwd, inputs, stdout, signal } = request;
  const registry = 'registry' in loaded ? loaded.registry : loaded;
  const toPipe = target === '-';
  const name = toPipe ? 'stdout' : target.replace(/\.gz$/i, '');
  const chosen = await formatToWrite({ registry, format, options, name });
  const output: AnswerOutput = { answers, labels, name, date };
  const dropped = [...inFormat(chosen.name, name, () => chosen.part.drops?.(output) ?? [])];
  if (answers.origin !== null && answers.origin.format !== chosen.name) {
    dropped.push(`task data and names of controls that only ${answers.origin.format} keeps`);
  }
  const content = Readable.from(bytesOf(chosen, output), { objectMode: false });
  if (toPipe) {
    if (stdout) await piped(content, stdout, { end: false, ...(signal ? { signal } : {}) });
  } else {
    const zipped = /\.gz$/i.test(target);
    if (!existsSync(dirname(resolve(cwd, target)))) throw noFolder(target);
    // A failure of the first ends the second, where it is read.
    const chunks = zipped ? pipeline(content, createGzip(), () => undefined) : content;
    const output = { path: resolve(cwd, target), name: target, chunks: () => until(signal, chunks), replaces: true };
    await writeOutputs([output], { inputs, advice: '', onNote: request.onNote });
  }
  await closeFormat(chosen, name);
  return { format: chosen.name, dropped };
}

async function* bytesOf(
  { name, part }: Chosen<'write'>,
  output: AnswerOutput,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    for await (const chunk of part.write(output)) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
  } catch (thrown) {
    throw formatError(name, output.name, thrown);
  }
}

function noFolder(where: string): QuorateError {
  const fix = 'Correct the path, or make the folder.';
  return new QuorateError('WRITE_FAILED', { where, expected: 'a folder to write it in', got: 'none', fix });
}

/** The same chunks, until the signal aborts: then it throws. */
async function* until(
  signal: AbortSignal | undefined,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of chunks) {
    signal?.throwIfAborted();
    yield chunk;
  }
}
