import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { API_VERSION } from '@quorate/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadPlugins } from './load.js';
import { dependencyPlugins } from './manifest.js';
import type { PluginRef } from './ref.js';

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'quorate-plugins-')));
  mkdirSync(join(folder, 'node_modules'));
  const zod = dirname(createRequire(import.meta.url).resolve('zod/package.json'));
  symlinkSync(zod, join(folder, 'node_modules/zod'), 'junction');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, content: string): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

/** A plugin that was built against another copy of core: all that the two share is the brand. */
function module(name: string, component: string, { api = `^${API_VERSION}`, extra = '' } = {}): string {
  return `import { z } from 'zod';
    export default { name: '${name}', apiVersion: '${api}', [Symbol.for('@quorate/core/plugin')]: true, components: [
      { kind: 'metric', name: '${component}', summary: '', options: z.strictObject({}), inject: [],
        create: () => ({ measure: () => 0 }) }], ${extra} };`;
}

interface PackageOptions {
  readonly manifest?: unknown;
  readonly exports?: unknown;
  readonly content?: string;
}
function install(
  name: string,
  { manifest = { apiVersion: '^0.1.0' }, exports = './index.mjs', content }: PackageOptions = {},
): void {
  const at = `node_modules/${name}`;
  write(`${at}/package.json`, JSON.stringify({ name, version: '1.2.3', type: 'module', exports, quorate: manifest }));
  write(`${at}/index.mjs`, content ?? module(name, name.replace(/\W/g, '_')));
}

const ref = (spec: string, origin: PluginRef['origin'] = 'config'): PluginRef => ({
  spec,
  origin,
  from: join(folder, 'quorate.config.yaml'),
});
const load = (...specs: readonly string[]) => loadPlugins(specs.map((spec) => ref(spec)));
async function refusal(spec: string): Promise<string> {
  const { failures, plugins } = await load(spec);
  expect(plugins).toEqual([]);
  expect(failures).toHaveLength(1);
  expect(failures[0]!.error.message).not.toContain('\n');
  return failures[0]!.error.message;
}

describe('loading plugins', () => {
  it('by name, by both shorthands, with an import condition only', async () => {
    install('one');
    install('@quorate/plugin-two', { exports: { '.': { import: { default: './index.mjs' } } } });
    install('quorate-plugin-three', { exports: { import: './index.mjs' } });
    const { plugins, failures } = await load('one', 'two', 'three');
    expect(failures).toEqual([]);
    expect(plugins.map(({ packageName, version, plugin }) => [packageName, version, plugin.name])).toEqual([
      ['one', '1.2.3', 'one'],
      ['@quorate/plugin-two', '1.2.3', '@quorate/plugin-two'],
      ['quorate-plugin-three', '1.2.3', 'quorate-plugin-three'],
    ]);
  });

  it('prefers a plugin to an unrelated package with the bare name', async () => {
    write('node_modules/random/package.json', '{"name": "random", "main": "index.js"}');
    write('node_modules/random/index.js', 'throw new Error("this is no plugin")');
    install('quorate-plugin-random');
    const { plugins } = await load('random');
    expect(plugins[0]?.packageName).toBe('quorate-plugin-random');
  });

  it('from a file of the user in JavaScript and TypeScript, which needs no core installed beside it', async () => {
    write('package.json', '{"name": "project", "type": "module"}');
    write('mine.js', module('mine', 'mine'));
    const typed = `import { definePlugin, defineComponent, T, type Rng } from '@quorate/core';
      import { TruthToken } from '@quorate/core/truth';
      import { z } from 'zod';
      const metric = defineComponent({ kind: 'metric', name: 'NAME', summary: '', options: z.strictObject({}),
        inject: [T.Rng, TruthToken], create: (_options, rng: Rng) => ({ measure: () => rng.uniform() }) });
      export default definePlugin({ name: 'NAME', apiVersion: '^0.1.0', components: [metric] });`;
    write('typed.ts', typed.replaceAll('NAME', 'typed'));
    write('lone.js', typed.replaceAll('NAME', 'lone').replace(', type Rng', '').replace(': Rng', ''));
    const { plugins, failures } = await load('./mine.js', './typed.ts', './typed', './lone.js');
    expect(failures).toEqual([]);
    expect(plugins.map(({ plugin, packageName }) => [plugin.name, packageName])).toEqual([
      ['mine', null],
      ['typed', null],
      ['lone', null],
    ]);
  });

  it('once, when one file is named twice or is a dependency too', async () => {
    install('one');
    write(
      'package.json',
      JSON.stringify({ name: 'project', dependencies: { one: '*', zod: '*' }, devDependencies: { one: '*' } }),
    );
    const dependencies = dependencyPlugins(join(folder));
    expect(dependencies).toEqual([{ spec: 'one', from: join(folder, 'package.json'), origin: 'dependency' }]);
    const { plugins, failures } = await loadPlugins([...dependencies, ref('one'), ref('one', 'builtin')]);
    expect(plugins.map(({ origin }) => origin)).toEqual(['builtin']);
    expect(failures).toEqual([]);
  });
});

