import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { API_VERSION, kinds as contracts, sectionOf } from '@quorate/core';
import { templates, type Template } from '../../packages/cli/dist/generate-plugin.js';
import { quorate, quorateProcess, root, workplace } from './cli.js';

const allKinds = Object.keys(templates) as Template[];
/** Few steps: the network of the template of a backend takes its time. */
const budgetOf: Partial<Record<Template, number>> = { 'learner-backend': 20 };

/** What a user would do with the new part: a command, and the words that choose it. */
function commandFor(kind: Template): string[] {
  const name = `my_${kind.replaceAll('-', '_')}`;
  if (kind === 'answer-format') return ['convert', 'answers.csv', 'answers.out', '--to', name];
  if (kind === 'feature-extractor') return ['features', 'texts.csv', '--extractor', name, '--out', `${name}.npy`];
  const words = kind === 'metric' ? `metrics=[{"use":"${name}"}]` : `${sectionOf[templates[kind]]}.use=${name}`;
  // Parts of a learner that trains have none in this method.
  const trains = ['calibrator', 'training-set-selector', 'learner-backend'].includes(kind);
  const method = trains ? [] : ['method=ds_model'];
  // A run over data of its own has no use for an experiment made for digits.
  const experiment = kind === 'dataset-source' ? [] : ['experiment=mnist'];
  return ['run', ...method, `budget=${budgetOf[kind] ?? 200}`, ...experiment, words, '--out', kind];
}

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

it('has a template for each kind', () => {
  expect(Object.values(templates).sort()).toEqual([...contracts].sort());
});

describe.each([
  // The templates themselves run with the unit tests, and all have one tsconfig and one index.
  {
    language: 'typescript',
    style: 'function',
    tested: ['sampler', 'worker-simulator'],
    used: ['sampler', 'worker-simulator'],
  },
  { language: 'typescript', style: 'class', tested: allKinds, used: ['sampler', 'optimizer'] },
  { language: 'javascript', style: 'function', tested: allKinds, used: allKinds },
  {
    language: 'javascript',
    style: 'class',
    tested: ['sampler', 'optimizer', 'learner-backend'],
    used: ['sampler', 'optimizer'],
  },
] as const)('generated packages in $language, by $style', ({ language, style, tested, used }) => {
  const home = workplace();
  const nameOf = (kind: Template): string => `quorate-plugin-my-${kind}`;
  const names = allKinds.map(nameOf);

  beforeAll(async () => {
    symlinkSync(join(root, 'node_modules'), join(home, 'node_modules'));
    const flags = [...(language === 'javascript' ? ['--javascript'] : []), ...(style === 'class' ? ['--class'] : [])];
    for (const kind of allKinds) {
      const { status, stderr } = await quorate(home, ['generate', 'plugin', nameOf(kind), '--kind', kind, ...flags]);
      expect(`${status} ${stderr}`).toBe('0 ');
    }
  });

  it.runIf(language === 'typescript')('are right by their types, tests included', () => {
    // One program over all of them, with the options of the package.
    const { compilerOptions } = JSON.parse(readFileSync(join(home, names[0]!, 'tsconfig.json'), 'utf8')) as {
      compilerOptions: object;
    };
    const all = { compilerOptions: { ...compilerOptions, rootDir: '.' }, include: names.map((name) => `${name}/src`) };
    writeFileSync(join(home, 'tsconfig.json'), JSON.stringify(all));
    const { status, output } = tool(home, typescript, ['-p', '.']);
    expect(`${status} ${output}`).toBe('0 ');
    const test = join(home, names[0]!, 'src', `${allKinds[0]}.test.ts`);
    const source = readFileSync(test, 'utf8');
    writeFileSync(test, `${source}const wrong: number = 'text';\nexport { wrong };\n`);
    const broken = tool(join(home, names[0]!), typescript, []);
    writeFileSync(test, source);
    expect(broken.output).toMatch(/sampler\.test\.ts\(\d+,\d+\): error TS2322/);
  });

  it('are green at once', () => {
    // One after the other in one process, which loads the testkit once.
    const files = tested.map((kind) => `${nameOf(kind)}/`);
    const { status, output } = tool(home, vitest, ['run', '--no-isolate', '--maxWorkers=1', ...files]);
    expect(status, output).toBe(0);
    expect(output).toMatch(new RegExp(`Test Files\\s+${tested.length} passed \\(${tested.length}\\)`));
  });

  it('are found by a project that depends on them, and used by name', async () => {
    const folder = project(home, names);
    writeFileSync(join(folder, 'answers.csv'), 'task,worker,label\nt1,a,cat\nt1,b,dog\nt2,a,cat\n');
    writeFileSync(join(folder, 'texts.csv'), 'id,text\nt1,a cat\nt2,a dog\n');
    if (language === 'typescript') {
      const built = tested.map((kind) => join(nameOf(kind), 'tsconfig.build.json'));
      const { status, output } = tool(home, typescript, ['-b', ...built]);
      expect(`${status} ${output}`).toBe('0 ');
    }
    for (const kind of used) {
      const { status, stderr } = await quorate(folder, commandFor(kind));
      expect(`${status} ${stderr}`, kind).toMatch(/^0 /);
    }
  });

  it('turn red, with the law’s name, when the rule is broken', () => {
    const extension = language === 'typescript' ? 'ts' : 'js';
    const file = join(home, names[0]!, 'src', `sampler.${extension}`);
    const source = readFileSync(file, 'utf8');
    const broken = source.replace(/ < (maxAnnotationsPerItem|this\.#cap)/, ' <= $1');
    expect(broken).not.toBe(source);
    writeFileSync(file, broken);
    const { status, output } = tool(home, vitest, ['run', `${names[0]}/`]);
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
