import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { openRun, type RunResult, type StepRecord } from '@quorate/engine';
import { prepare } from '@quorate/host';
import { root } from './sources.js';

const cli = join(root, 'packages/cli/package.json');
const { dependencies } = JSON.parse(readFileSync(cli, 'utf8')) as { dependencies: Record<string, string> };
/** The plugins that the command line brings along. */
export const builtins = Object.keys(dependencies)
  .filter((name) => name.startsWith('@quorate/plugin-'))
  .map((spec) => ({ spec, from: cli, origin: 'builtin' as const }));

const temporary: string[] = [];
// Not on exit of the process: vitest ends its workers by a signal.
afterAll(() => {
  for (const folder of temporary.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A folder that is gone when the test file ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'quorate-test-'));
  temporary.push(folder);
  return folder;
}

export interface Outcome {
  readonly result: RunResult | 'cut';
  readonly records: readonly StepRecord[];
}

/** Runs `key=value` words into a folder, in this process; `cutAfter` abandons it after so many records. */
export async function run(
  words: readonly string[],
  folder: string,
  { resume = false, cutAfter = Infinity, file }: { resume?: boolean; cutAfter?: number; file?: string } = {},
): Promise<Outcome> {
  const cwd = temporaryFolder();
  const env = { ...process.env };
  const prepared = await prepare({ cwd, env, overrides: words, builtins, ...(file === undefined ? {} : { file }) });
  const opened = await openRun({ prepared, folder, resume, cwd, env, clock: () => 0 });
  try {
    const records: StepRecord[] = [];
    const steps = opened.steps();
    for (;;) {
      const next = await steps.next();
      if (next.done) return { result: next.value, records };
      records.push(next.value);
      if (records.length >= cutAfter) return { result: 'cut', records };
    }
  } finally {
    await opened.dispose();
  }
}

/** Every file of a folder but the timings and the lock, by name. */
export function contents(folder: string, without: readonly string[] = []): Record<string, string> {
  const names = readdirSync(folder).filter((name) => !['timings.jsonl', 'lock', ...without].includes(name));
  return Object.fromEntries(names.sort().map((name) => [name, readFileSync(join(folder, name)).toString('latin1')]));
}
