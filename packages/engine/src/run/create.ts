import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Plugin } from '@quorate/core';
import { prepare, type CheckedConfig, type ConfigInput } from '@quorate/host';
import { reservedVariables } from '@quorate/host';
import { openRun } from './open.js';
import type { Run } from './run.js';

export interface CreateRunOptions {
  /** Plugins that the program has imported. */
  readonly plugins?: readonly Plugin[];
  /** Folder of the run; without it a temporary one, which is removed when the run is disposed of. */
  readonly folder?: string;
  /** Continue the run that `folder` holds, which must have been started with the same configuration. */
  readonly resume?: boolean;
  /** What paths and the names of plugins are relative to. Default: the working directory. */
  readonly cwd?: string;
  /** Notes of the parts, one sentence each. */
  readonly onNote?: (message: string) => void;
  /** Called between the phases of a step: progress. */
  readonly onPhase?: (phase: string) => void;
}

/**
 * Opens a run from a program. Nothing is asked before `steps`.
 *
 * Its plugins: the given modules; those that `config.plugins` names, packages or files; those that the project in `cwd`
 * depends on. No configuration file is read, and of the environment only where data and caches are: the configuration
 * is `config`, above the presets that it names.
 *
 * @param config The keys of a configuration file, without `extends`. Throws what `prepare` and `openRun` throw.
 */
export async function createRun<const C extends ConfigInput>(
  config: C & CheckedConfig<C>,
  options: CreateRunOptions = {},
): Promise<Run> {
  const { plugins = [], folder, resume = false, onNote, onPhase } = options;
  const cwd = resolve(options.cwd ?? '.');
  const env = Object.fromEntries(reservedVariables.map((name) => [name, process.env[name]]));
  const prepared = await prepare({ cwd, env, config, modules: plugins, overrides: [], builtins: [] });
  const temporary = folder === undefined;
  const place = temporary ? mkdtempSync(join(tmpdir(), 'quorate-run-')) : resolve(cwd, folder);
  try {
    return await openRun({
      prepared,
      folder: place,
      temporary,
      resume,
      cwd,
      env,
      // eslint-disable-next-line no-restricted-syntax -- a program's edge, as the command line is; for timings.jsonl only
      clock: () => performance.now(),
      ...(onNote ? { onNote } : {}),
      ...(onPhase ? { onPhase } : {}),
    });
  } catch (thrown) {
    if (temporary) rmSync(place, { recursive: true, force: true });
    throw thrown;
  }
}
