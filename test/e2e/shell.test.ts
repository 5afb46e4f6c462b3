import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { quorate, root, workplace } from './cli.js';

const has = (program: string): boolean => spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0;

it.skipIf(!has('bash'))('completes commands, commands of topics and flags in bash', async () => {
  const [here, cache] = [workplace(), workplace()];
  const made = await quorate(here, ['autocomplete', 'bash', '--refresh-cache'], { QUORATE_CACHE_DIR: cache });
  expect(made.status).toBe(0);
  expect(readdirSync(here)).toEqual([]);
  // What the shell does when Tab is pressed after these words.
  const press = (...words: string[]): string[] => {
    const script = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 )); _quorate_autocomplete; echo "\${COMPREPLY[@]}"`;
    const functions = join(cache, 'autocomplete/functions/bash/quorate.bash');
    const { stdout } = spawnSync('bash', ['-c', script, 'bash', functions, 'quorate', ...words], { encoding: 'utf8' });
    return stdout.trim().split(' ');
  };
  expect(press('agg')).toEqual(['aggregate']);
  expect(press('campaign', 'st')).toEqual(['start', 'status']);
  expect(press('run', '--resu')).toEqual(['--resume']);
});

// util-linux's `script` gives the command a terminal.
it.skipIf(process.platform !== 'linux' || !has('script'))(
  'tells a person at a terminal of a newer version',
  () => {
    const [here, config] = [workplace(), workplace()];
    const found = { latest: '99.0.0', current: '0.1.0', type: 'major', name: 'quorate' };
    mkdirSync(join(config, 'configstore'));
    const store = { optOut: false, lastUpdateCheck: Date.now(), update: found };
    writeFileSync(join(config, 'configstore/update-notifier-quorate.json'), JSON.stringify(store));
    const env: NodeJS.ProcessEnv = { PATH: process.env['PATH'], HOME: here, XDG_CONFIG_HOME: config };
    const command = `"${process.execPath}" "${join(root, 'packages/cli/bin/run.js')}" config show`;
    const on = (terminalOf: string): string =>
      spawnSync('script', ['-qec', terminalOf, '/dev/null'], { cwd: here, env, encoding: 'utf8' }).stdout;
    expect(on(`NO_UPDATE_NOTIFIER=1 ${command}`)).not.toContain('99.0.0');
    expect(on(command)).toContain('99.0.0');
  },
  30_000,
);
