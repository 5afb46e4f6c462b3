import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  QuorateError,
  isQuorateError,
  messageOf,
  type DataDeclaration,
  type DataFile,
  type Files,
} from '@quorate/core';
import { Inputs } from './inputs.js';
import { Lock, type LockRequest } from './lock.js';
import { dataFolder } from './places.js';
import { AppendFile, giveName, makeFolder, removeFiles } from './write.js';

export interface PullRequest {
  /** Quorate's folder in the user's cache (`cacheDir(env)`). */
  readonly cacheDir: string;
  /** Bytes of the file that are there, of how many. */
  readonly onProgress?: (received: number, total: number, file: DataFile) => void;
  readonly signal?: AbortSignal;
  readonly onNote?: (message: string) => void;
  /** The runtime's own by default. */
  readonly fetch?: typeof globalThis.fetch;
}

export interface PulledFile {
  readonly path: string;
  /** Absolute. */
  readonly file: string;
  readonly bytes: number;
  /** `present`: nothing had to be downloaded. `resumed`: a part was there already. */
  readonly status: 'present' | 'downloaded' | 'resumed';
}

/**
 * Downloads the files of a data set into the user's cache. A file that is there with the right checksum stays; a
 * download that breaks off leaves `<file>.part` and goes on from there next time; a file appears under its name only
 * when its SHA-256 is right. Throws DOWNLOAD_FAILED, or WRITE_FAILED when the disk refuses.
 */
export async function pullData(declaration: DataDeclaration, request: PullRequest): Promise<readonly PulledFile[]> {
  const folder = dataFolder(request.cacheDir, declaration.name);
  const pulled: PulledFile[] = [];
  let lock: Lock | undefined;
  try {
    for (const wanted of declaration.files) {
      const file = join(folder, wanted.path);
      const { path, bytes } = wanted;
      try {
        if (await isThere(wanted, file)) {
          pulled.push({ path, file, bytes, status: 'present' });
          continue;
        }
        makeFolder(dirname(file));
        lock ??= Lock.take(...lockOf(folder, declaration.name, request));
        pulled.push({ path, file, bytes, status: await pullFile(wanted, file, request) });
      } catch (thrown) {
        throw isQuorateError(thrown) && thrown.code !== 'WRITE_FAILED' ? thrown : unwritable(file, thrown);
      }
    }
    // A call that was killed at its very end left nothing to do but this.
    if (!lock) Lock.clear(...lockOf(folder, declaration.name, request));
    return pulled;
  } finally {
    lock?.release();
  }
}

function lockOf(folder: string, name: string, { onNote = () => undefined }: PullRequest): [string, LockRequest] {
  const what = `the data set "${name}"`;
  return [join(folder, '.lock'), { where: folder, what, code: 'OUTPUT_TAKEN', onNote }];
}

async function isThere(wanted: DataFile, file: string): Promise<boolean> {
  return (await sizeOf(file)) === wanted.bytes && (await sha256Of(file)) === wanted.sha256.toLowerCase();
}

/** Of the cache: no input of the command can be there. */
const noInputs = new Inputs();

async function pullFile(wanted: DataFile, file: string, request: PullRequest): Promise<PulledFile['status']> {
  // Another process may have pulled it while this one waited for the lock.
  if (await isThere(wanted, file)) return 'present';
  const part = `${file}.part`;
  let have = (await sizeOf(part)) ?? 0;
  if (have > wanted.bytes) {
    removeFiles(part);
    have = 0;
  }
  const resumed = have < wanted.bytes ? await download(wanted, part, have, request) : true;
  const sum = await sha256Of(part);
  if (sum !== wanted.sha256.toLowerCase()) {
    removeFiles(part);
    // What an earlier download had left was damaged: only a whole one says whether the published file is right.
    if (resumed) return pullFile(wanted, file, request);
    throw failure(wanted, `a file with SHA-256 ${wanted.sha256}`, `SHA-256 ${sum}`, [
      'It was removed. Run the same command again; if that does not help, the published file has changed',
      "(tell the plugin's author) or something on the way changes it.",
    ]);
  }
  giveName(part, file, noInputs);
  return resumed ? 'resumed' : 'downloaded';
}

