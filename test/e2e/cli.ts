import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '../..');
const bin = join(root, 'packages/cli/bin/run.js');

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder that is gone when the test file ends, with a cache of its own. */
export function workplace(): string {
  const folder = mkdtempSync(join(tmpdir(), 'quorate-e2e-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function environment(cwd: string, extra: Record<string, string>): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, QUORATE_CACHE_DIR: join(cwd, '.cache'), NO_COLOR: '1', ...extra };
  for (const name of ['NODE_OPTIONS', 'VITEST', 'FORCE_COLOR']) delete env[name];
  if (extra['QUORATE_DATA_DIR'] === undefined) delete env['QUORATE_DATA_DIR'];
  return env;
}

/** `quorate ...args` in `cwd`, until it ends. */
export function quorate(cwd: string, args: readonly string[], extra: Record<string, string> = {}): Ended {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
    cwd,
    env: environment(cwd, extra),
    encoding: 'utf8',
    timeout: 120_000,
    maxBuffer: 1 << 28,
  });
  return { status, stdout, stderr };
}

/** The same, where no file can grow past 32 kB. */
export function quorateWithSmallFiles(cwd: string, args: readonly string[]): Ended {
  const script = `ulimit -f 32; exec "$0" "$@"`;
  const { status, stdout, stderr } = spawnSync('bash', ['-c', script, process.execPath, bin, ...args], {
    cwd,
    env: environment(cwd, {}),
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

/** The same in the background: `child` to send signals to, `ended` for its end. */
export function start(cwd: string, args: readonly string[], extra: Record<string, string> = {}) {
  const child = spawn(process.execPath, [bin, ...args], { cwd, env: environment(cwd, extra) });
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