it('a built-in plugin may be named although it is not installed beside the configuration', async () => {
  install('quorate-plugin-one');
  const away: PluginRef = { spec: 'one', from: join(tmpdir(), 'elsewhere.yaml'), origin: 'config' };
  const { plugins, failures } = await loadPlugins([away, ref('quorate-plugin-one', 'builtin')]);
  expect(plugins).toHaveLength(1);
  expect(failures).toEqual([]);
});

describe('a plugin that is refused', () => {
  it('does not stop the others, and says what it would have provided', async () => {
    install('good');
    install('bad', {
      content: 'throw new TypeError("boom\\nsecond line")',
      manifest: { apiVersion: '*', provides: ['learner/mlp'] },
    });
    const { plugins, failures, elsewhere } = await load('bad', 'good', 'absent');
    expect(plugins.map(({ spec }) => spec)).toEqual(['good']);
    expect(failures.map(({ spec, error }) => [spec, error.code])).toEqual([
      ['bad', 'PLUGIN_INVALID'],
      ['absent', 'PLUGIN_NOT_FOUND'],
    ]);
    expect(failures[0]!.error.detail).toMatchObject({ got: 'boom' });
    expect(failures[0]!.error.detail.cause).toBeInstanceOf(Error);
    expect(elsewhere).toEqual(new Map([['learner/mlp', 'bad']]));
  });

  it('is not found: names tried, from where, how to install', async () => {
    const text = await refusal('absent');
    for (const part of [
      'quorate.config.yaml',
      'absent, @quorate/plugin-absent, quorate-plugin-absent',
      'npm install absent',
    ]) {
      expect(text).toContain(part);
    }
    expect(await refusal('./absent.js')).toContain('Correct the path.');
  });

  it('speaks another API: by its manifest, before it is imported', async () => {
    install('old', { manifest: { apiVersion: '^9.0.0' }, content: 'throw new Error("must not be imported")' });
    expect(await refusal('old')).toContain('[PLUGIN_API] plugin old: expected core API ^9.0.0, got core API 0.1.0');
    install('odd', { manifest: { apiVersion: 'soon' } });
    expect(await refusal('odd')).toContain('a semver range');
    install('late', { content: module('late', 'x', { api: '^0.0.1' }) });
    expect(await refusal('late')).toContain('[PLUGIN_API] plugin late: expected core API ^0.0.1');
  });

  it.each([
    ['no default export', 'export const a = 1', 'got no default export'],
    ['a wrong one', 'export default 3', 'got number'],
    ['not branded', 'export default {name: "x", apiVersion: "*"}', 'definePlugin'],
    ['no name', module('', 'x'), 'a name'],
    ['a syntax error', 'export default {\n a: ;\n}', 'PLUGIN_INVALID'],
    ['a missing peer', 'import "@tensorflow/not-here"; export default 1', 'npm install @tensorflow/not-here'],
    ['an unknown kind', module('p', 'x').replace("'metric'", "'metrics'"), 'component 0 "x" (metrics): expected kind'],
    ['options that are no schema', module('p', 'x').replace('z.strictObject({})', '{}'), 'options, a zod schema'],
    ['no create', module('p', 'x').replace('create:', 'creates:'), 'create or bindings'],
    ['no component name', module('p', ''), 'a name'],
    ['components that are no list', module('p', 'x', { extra: 'components: {}' }), 'components, a list'],
    [
      'a bad preset',
      module('p', 'x', { extra: 'presets: [{group: "methods", name: "x", config: {}}]' }),
      'group experiment, method',
    ],
    [
      'a preset without config',
      module('p', 'x', { extra: 'presets: [{group: "method", name: "x"}]' }),
      'config, a map',
    ],
    [
      'data outside its folder',
      module('p', 'x', {
        extra: 'data: [{name: "d", files: [{path: "../x", url: "u", sha256: "0".repeat(64), bytes: 1}]}]',
      }),
      'without ".."',
    ],
    [
      'one preset twice',
      module('p', 'x', { extra: 'presets: ["", ""].map(() => ({ group: "method", name: "m", config: {} }))' }),
      'preset/method/m from one plugin, got it twice',
    ],
  ])('%s', async (_what, content, expected) => {
    install('p', { content });
    expect(await refusal('p')).toContain(expected);
  });

  it('a second plugin of one name, or with a component that is there: the first stays, built-in first', async () => {
    install('first', { content: module('same', 'a') });
    install('second', { content: module('same', 'b') });
    install('third', { content: module('third', 'a') });
    const { plugins, failures } = await loadPlugins([
      ref('third', 'dependency'),
      ref('second'),
      ref('first', 'builtin'),
    ]);
    expect(plugins.map(({ spec }) => spec)).toEqual(['first']);
    expect(failures.map(({ spec, error }) => [spec, error.code])).toEqual([
      ['second', 'PLUGIN_DUPLICATE'],
      ['third', 'PLUGIN_DUPLICATE'],
    ]);
    expect(failures[1]!.error.message).toContain('metric/a from one plugin, got it from same too');
  });

  it('is reported for the configuration that names it, also when a built-in list has failed with it', async () => {
    install('p', { content: 'throw 1' });
    const { failures } = await loadPlugins([ref('p', 'builtin'), ref('p'), ref('p', 'dependency')]);
    expect(failures.map(({ origin }) => origin)).toEqual(['builtin', 'config']);
  });
});
