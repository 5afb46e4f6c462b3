import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Args } from '@oclif/core';
import { QuorateError } from '@quorate/core';
import { QuorateCommand } from '../../quorate-command.js';

/** The package manager of a project, by the lock file that it keeps, and its word for adding a dependency. */
const managers = [
  { name: 'pnpm', lock: 'pnpm-lock.yaml', add: 'add' },
  { name: 'yarn', lock: 'yarn.lock', add: 'add' },
  { name: 'npm', lock: 'package-lock.json', add: 'install' },
] as const;

export default class InstallPlugin extends QuorateCommand {
  static override summary = 'Install a plugin package into this project, and say what it brings.';
  static override description = 'The project is the nearest folder with a package.json, from here upwards.';
  static override examples = ['<%= config.bin %> plugins install quorate-plugin-curious'];
  static override args = {
    name: Args.string({ required: true, description: 'What npm installs: a name, name@range, folder or tarball.' }),
  };

  async run(): Promise<unknown> {
    const { args } = await this.parse(InstallPlugin);
    const project = projectFolder(process.cwd());
    const { findPlugins } = await import('@quorate/host');
    const { prepareRequest } = await import('../../prepare-request.js');
    const { pluginLines } = await import('../../terminal/catalogue.js');
    const request = prepareRequest({ words: [], config: undefined });
    const before = await findPlugins(request);

    const manager = managers.find(({ lock }) => existsSync(join(project, lock))) ?? managers[2];
    await add(manager, args.name, project);

    const after = await findPlugins(request);
    const failure = after.failures.find(({ spec }) => !before.failures.some((one) => one.spec === spec));
    if (failure) throw failure.error;
    const fresh = after.plugins.filter(({ file }) => !before.plugins.some((one) => one.file === file));
    const [title] = fresh.length === 0 ? ['Installed. It brings no plugin that was not there before.'] : ['Installed:'];
    this.print([title, ...fresh.flatMap((loaded) => ['', ...pluginLines(loaded)])]);
    return {
      project,
      manager: manager.name,
      plugins: fresh.map(({ plugin: { name }, version }) => ({ name, version })),
    };
  }
}

function projectFolder(from: string): string {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (dirname(folder) !== folder) continue;
    throw new QuorateError('PLUGIN_NOT_FOUND', {
      where: from,
      expected: 'a project: a package.json here or above',
      got: 'none',
      fix: 'npm init -y makes one.',
    });
  }
}

/** Runs the package manager; what it says goes to standard error. */
function add({ name, add: word }: (typeof managers)[number], what: string, cwd: string): Promise<void> {
  // After "--" nothing is taken for a flag of the package manager.
  const child = spawn(name, [word, '--', what], { cwd, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
  const failed = (got: string): QuorateError =>
    new QuorateError('PLUGIN_NOT_FOUND', {
      where: `${name} ${word} ${what}`,
      expected: 'an installed package',
      got,
      fix: `What ${name} said stands above.`,
    });
  return new Promise((done, refuse) => {
    child.once('error', (error) => refuse(failed(error.message)));
    child.once('exit', (code) => (code === 0 ? done() : refuse(failed(`exit code ${code}`))));
  });
}
