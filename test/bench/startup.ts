import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { median, round } from './timing.js';

const cli = join(import.meta.dirname, '../../packages/cli/bin/run.js');

/** How much longer the command takes to start than Node itself, in turn, in one run. */
export async function benchStartup(): Promise<unknown> {
  const commands = { node: ['-e', '0'], version: [cli, '--version'], help: [cli, '--help'] };
  const times: Record<string, number[]> = { node: [], version: [], help: [] };
  for (let turn = 0; turn < 15; turn++) {
    for (const [name, args] of Object.entries(commands)) {
      const started = performance.now();
      spawnSync(process.execPath, args);
      times[name]!.push(performance.now() - started);
    }
  }
  const [node, version, help] = ['node', 'version', 'help'].map((name) => median(times[name]!)) as [
    number,
    number,
    number,
  ];
  return {
    bench: 'startup',
    nodeMs: round(node),
    versionOverNodeMs: round(version - node),
    helpOverNodeMs: round(help - node),
  };
}
