import { resolve } from 'node:path';
import { combined, findSweepFile, gridOfWords, readSweepFile, type Grid } from '@quorate/sweep';
import type { PrepareRequest } from '@quorate/host';
import { prepareRequest } from '../prepare-request.js';

export interface SweepSource {
  readonly words: readonly string[];
  /** A sweep file, or the configuration file of every run. */
  readonly config: string | undefined;
  readonly out: string | undefined;
}

/** The grid, where it goes and how its runs are configured. Throws CONFIG_UNREADABLE, CONFIG_INVALID. */
export async function planRequest({ words, config, out }: SweepSource): Promise<{
  grid: Grid;
  folder: string;
  prepare: Omit<PrepareRequest, 'overrides'>;
}> {
  const cwd = process.cwd();
  const source = config ?? findSweepFile(cwd);
  const file = source === undefined ? null : await readSweepFile(source, cwd);
  const given = gridOfWords(words);
  const { overrides: _overrides, ...prepare } = prepareRequest({
    words: [],
    config: file ? file.config : config,
  });
  return {
    grid: file ? combined(file.grid, given) : given,
    folder: resolve(cwd, out ?? `sweeps/${file?.name ?? 'sweep'}`),
    prepare,
  };
}
