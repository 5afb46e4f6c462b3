import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const requirements = join(import.meta.dirname, 'requirements.txt');
const script = join(import.meta.dirname, 'peers.py');

/**
 * The Python in which the peers are installed: a virtual environment outside the project, one for each content of
 * requirements.txt, made on first use. Null with a reason where there is no Python, or no registry.
 */
export function peersPython(): { python: string } | { missing: string } {
  const named = process.env['QUORATE_PEERS_PYTHON'];
  if (named !== undefined) return { python: named };
  const digest = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const folder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'quorate-peers', digest);
  const python = join(folder, 'bin/python');
  if (existsSync(python)) return { python };
  const making = `${folder}.${process.pid}`;
  mkdirSync(making, { recursive: true });
  console.error(`Installing the peers into ${folder} (once, some minutes)`);
  for (const [command, ...words] of [
    ['python3', '-m', 'venv', making],
    [join(making, 'bin/python'), '-m', 'pip', 'install', '--quiet', '-r', requirements],
  ] as const) {
    const { status, error, stderr } = spawnSync(command, words, { encoding: 'utf8' });
    if (status === 0) continue;
    rmSync(making, { recursive: true, force: true });
    return { missing: `${command} ${words.join(' ')}: ${error?.message ?? stderr.trim().split('\n').at(-1)}` };
  }
  renameSync(making, folder);
  return { python };
}

/** What one job of peers.py prints. */
export function ask<T>(python: string, ...job: readonly string[]): T {
  const { status, stdout, stderr } = spawnSync(python, [script, ...job], { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`${job.join(' ')}: ${stderr.trim().split('\n').at(-1)}`);
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as T;
}
