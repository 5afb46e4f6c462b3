import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isQuorateError, type DataDeclaration } from '@quorate/core';
import { pullData, type PullRequest } from './download.js';

const content = Buffer.alloc(300_000, 'all work and no play ');
const sha256 = createHash('sha256').update(content).digest('hex');

type Handler = (request: IncomingMessage, response: ServerResponse) => void;
let handler: Handler;
let requests: (string | undefined)[];
let url: string;
let cacheDir: string;
let stop: () => Promise<void>;

beforeEach(async () => {
  cacheDir = mkdtempSync(join(tmpdir(), 'quorate-pull-'));
  requests = [];
  const server = createServer((request, response) => {
    requests.push(request.headers.range);
    handler(request, response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/file`;
  stop = () =>
    new Promise((done) => {
      server.closeAllConnections();
      server.close(() => done());
    });
});
afterEach(async () => {
  await stop();
  rmSync(cacheDir, { recursive: true, force: true });
});

/** A server that knows ranges, as the published files' does. */
const ranged: Handler = (request, response) => {
  const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
  if (start === 0) response.writeHead(200, { 'content-length': content.length });
  else if (start >= content.length) response.writeHead(416);
  else response.writeHead(206, { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` });
  response.end(content.subarray(start));
};
const cutAt =
  (bytes: number): Handler =>
  (_request, response) => {
    response.writeHead(200, { 'content-length': content.length });
    response.write(content.subarray(0, bytes), () => setTimeout(() => response.destroy(), 20));
  };

const declared = (change: Partial<DataDeclaration['files'][number]> = {}): DataDeclaration => ({
  name: 'set',
  summary: '',
  licence: 'MIT',
  files: [{ path: 'sub/file.bin', url, sha256, bytes: content.length, ...change }],
});
const file = () => join(cacheDir, 'data/set/sub/file.bin');
const pull = (declaration = declared(), more: Partial<PullRequest> = {}) =>
  pullData(declaration, { cacheDir, ...more });
async function refusal(promise: Promise<unknown>, code = 'DOWNLOAD_FAILED'): Promise<string> {
  const thrown: unknown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(isQuorateError(thrown) && thrown.code).toBe(code);
  expect((thrown as Error).message).not.toContain('\n');
  expect(existsSync(file())).toBe(false);
  return (thrown as Error).message;
}

describe('pulling data', () => {
  it('downloads once, with progress, and leaves no part', async () => {
    handler = ranged;
    const seen: number[] = [];
    const onProgress = (received: number, total: number) => {
      expect(total).toBe(content.length);
      seen.push(received);
    };
    expect(await pull(declared(), { onProgress })).toEqual([
      { path: 'sub/file.bin', file: file(), bytes: content.length, status: 'downloaded' },
    ]);
    expect(readFileSync(file()).equals(content)).toBe(true);
    expect(existsSync(`${file()}.part`)).toBe(false);
    expect(seen[0]).toBe(0);
    expect(seen.at(-1)).toBe(content.length);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect((await pull())[0]?.status).toBe('present');
    expect(requests).toEqual([undefined]);
  });

  it('keeps what came of a connection that was cut, and goes on from there', async () => {
    handler = cutAt(100_000);
    expect(await refusal(pull())).toContain('expected 300000 bytes, got 100000 of them');
    expect(readFileSync(`${file()}.part`).length).toBe(100_000);
    handler = ranged;
    expect((await pull())[0]?.status).toBe('resumed');
    expect(readFileSync(file()).equals(content)).toBe(true);
    expect(requests).toEqual([undefined, 'bytes=100000-']);
  });

  it('starts again where the server knows no ranges', async () => {
    handler = cutAt(1000);
    await refusal(pull());
    handler = (_request, response) => response.end(content);
    expect((await pull())[0]?.status).toBe('downloaded');
    expect(readFileSync(file()).equals(content)).toBe(true);
  });

  it('removes a part that is too long or that the server cannot go on from', async () => {
    mkdirSync(join(cacheDir, 'data/set/sub'), { recursive: true });
    writeFileSync(`${file()}.part`, Buffer.alloc(content.length + 1));
    handler = ranged;
    expect((await pull())[0]?.status).toBe('downloaded');
    rmSync(file());
    writeFileSync(`${file()}.part`, Buffer.alloc(10));
    handler = (request, response) => (request.headers.range ? response.writeHead(416).end() : response.end(content));
    expect((await pull())[0]?.status).toBe('downloaded');
  });

  it('finishes a part that is complete without asking for more', async () => {
    mkdirSync(join(cacheDir, 'data/set/sub'), { recursive: true });
    writeFileSync(`${file()}.part`, content);
    expect((await pull())[0]?.status).toBe('resumed');
    expect(requests).toEqual([]);
  });

  it('replaces a file that was damaged since', async () => {
    handler = ranged;
    await pull();
    writeFileSync(file(), Buffer.alloc(content.length));
    expect((await pull())[0]?.status).toBe('downloaded');
    expect(readFileSync(file()).equals(content)).toBe(true);
  });

  it('refuses and removes wrong bytes: same length, too many; what is left of a damaged part is downloaded again', async () => {
    handler = (_request, response) => response.end(Buffer.alloc(content.length));
    expect(await refusal(pull())).toContain(`expected a file with SHA-256 ${sha256}, got SHA-256`);
    expect(existsSync(`${file()}.part`)).toBe(false);
    handler = (_request, response) => response.end(Buffer.alloc(content.length + 1));
    expect(await refusal(pull())).toContain('expected 300000 bytes, got more');
    expect(existsSync(`${file()}.part`)).toBe(false);
    writeFileSync(`${file()}.part`, Buffer.alloc(10));
    handler = ranged;
    expect((await pull())[0]?.status).toBe('downloaded');
    expect(readFileSync(file()).equals(content)).toBe(true);
  });

  it('says what the server said', async () => {
    handler = (_request, response) => response.writeHead(404).end('no');
    expect(await refusal(pull())).toContain('got HTTP 404 Not Found. The file is no longer published there');
    handler = (_request, response) => response.writeHead(503).end('no');
    expect(await refusal(pull())).toContain('Try again later. Or get sub/file.bin elsewhere and set QUORATE_DATA_DIR');
  });

  it('says that there is no connection', async () => {
    const offline = 'http://127.0.0.1:1/file';
    const text = await refusal(pull(declared({ url: offline })));
    expect(text).toContain('expected an answer from 127.0.0.1:1, got none');
    expect(text).toContain('Check the connection');
    expect(await refusal(pull(declared({ url: 'not a url' })))).toContain('not a url');
  });

  it('stops on a signal and goes on later', async () => {
    const controller = new AbortController();
    handler = (_request, response) => {
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 5000), () => setTimeout(() => controller.abort(), 50));
    };
    expect(await refusal(pull(declared(), { signal: controller.signal }))).toContain('run the same command again');
    handler = ranged;
    expect((await pull())[0]?.status).toBe('resumed');
  });

  it('says when the disk refuses', async () => {
    handler = ranged;
    writeFileSync(join(cacheDir, 'data'), 'a file where a folder has to be');
    expect(await refusal(pull(), 'WRITE_FAILED')).toContain('QUORATE_CACHE_DIR');
  });
});
