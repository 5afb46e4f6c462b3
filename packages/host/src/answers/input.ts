import { createReadStream, existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { QuorateError, isQuorateError, messageOf } from '@quorate/core';
import { peekBytes } from '@quorate/core/bytes';
import { recoded } from './encoding.js';
import { checkKind } from './kinds.js';

/** What formats see first. */
const HEAD = 64 * 1024;
const CHUNK = 1024 * 1024;

export interface InputRequest {
  /** A path, against `cwd`, or `-` for standard input. */
  readonly source: string;
  readonly stdin?: AsyncIterable<Uint8Array>;
  readonly cwd: string;
  /** How the text is encoded, as the user says; null: told by the bytes. */
  readonly encoding?: string | null;
  /** The content, where it is not to be read from the disk: of a file in a zip. */
  readonly unpacked?: () => Uint8Array;
}

/** A file that has been opened: what it is called, how it begins, and all of it. */
export interface OpenInput {
  readonly name: string;
  /** Up to 64 KiB; empty where the file is. */
  readonly head: Uint8Array;
  /** From the beginning, `head` included: gzip undone, UTF-8 without a byte order mark where it is text. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** How the text was encoded, once all has been read; empty for what is no text. */
  readonly encoding: () => string;
}

/** Opens a file or a pipe. Gzip and the encoding are known by the bytes, not by the name. */
export async function openInput({
  source,
  stdin,
  cwd,
  encoding = null,
  unpacked: inZip,
}: InputRequest): Promise<OpenInput> {
  const name = source === '-' ? 'stdin' : source;
  const raw = source === '-' ? (stdin ?? []) : inZip ? whole(inZip) : fileBytes(name, resolve(cwd, source));
  const packed = await peekBytes(refusing(name, raw), 2);
  const zipped = packed.head[0] === 0x1f && packed.head[1] === 0x8b;
  const unpacked = await peekBytes(zipped ? gunzip(name, packed.bytes) : packed.bytes, HEAD);
  checkKind(name, unpacked.head);
  const text = recoded(name, unpacked.head, unpacked.bytes, encoding);
  return { name, encoding: text.encoding, ...(await peekBytes(text.bytes, HEAD)) };
}

async function* whole(content: () => Uint8Array): AsyncGenerator<Uint8Array> {
  const bytes = content();
  for (let at = 0; at < bytes.length; at += CHUNK) yield bytes.subarray(at, at + CHUNK);
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

function unreadable(where: string, got: string, fix: string, cause?: unknown): QuorateError {
  const detail = { where, expected: 'a file of crowd answers', got, fix };
  return new QuorateError('ANSWERS_INVALID', cause === undefined ? detail : { ...detail, cause });
}
