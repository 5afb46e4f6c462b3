import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { API_VERSION } from '@quorate/core';
import { quorate, quorateProcess, root, workplace } from './cli.js';

const allKinds = [
  'sampler',
  'learner',
  'aggregator',
  'optimizer',
  'worker-simulator',
  'worker-model',
  'stopping-rule',
  'dataset-source',
  'metric',
];
const sectionUse: Record<string, string> = {
  sampler: 'sampler.use=my_sampler',
  learner: 'learner.use=my_learner',
  aggregator: 'aggregator.use=my_aggregator',
  optimizer: 'optimizer.use=my_optimizer',
  'worker-simulator': 'workers.use=my_worker_simulator',
  'worker-model': 'workerModel.use=my_worker_model',
  'stopping-rule': 'stop.use=my_stopping_rule',
  'dataset-source': 'dataset.use=my_dataset_source',
  metric: 'metrics=[{"use":"my_metric"}]',
};

const require = createRequire(import.meta.url);
const typescript = join(require.resolve('typescript/package.json'), '../bin/tsc');
const vitest = join(require.resolve('vitest/package.json'), '../vitest.mjs');

/** A tool of the package's own scripts, with what `npm install` would have put beside it. */
function tool(cwd: string, program: string, args: readonly string[]): { status: number | null; output: string } {
  const env: NodeJS.ProcessEnv = { ...process.env, NO_COLOR: '1', CI: 'true' };
  for (const name of Object.keys(env)) if (/^(VITEST|NODE_OPTIONS|TEST|NODE_ENV)/.test(name)) delete env[name];
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { cwd, env, encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

/** A project whose dependencies are every generated package. */
function project(home: string, names: readonly string[]): string {
  const folder = join(home, 'project');
  mkdirSync(join(folder, 'node_modules'), { recursive: true });
  for (const name of names) symlinkSync(join(home, name), join(folder, 'node_modules', name));
  const dependencies = Object.fromEntries(names.map((name) => [name, '*']));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }));
  return folder;
}

describe.each(['typescript', 'javascript'])('generated packages in %s', (language) => {
  // The TypeScript templates themselves run with the unit tests; all have one tsconfig and one index.
  const kinds = language === 'typescript' ? ['sampler', 'worker-simulator'] : allKinds;
  const home = workplace();
  const names = kinds.map((kind) => `quorate-plugin-my-${kind}`);

  beforeAll(async () => {
    symlinkSync(join(root, 'node_modules'), join(home, 'node_modules'));
    for (const [x, kind] of kinds.entries()) {
      const flags = language === 'javascript' ? ['--javascript'] : [];
      const { status, stderr } = await quorate(home, ['generate', 'plugin', names[x]!, '--kind', kind, ...flags]);
      expect(`${status} ${stderr}`).toBe('0 ');
    }
  });

  it('are green at once', () => {
    // One after the other in one process, which loads the testkit once.
    const { status, output } = tool(home, vitest, ['run', '--no-isolate', '--maxWorkers=1']);
    expect(status, output).toBe(0);
    expect(output).toMatch(new RegExp(`Test Files\\s+${kinds.length} passed \\(${kinds.length}\\)`));
  });

  it('are found by a project that depends on them, and run by name', async () => {
    const folder = project(home, names);
    if (language === 'typescript') {
      const { status, output } = tool(home, typescript, ['-b', ...names]);
      expect(`${status} ${output}`).toBe('0 ');
    }
    for (const kind of kinds) {
      const words = ['method=ds_model', 'budget=200', 'experiment=mnist', sectionUse[kind]!];
      // A run over data of its own has no use for an experiment made for digits.
      if (kind === 'dataset-source') words.splice(2, 1);
      const { status, stderr } = await quorate(folder, ['run', ...words, '--out', kind]);
      expect(`${status} ${stderr}`, kind).toMatch(/^0 /);
    }
  });

  it('turn red, with the law’s name, when the rule is broken', () => {
    const extension = language === 'typescript' ? 'ts' : 'js';
    const file = join(home, names[0]!, 'src', `sampler.${extension}`);
    const source = readFileSync(file, 'utf8');
    const broken = source.replace(' < maxAnnotationsPerItem', ' <= maxAnnotationsPerItem');
    expect(broken).not.toBe(source);
    writeFileSync(file, broken);
    const { status, output } = tool(home, vitest, ['run', names[0]!]);
    writeFileSync(file, source);
    expect(status).toBe(1);
    expect(output).toMatch(/FAIL.*L3 cap/);
    expect(output).toMatch(/1 failed/);
  });
});

