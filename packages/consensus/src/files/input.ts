import { createReadStream, existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { QuorateError, isQuorateError, messageOf } from '@quorate/core';
import { peekBytes } from '@quorate/core/bytes';

/** What formats see first. */
const HEAD = 64 * 1024;
const CHUNK = 1024 * 1024;

export interface InputRequest {
  /** A path, against `cwd`, or `-` for standard input. */
  readonly source: string;
  readonly stdin?: AsyncIterable<Uint8Array>;
  readonly cwd: string;
}

/** A file that has been opened: what it is called, how it begins, and all of it. */
export interface OpenInput {
  readonly name: string;
  /** Up to 64 KiB; empty where the file is. */
  readonly head: Uint8Array;
  /** From the beginning, `head` included: gzip undone, UTF-8 without a byte order mark where it was text with one. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** Opens a file or a pipe. Gzip and the encoding are known by the first bytes, not by the name. */
export async function openInput({ source, stdin, cwd }: InputRequest): Promise<OpenInput> {
  const name = source === '-' ? 'stdin' : source;
  const raw = source === '-' ? (stdin ?? []) : fileBytes(name, resolve(cwd, source));
  const packed = await peekBytes(refusing(name, raw), 2);
  const zipped = packed.head[0] === 0x1f && packed.head[1] === 0x8b;
  const marked = await peekBytes(zipped ? gunzip(name, packed.bytes) : packed.bytes, 3);
  return { name, ...(await peekBytes(withoutMark(marked.head, marked.bytes), HEAD)) };
}

function fileBytes(name: string, path: string): AsyncIterable<Uint8Array> {
  if (!existsSync(path)) throw unreadable(name, 'nothing of that name', 'Correct the path.');
  if (statSync(path).isDirectory()) throw unreadable(name, 'a folder', 'Name a file in it.');
  return createReadStream(path, { highWaterMark: CHUNK });
}

/** The same bytes; what goes wrong with reading them is ANSWERS_INVALID. */
async function* refusing(
  name: string,
  bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* bytes;
  } catch (thrown) {
    if (isQuorateError(thrown)) throw thrown;
    throw unreadable(name, messageOf(thrown), 'Look at the file and its permissions.', thrown);
  }
}

async function* gunzip(name: string, packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const source = Readable.from(packed, { objectMode: false });
  const unpack = createGunzip({ chunkSize: CHUNK });
  source.on('error', (thrown) => unpack.destroy(thrown));
  try {
    yield* source.pipe(unpack) as AsyncIterable<Uint8Array>;
  } catch (thrown) {
    if (isQuorateError(thrown)) throw thrown;
    throw unreadable(name, `damaged gzip (${messageOf(thrown)})`, 'Copy or compress the file again.', thrown);
  } finally {
    source.destroy();
  }
}

/** UTF-8 without a mark; UTF-16 with one becomes UTF-8. */
function withoutMark(first: Uint8Array, bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  if (first[0] === 0xef && first[1] === 0xbb && first[2] === 0xbf) return without(3, bytes);
  if (first[0] === 0xff && first[1] === 0xfe) return recoded('utf-16le', bytes);
  if (first[0] === 0xfe && first[1] === 0xff) return recoded('utf-16be', bytes);
  return bytes;
}

async function* without(count: number, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  let left = count;
  for await (const chunk of bytes) {
    if (left < chunk.length) yield left === 0 ? chunk : chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
}

async function* recoded(from: string, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const decoder = new TextDecoder(from);
  for await (const chunk of bytes) yield Buffer.from(decoder.decode(chunk, { stream: true }));
  yield Buffer.from(decoder.decode());
}

function unreadable(where: string, got: string, fix: string, cause?: unknown): QuorateError {
  const detail = { where, expected: 'a file of crowd answers', got, fix };
  return new QuorateError('ANSWERS_INVALID', cause === undefined ? detail : { ...detail, cause });
}