/** Appends to `part` what it lacks. True when the server let us go on from there, false when it sent everything. */
async function download(wanted: DataFile, part: string, have: number, request: PullRequest): Promise<boolean> {
  const response = await ask(wanted, have, request);
  const start = response.status === 206 ? startOf(response) : 0;
  if (!response.ok || !response.body || (start !== 0 && start !== have)) {
    await response.body?.cancel().catch(() => undefined);
    // 416: the server has no such range, so the part is not of this file.
    if (response.status === 416 || response.ok) removeFiles(part);
    if (response.status === 416 && have > 0) return download(wanted, part, 0, request);
    throw failure(wanted, 'the file', `HTTP ${response.status} ${response.statusText}`.trim(), [
      response.status === 404 || response.status === 410
        ? "The file is no longer published there; tell the plugin's author."
        : 'Try again later.',
      byHand(wanted),
    ]);
  }
  const handle = new AppendFile(part, noInputs);
  if (start === 0) handle.truncate(0);
  let received = start;
  try {
    request.onProgress?.(received, wanted.bytes, wanted);
    const reader: ReadableStreamDefaultReader<Uint8Array> = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read().catch((thrown: unknown) => {
        throw broken(wanted, received, thrown);
      });
      if (done) break;
      if (received + value.byteLength > wanted.bytes) {
        await reader.cancel().catch(() => undefined);
        removeFiles(part);
        throw failure(wanted, `${wanted.bytes} bytes`, 'more', [
          "It was removed. The published file has changed; tell the plugin's author.",
        ]);
      }
      handle.append(value);
      received += value.byteLength;
      request.onProgress?.(received, wanted.bytes, wanted);
    }
    handle.sync();
  } finally {
    handle.close();
  }
  if (received < wanted.bytes) throw broken(wanted, received, undefined);
  return start > 0;
}

async function ask(wanted: DataFile, have: number, request: PullRequest): Promise<Response> {
  const headers: Record<string, string> = { 'accept-encoding': 'identity' };
  if (have > 0) headers['range'] = `bytes=${have}-`;
  try {
    return await (request.fetch ?? fetch)(wanted.url, {
      headers,
      ...(request.signal ? { signal: request.signal } : {}),
    });
  } catch (thrown) {
    throw request.signal?.aborted ? broken(wanted, have, thrown) : unreachable(wanted, thrown);
  }
}

function startOf(response: Response): number {
  const range = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '');
  return range ? Number(range[1]) : -1;
}

function broken(wanted: DataFile, received: number, cause: unknown): QuorateError {
  const got = `${received} of them before the connection ended${cause === undefined ? '' : ` (${reason(cause)})`}`;
  return failure(
    wanted,
    `${wanted.bytes} bytes`,
    got,
    ['What came is kept: run the same command again to go on.'],
    cause,
  );
}

function unreachable(wanted: DataFile, cause: unknown): QuorateError {
  const host = URL.canParse(wanted.url) ? new URL(wanted.url).host : wanted.url;
  return failure(
    wanted,
    `an answer from ${host}`,
    `none (${reason(cause)})`,
    ['Check the connection and run it again.', byHand(wanted)],
    cause,
  );
}

/** Node's fetch says "fetch failed" and keeps what happened in the cause. */
function reason(thrown: unknown): string {
  const cause = thrown instanceof Error ? (thrown.cause ?? thrown) : thrown;
  const code = (cause as NodeJS.ErrnoException | null)?.code;
  return code === undefined ? messageOf(cause) : String(code);
}

function byHand(wanted: DataFile): string {
  return `Or get ${wanted.path} elsewhere and set QUORATE_DATA_DIR to its folder.`;
}

function failure(
  wanted: DataFile,
  expected: string,
  got: string,
  fix: readonly string[],
  cause?: unknown,
): QuorateError {
  const detail = { where: `download of ${wanted.url}`, expected, got, fix: fix.join(' ') };
  return new QuorateError('DOWNLOAD_FAILED', cause === undefined ? detail : { ...detail, cause });
}

function unwritable(file: string, thrown: unknown): QuorateError {
  return new QuorateError('WRITE_FAILED', {
    where: file,
    expected: 'a file that can be written',
    got: messageOf(thrown),
    fix: 'Make room, or set QUORATE_CACHE_DIR to another folder.',
    cause: thrown,
  });
}

async function sizeOf(file: string): Promise<number | null> {
  return stat(file).then(
    (found) => (found.isFile() ? found.size : null),
    () => null,
  );
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}

export interface DataStatus {
  readonly declaration: DataDeclaration;
  readonly files: readonly { readonly path: string; readonly bytes: number; readonly file: string | null }[];
  readonly complete: boolean;
}

/** Which files of the declared data sets are here, by existence: checksums are checked when they are downloaded. */
export function dataStatus(declarations: readonly DataDeclaration[], files: Files): readonly DataStatus[] {
  return declarations.map((declaration) => {
    const found = declaration.files.map(({ path, bytes }) => ({
      path,
      bytes,
      file: files.locate(declaration.name, path) ?? null,
    }));
    return { declaration, files: found, complete: found.every(({ file }) => file !== null) };
  });
}
