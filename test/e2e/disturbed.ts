import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { start } from './cli.js';
import type { Server } from './servers.js';

/** Milliseconds. */
const pause = (time: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, time));

export interface Disturbance {
  readonly server: Server;
  readonly home: string;
  /** Words of the grid. */
  readonly grid: readonly string[];
  readonly out: string;
  /** Seconds without a sign of life after which a run is taken over. */
  readonly lock: number;
}

export interface Disturbed {
  readonly status: number | null;
  readonly stderr: string;
  readonly results: string;
  /** Lines of `--json`. */
  readonly events: readonly Record<string, unknown>[];
}

/**
 * A sweep on a queue with four workers, of which one is killed, one is stopped past its lock and wakes up again, one is killed
 * and started again; and the server is killed and started again.
 */
export async function disturbedSweep({ server, home, grid, out, lock }: Disturbance): Promise<Disturbed> {
  const queue = ['--queue', server.url, '--option', `name=${out}`, '--option', `lockSeconds=${lock}`];
  const worker = (n: number) => {
    const { child, ended } = start(home, ['worker', ...queue, '--jobs', '1', '--out', `workers/${out}-${n}`]);
    child.stdin.end();
    return { child, ended };
  };
  const workers = [0, 1, 2, 3].map(worker);
  const sweep = start(home, ['sweep', ...grid, '--out', out, '--jobs', '0', '--json', ...queue]);
  sweep.child.stdin.end();
  let over = false;
  void sweep.ended.then(() => (over = true));
  const started = async (count: number): Promise<void> => {
    while (!over && (sweep.output().match(/"type":"started"/g) ?? []).length < count) await pause(50);
  };
  await started(3);
  workers[0]!.child.kill('SIGKILL');
  workers[1]!.child.kill('SIGSTOP');
  await started(4);
  if (!over) await server.restart();
  workers[2]!.child.kill('SIGKILL');
  workers.push(worker(4));
  await pause(1500 * lock);
  workers[1]!.child.kill('SIGCONT');
  const { status, stdout, stderr } = await sweep.ended;
  for (const { child } of workers) child.kill('SIGTERM');
  const late = setTimeout(() => workers.forEach(({ child }) => child.kill('SIGKILL')), 10_000);
  await Promise.all(workers.map(({ ended }) => ended));
  clearTimeout(late);
  const lines = stdout.split('\n').filter((line) => line !== '');
  return {
    status,
    stderr,
    results: readFileSync(join(home, out, 'results.csv'), 'utf8'),
    events: lines.map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}
