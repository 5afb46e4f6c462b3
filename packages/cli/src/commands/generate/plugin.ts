import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { Args, Flags } from '@oclif/core';
import { QuorateError } from '@quorate/core';
import { chooseIt, licenses, pluginFiles, templates, tryIt, type Template } from '../../generate-plugin.js';
import { INTERRUPTED } from '../../interruption.js';
import { QuorateCommand } from '../../quorate-command.js';

const kinds = Object.keys(templates) as Template[];

export default class GeneratePlugin extends QuorateCommand {
  static override summary = 'Write a new plugin package: a part that works, its contract test, and all around it.';
  static override examples = [
    '<%= config.bin %> generate plugin quorate-plugin-curious --kind sampler',
    '<%= config.bin %> generate plugin @me/house-learner --kind learner --javascript --license Apache-2.0',
    '<%= config.bin %> generate plugin quorate-plugin-curious --kind answer-format --class',
  ];
  static override args = {
    name: Args.string({ required: true, description: 'Name of the package; its last part is the name of the folder.' }),
  };
  static override flags = {
    kind: Flags.option({ char: 'k', options: kinds, summary: 'What it brings.' })(),
    class: Flags.boolean({
      summary: 'An @injectable() class with bindings instead of a function that creates the part.',
    }),
    javascript: Flags.boolean({ summary: 'Plain JavaScript instead of TypeScript.' }),
    license: Flags.option({ options: licenses, default: 'MIT' as const, summary: 'Its licence.' })(),
    author: Flags.string({ summary: 'Who it is by. Without it: "the authors of NAME".' }),
    repository: Flags.string({
      summary:
        'URL of its git repository. Without it: the "origin" of the git repository that the folder is in, if any.',
    }),
    out: Flags.string({ char: 'o', summary: 'Folder to write it to. Without it: one of its name, here.' }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(GeneratePlugin);
    const { name } = args;
    checkName(name);
    const folder = resolve(flags.out ?? name.replace(/^@[^/]+\//, ''));
    if (existsSync(folder) && !statSync(folder).isDirectory()) throw taken(folder, 'a file');
    const kind = flags.kind ?? (await this.#ask());
    const files = await pluginFiles({
      name,
      template: kind,
      language: flags.javascript ? 'javascript' : 'typescript',
      style: flags.class ? 'class' : 'function',
      license: flags.license,
      author: flags.author ?? `the authors of ${name}`,
      year: new Date().getFullYear(),
      folder,
      repository: repositoryUrl(flags.repository ?? originOf(dirname(folder))),
    });
    const outputs = [...files].map(([path, text]) => {
      return { path: join(folder, path), name: path, chunks: () => [text], replaces: false };
    });
    // What an earlier call left that was killed is not in the way.
    const own = new Set(outputs.map(({ path }) => path));
    const foreign = filesBelow(folder).filter(
      (file) => !own.has(file) && !/^\..*\.(tmp|lock|stale)$/.test(basename(file)),
    );
    if (foreign.length > 0) throw taken(folder, 'one that holds files');
    const { Inputs, writeOutputs } = await import('@quorate/host');
    await writeOutputs(outputs, { inputs: new Inputs(), advice: ELSEWHERE, onNote: this.note });
    const below = relative(process.cwd(), folder);
    const shown = below.startsWith('..') ? below : `./${below}`;
    const use = chooseIt({ name, template: kind });
    this.print([
      `Wrote ${files.size} files to ${shown}.`,
      '',
      `  cd ${shown}`,
      '  npm install && npm test        green at once; then change the rule in src/',
      '',
      'In a project that has quorate:',
      `  npm install ${shown === './' ? folder : shown}`,
      `  ${tryIt({ name, template: kind })}`,
    ]);
    return { name, kind: templates[kind], folder, files: [...files.keys()], use };
  }

  async #ask(): Promise<Template> {
    if (this.jsonEnabled() || !process.stdin.isTTY) {
      this.error('--kind is missing.', { exit: 2, suggestions: [`Choose one of ${kinds.join(', ')}.`] });
    }
    const { cancel, isCancel, select } = await import('@clack/prompts');
    const options = kinds.map((value) => ({ value, label: value }));
    const chosen = await select({ message: 'What does the plugin bring?', options });
    if (!isCancel(chosen)) return chosen;
    cancel('Nothing was written.');
    return this.exit(INTERRUPTED);
  }
}

const ELSEWHERE = 'Choose another --out; nothing in it was touched.';

function taken(where: string, got: string): QuorateError {
  return new QuorateError('OUTPUT_TAKEN', { where, expected: 'a folder that is new or empty', got, fix: ELSEWHERE });
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const below = readdirSync(folder, { recursive: true, withFileTypes: true });
  return below.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
}

/** The remote "origin" of the git repository that a folder is in; undefined without git, repository or remote. */
function originOf(folder: string): string | undefined {
  const { status, stdout } = spawnSync('git', ['remote', 'get-url', 'origin'], { cwd: folder, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

/** `git@github.com:me/it.git` and `https://github.com/me/it` as npm writes them; undefined for a path on this machine. */
function repositoryUrl(remote: string | undefined): string | undefined {
  const [, host, path] =
    /^(?:(?:git\+)?(?:https?|ssh|git):\/\/)?(?:[^@/\s]+@)?([\w.-]+\.\w+)[:/](\S+?)(?:\.git)?\/?$/.exec(remote ?? '') ??
    [];
  return host === undefined ? undefined : `git+https://${host}/${path}.git`;
}

/** The rules of npm for new packages, as far as a folder and an import need them. */
function checkName(name: string): void {
  if (/^(@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*$/.test(name) && name.length <= 214) return;
  throw new QuorateError('CONFIG_INVALID', {
    where: 'NAME',
    expected: 'the name of an npm package: small letters, digits, "-", "." and "_", with or without @scope/',
    got: JSON.stringify(name),
    fix: 'For instance quorate-plugin-curious.',
  });
}
