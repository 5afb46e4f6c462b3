import { spawn, spawnSync } from 'node:child_process';
import { Console } from 'node:console';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { Errors, run } from '@oclif/core';
import { afterAll } from 'vitest';

export const root = join(import.meta.dirname, '../..');
const bin = join(root, 'packages/cli/bin/run.js');

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const workplaces: string[] = [];
// Not on exit of the process: vitest ends its workers by a signal.
afterAll(() => workplaces.splice(0).forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** A folder that is gone when the test file ends. */
export function workplace(): string {
  const folder = mkdtempSync(join(tmpdir(), 'quorate-e2e-'));
  workplaces.push(folder);
  return folder;
}

/** One for all commands of a test file: what takes seconds to derive from a data set is derived once. */
const cache = workplace();

function environment(extra: Record<string, string>): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, QUORATE_CACHE_DIR: cache, NO_COLOR: '1', ...extra };
  // With NODE_ENV=test oclif would look for sources and for a way to compile them.
  for (const name of ['NODE_ENV', 'NODE_OPTIONS', 'VITEST', 'FORCE_COLOR']) delete env[name];
  if (extra['QUORATE_DATA_DIR'] === undefined) delete env['QUORATE_DATA_DIR'];
  return env;
}

/** Keeps what is written to it. */
function memory(): { readonly stream: Writable; text(): string } {
  const chunks: Buffer[] = [];
  const write = (chunk: Buffer, _encoding: string, done: () => void): void => {
    chunks.push(chunk);
    done();
  };
  return { stream: new Writable({ write }), text: () => Buffer.concat(chunks).toString() };
}

/**
 * `quorate ...args` in `cwd`: the built command line, in this process, which spares the second that Node takes to load a
 * thousand modules. For everything where only what is said, written and returned counts. Not for what depends on the
 * process: signals, kill -9, pipes, limits, promises that never settle, crashes, and modules that change under their path
 * (one process imports a plugin once); those take `quorateProcess` or `start`. One call at a time in a test file.
 */
export async function quorate(
  cwd: string,
  args: readonly string[],
  extra: Record<string, string> = {},
): Promise<Ended> {
  const [stdout, stderr] = [memory(), memory()];
  const before = { cwd: process.cwd(), env: process.env, exitCode: process.exitCode, console };
  const streams = Object.getOwnPropertyDescriptors(process);
  process.chdir(cwd);
  process.env = environment(extra);
  process.exitCode = undefined;
  for (const [name, { stream }] of Object.entries({ stdout, stderr })) {
    Object.defineProperty(process, name, { value: stream, configurable: true });
  }
  globalThis.console = new Console(stdout.stream, stderr.stream);
  try {
    const status = await run([...args], bin).then(() => process.exitCode ?? 0, exitOf);
    return { status: Number(status), stdout: stdout.text(), stderr: stderr.text() };
  } finally {
    globalThis.console = before.console;
    Object.defineProperties(process, { stdout: streams.stdout, stderr: streams.stderr });
    process.exitCode = before.exitCode;
    process.env = before.env;
    process.chdir(before.cwd);
  }
}

/** How commands end early. Anything else that leaves one is a fault: bin/run.js would print its stack. */
function exitOf(thrown: unknown): number {
  if (thrown instanceof Errors.ExitError) return thrown.oclif.exit!;
  throw thrown;
}

/** The same as a process of its own, with nothing on standard input. */
export function quorateProcess(
  cwd: string,
  args: readonly string[],
  extra: Record<string, string> = {},
): Promise<Ended> {
  const { child, ended } = start(cwd, args, extra);
  child.stdin.end();
  return ended;
}

/** The same, where no file can grow past 32 kB. */
export function quorateWithSmallFiles(cwd: string, args: readonly string[]): Ended {
  const script = `ulimit -f 32; exec "$0" "$@"`;
  const { status, stdout, stderr } = spawnSync('bash', ['-c', script, process.execPath, bin, ...args], {
    cwd,
    env: environment({}),
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

/** The same, to work on: `child` to send signals to, `ended` for its end. */
export function start(cwd: string, args: readonly string[], extra: Record<string, string> = {}) {
  const child = spawn(process.execPath, [bin, ...args], { cwd, env: environment(extra) });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (bytes: Buffer) => (stdout += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString()));
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (status) => resolve({ status, stdout, stderr }));
  });
  return { child, ended, output: () => stdout };
}

/** Every file of a run folder but the timings, by name. */
export function contents(folder: string): Record<string, string> {
  const names = readdirSync(folder).filter((name) => name !== 'timings.jsonl');
  return Object.fromEntries(names.sort().map((name) => [name, readFileSync(join(folder, name)).toString('latin1')]));
}

/** The lines of a file, without the empty one at its end. */
export function lines(...path: string[]): string[] {
  return readFileSync(join(...path), 'utf8')
    .trimEnd()
    .split('\n');
}
