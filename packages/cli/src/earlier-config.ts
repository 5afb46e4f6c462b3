import { dirname, join, resolve } from 'node:path';
import { QuorateError } from '@quorate/core';
import { readRunFile } from '@quorate/engine';
import { type PrepareRequest } from '@quorate/host';

/** The configuration that the run in a folder was started with. Throws RUN_FOLDER where there is no run. */
export function earlierConfig(folder: string): NonNullable<PrepareRequest['base']> {
  const there = readRunFile(folder);
  if (!there) {
    throw new QuorateError('RUN_FOLDER', {
      where: folder,
      expected: 'a folder that holds a run',
      got: 'no run.json in it',
      fix: 'Name the folder of an earlier run, or give the configuration to start one there.',
    });
  }
  const { config, configFile } = there;
  const file = join(folder, 'run.json');
  return configFile === null ? { config, file } : { config, file, baseDir: dirname(resolve(configFile)) };
}