describe('quorate generate plugin', () => {
  const home = workplace();

  it('names the repository that it is in, or the one that was given', async () => {
    const repository = async (folder: string, ...flags: string[]): Promise<unknown> => {
      const { status } = await quorate(folder, ['generate', 'plugin', 'here', '--kind', 'metric', ...flags]);
      expect(status).toBe(0);
      const manifest = JSON.parse(readFileSync(join(folder, 'here/package.json'), 'utf8')) as { repository?: unknown };
      rmSync(join(folder, 'here'), { recursive: true });
      return manifest.repository;
    };
    const git = (url: string) => ({ type: 'git', url });
    const [nowhere, cloned] = [workplace(), workplace()];
    expect(await repository(nowhere)).toBeUndefined();
    expect(await repository(nowhere, '--repository', 'https://example.org/me/it')).toEqual(
      git('git+https://example.org/me/it.git'),
    );
    spawnSync('git', ['init', '--quiet'], { cwd: cloned });
    for (const [origin, expected] of [
      ['git@github.com:me/it.git', git('git+https://github.com/me/it.git')],
      ['https://me:secret@github.com/me/it.git', git('git+https://github.com/me/it.git')],
      ['/srv/git/it.git', undefined],
    ] as const) {
      spawnSync('git', ['remote', 'remove', 'origin'], { cwd: cloned });
      spawnSync('git', ['remote', 'add', 'origin', origin], { cwd: cloned });
      expect(await repository(cloned), origin).toEqual(expected);
    }
  });

  it('has the licence that was chosen, and its text', async () => {
    const args = ['generate', 'plugin', '@me/sure', '--kind', 'metric', '--license', 'Apache-2.0', '--author', 'Ada'];
    const { status, stdout } = await quorate(home, [...args, '--json']);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ name: '@me/sure', kind: 'metric', use: `'metrics=[{"use":"sure"}]'` });
    expect(JSON.parse(readFileSync(join(home, 'sure/package.json'), 'utf8'))).toMatchObject({
      name: '@me/sure',
      license: 'Apache-2.0',
      author: 'Ada',
      quorate: { provides: ['metric/sure'] },
      engines: { node: '>=20.19.0' },
      publishConfig: { access: 'public' },
      peerDependencies: { '@quorate/core': `^${API_VERSION}` },
    });
    expect(readFileSync(join(home, 'sure/LICENSE'), 'utf8')).toMatch(
      /Apache License\s+Version 2\.0[^]*Copyright \d{4} Ada/,
    );
  });

  it.each([
    [
      ['../evil', '--kind', 'sampler'],
      /\[CONFIG_INVALID\] NAME: expected the name of an npm package.*got "\.\.\/evil"/,
    ],
    [['Big Name', '--kind', 'sampler'], /\[CONFIG_INVALID\] NAME/],
    [['fine', '--kind', 'samplr'], /Expected --kind=samplr to be one of: sampler, learner/],
    [['fine'], /--kind is missing\.\nChoose one of sampler, learner/],
    [[], /Missing 1 required arg/],
  ])('refuses %j and writes nothing', async (args, message) => {
    const before = readdirSync(home);
    const { status, stderr } = await quorate(home, ['generate', 'plugin', ...args]);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(status).toBe(2);
    expect(readdirSync(home)).toEqual(before);
  });

  it('leaves a folder that is not empty as it is', async () => {
    mkdirSync(join(home, 'taken'));
    writeFileSync(join(home, 'taken', 'mine.txt'), 'mine');
    const { status, stderr } = await quorate(home, ['generate', 'plugin', 'taken', '--kind', 'sampler']);
    expect(status).toBe(2);
    expect(stderr).toMatch(/expected a folder that is new or empty, got one that holds files/);
    expect(readdirSync(join(home, 'taken'))).toEqual(['mine.txt']);
  });
});

describe('quorate plugins install', () => {
  const home = workplace();
  const project = join(home, 'project');
  symlinkSync(join(root, 'node_modules'), join(home, 'node_modules'));
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{ "name": "project", "private": true }');

  it('adds a package to the project and says what it brings', async () => {
    const folder = join(home, 'quorate-plugin-seven');
    mkdirSync(folder);
    const manifest = { name: 'quorate-plugin-seven', version: '1.2.3', type: 'module', exports: './index.js' };
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ ...manifest, quorate: { apiVersion: '^0.1.0' } }));
    const seven = `import { defineComponent, definePlugin } from '@quorate/core';
import { z } from 'zod';
const create = () => ({ measure: () => 7 });
const options = z.strictObject({ n: z.int().default(7).describe('a number') });
const seven = defineComponent({ kind: 'metric', name: 'seven', summary: 'always seven', options, create });
export default definePlugin({ name: 'quorate-plugin-seven', apiVersion: '^0.1.0', components: [seven] });`;
    writeFileSync(join(folder, 'index.js'), seven);
    const { status, stdout } = await quorateProcess(project, ['plugins', 'install', '../quorate-plugin-seven']);
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /Installed:\s+quorate-plugin-seven 1\.2\.3 \(dependency of this project\)\s+metric\s+seven {2}always seven/,
    );
    const inspected = await quorateProcess(project, ['plugins', 'inspect', 'quorate-plugin-seven', '--json']);
    expect(JSON.parse(inspected.stdout)).toMatchObject({
      plugins: [{ name: 'quorate-plugin-seven', version: '1.2.3', apiVersion: '^0.1.0', origin: 'dependency' }],
      components: [{ kind: 'metric', name: 'seven', injects: [], options: [{ name: 'n', default: '7' }] }],
    });
  });

  it('that is removed again is missed by name, with the way to have it back', async () => {
    const words = ['run', 'method=ds_model', 'budget=200', 'metrics=[{"use":"seven"}]'];
    expect((await quorateProcess(project, words)).status).toBe(0);
    rmSync(join(project, 'node_modules/quorate-plugin-seven'));
    const { status, stderr } = await quorateProcess(project, [...words, 'seed=2']);
    expect(status).toBe(2);
    expect(stderr).toMatch(/"seven"/);
    expect(stderr).toMatch(/npm install quorate-plugin-seven/);
  });

  it('refuses what cannot be installed, and where no project is', async () => {
    const missing = await quorateProcess(project, ['plugins', 'install', './not-there']);
    expect(missing.status).toBe(2);
    expect(missing.stderr).toMatch(/\[PLUGIN_NOT_FOUND\] npm install \.\/not-there: expected an installed package/);
    const nowhere = await quorateProcess('/', ['plugins', 'install', 'x']);
    expect(`${nowhere.status} ${nowhere.stderr}`).toMatch(/^2 Error: \[PLUGIN_NOT_FOUND\] \/: expected a project/);
  });
});
