import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const cli = join(import.meta.dirname, '../../packages/cli/bin/run.js');

export interface CommandDone {
  readonly stdout: string;
  /** The whole process: start, reading, work, writing. */
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMegabytes: number;
}

/** Runs the built command line as a process of its own. */
export function timedCommand(folder: string, ...words: readonly string[]): CommandDone {
  const usage = join(folder, 'usage.json');
  const watch = `process.on('exit', () => require('fs').writeFileSync(${JSON.stringify(usage)}, JSON.stringify(process.resourceUsage())))`;
  const preload = `data:text/javascript,import { createRequire } from 'node:module'; const require = createRequire('/'); ${watch}`;
  const began = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', preload, cli, ...words], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const seconds = (performance.now() - began) / 1000;
  if (status !== 0) throw new Error(`quorate ${words.join(' ')} ended with ${status}: ${stderr}`);
  const { maxRSS, userCPUTime, systemCPUTime } = JSON.parse(readFileSync(usage, 'utf8')) as NodeJS.ResourceUsage;
  return { stdout, seconds, cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, peakMegabytes: maxRSS / 1024 };
}
