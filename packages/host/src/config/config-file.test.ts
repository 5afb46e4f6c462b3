import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isQuorateError } from '@quorate/core';
import { readConfigFile, searchConfig } from './config-file.js';
import type { Problem } from './problems.js';
import { merge } from '../tree.js';

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'quorate-config-')));
  write('package.json', '{"name": "project"}');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, content: string): string {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

async function read(path: string) {
  const problems: Problem[] = [];
  const { layers, plugins } = await readConfigFile(join(folder, path), folder, problems);
  return { tree: layers.reduce((sum, layer) => merge(sum, layer.tree), {}), layers, plugins, problems };
}

async function refusal(path: string): Promise<string> {
  try {
    await read(path);
  } catch (thrown) {
    expect(isQuorateError(thrown)).toBe(true);
    expect((thrown as Error).message).not.toContain('\n');
    return (thrown as Error).message;
  }
  throw new Error('it was accepted');
}

/** Nine lists of nine of the list before: half a kilobyte that stands for hundreds of millions of values. */
function bomb(): string {
  const named = [...'abcdefghij'].map((name, at, all) => {
    const value = at === 0 ? '"x"' : `*${all[at - 1]!}`;
    return `${name}: &${name} [${new Array<string>(9).fill(value).join(', ')}]`;
  });
  return named.join('\n');
}

describe('finding a configuration', () => {
  it.each(['quorate.config.yaml', 'quorate.config.json', '.quoraterc', '.quoraterc.yml', 'quorate.config.ts'])(
    '%s',
    async (name) => {
      const file = write(name, name.endsWith('.ts') ? 'export default { seed: 3 as number };' : '{"seed": 3}');
      mkdirSync(join(folder, 'a/b'), { recursive: true });
      expect(await searchConfig(join(folder, 'a/b'))).toBe(file);
      expect((await read(name)).tree).toEqual({ seed: 3 });
    },
  );

  it.each(['js', 'mjs', 'cjs', 'mts'])('a module quorate.config.%s', async (extension) => {
    const file = write(
      `quorate.config.${extension}`,
      extension === 'cjs' ? 'module.exports = {seed: 3}' : 'export default {seed: 3}',
    );
    write('package.json', '{"name": "project", "type": "module"}');
    expect(await searchConfig(folder)).toBe(file);
    expect((await read(`quorate.config.${extension}`)).tree).toEqual({ seed: 3 });
  });

  it('stops at the nearest package.json', async () => {
    write('quorate.config.yaml', 'seed: 1');
    write('inner/package.json', '{}');
    expect(await searchConfig(join(folder, 'inner'))).toBe(null);
  });

  it('takes the field "quorate" of a package.json, but not the manifest of a plugin', async () => {
    const file = write('package.json', '{"name": "x", "quorate": {"seed": 3}}');
    expect(await searchConfig(folder)).toBe(file);
    expect((await read('package.json')).tree).toEqual({ seed: 3 });
    write('package.json', '{"name": "x", "quorate": {"apiVersion": "^0.1.0", "provides": ["sampler/x"]}}');
    expect(await searchConfig(folder)).toBe(null);
    const nextToIt = write('.quoraterc', 'seed: 1');
    expect(await searchConfig(folder)).toBe(nextToIt);
    expect(await refusal('package.json')).toContain('no field "quorate"');
  });
});

describe('extends', () => {
  it('puts parents below, in order, and resolves everything from the file that names it', async () => {
    write('shared/one.yaml', 'seed: 1\nbudget: 1\nplugins: [./p.js]\nname: one');
    write('shared/two.json', '{"seed": 2, "budget": 2, "extends": "./one.yaml"}');
    write('node_modules/@acme/base/package.json', '{"name": "@acme/base", "exports": {"import": "./base.mjs"}}');
    write('node_modules/@acme/base/base.mjs', 'export default {earlyStop: true, plugins: "dep"}');
    write('quorate.config.yaml', 'extends: ["./shared/two.json", "@acme/base"]\nplugins: [own]\nseed: 3');
    const { tree, plugins, layers } = await read('quorate.config.yaml');
    expect(tree).toEqual({ seed: 3, budget: 2, name: 'one', earlyStop: true });
    expect(layers.map(({ origin }) => origin)).toEqual([
      'shared/one.yaml',
      'shared/two.json',
      'node_modules/@acme/base/base.mjs',
      'quorate.config.yaml',
    ]);
    expect(plugins.map(({ spec, from }) => [spec, from.slice(folder.length + 1)])).toEqual([
      ['./p.js', 'shared/one.yaml'],
      ['dep', 'node_modules/@acme/base/base.mjs'],
      ['own', 'quorate.config.yaml'],
    ]);
  });

  it('refuses circles, one file long and longer, and lets two files share a parent', async () => {
    write('a.yaml', 'extends: ./b.yaml');
    write('b.yaml', 'extends: ./a.yaml');
    expect(await refusal('a.yaml')).toContain('got a.yaml → b.yaml → a.yaml');
    write('self.yaml', 'extends: ./self.yaml');
    expect(await refusal('self.yaml')).toContain('[CONFIG_INVALID] self.yaml: extends');
    write('base.yaml', 'seed: 1');
    write('l.yaml', 'extends: ./base.yaml');
    write('r.yaml', 'extends: ./base.yaml');
    write('both.yaml', 'extends: [./l.yaml, ./r.yaml]');
    expect((await read('both.yaml')).tree).toEqual({ seed: 1 });
  });

  it('names what it cannot find', async () => {
    write('a.yaml', 'extends: ./nowhere.yaml');
    expect(await refusal('a.yaml')).toContain('[CONFIG_UNREADABLE] a.yaml: extends: expected a file, or a package');
    write('b.yaml', 'extends: nothing-of-that-name');
    expect(await refusal('b.yaml')).toContain('npm install nothing-of-that-name');
  });
});

describe('a file that cannot be read', () => {
  it.each([
    ['x.yaml', 'seed: 1\nsampler: {use: random\nbudget: 3\n', 'x.yaml:3: expected YAML'],
    ['x.yml', 'seed: 1\n\tbudget: 3\n', 'x.yml:2: expected YAML'],
    ['x.json', '{\n "seed": 1,\n "budget" 3\n}', 'x.json:3: expected JSON'],
    ['x.ts', 'const a: number = 1;\nexport default { seed: ;\n};', 'x.ts:2: expected TypeScript'],
    ['x.mjs', 'export default {\n  seed: ;\n};', 'x.mjs:2: expected JavaScript'],
    ['x.js', 'export const a = 1;\nthrow new Error("boom\\nagain");', 'got boom'],
    ['x.ts', 'import nothing from "nothing-of-that-name";\nexport default { a: nothing };', 'nothing-of-that-name'],
  ])('%s: %j', async (name, content, expected) => {
    write('package.json', '{"name": "x", "type": "module"}');
    write(name, content);
    const text = await refusal(name);
    expect(text).toContain('[CONFIG_UNREADABLE]');
    expect(text).toContain(expected);
    expect(text).not.toContain(folder);
  });

  it('is found broken by a search too', async () => {
    write('quorate.config.yaml', 'a: [');
    await expect(searchConfig(folder)).rejects.toThrow(/CONFIG_UNREADABLE.*quorate\.config\.yaml/);
  });

  it.each([
    ['aliases that multiply', bomb(), 'at most 100,000 values'],
    ['aliases that multiply in a map', `seed: 1\n${bomb()}`, 'at most 100,000 values'],
    ['thousands of levels', `a: ${'['.repeat(5000)}${']'.repeat(5000)}`, 'thousands of levels'],
    ['levels without an end', `a: ${'{a: '.repeat(20_000)}`, '[CONFIG_UNREADABLE]'],
    ['data', 'a: [1, 2]\n# '.padEnd(3 << 20, 'data '), 'at most 1 MiB, got 3 MiB'],
  ])('%s, at once', async (_name, content, expected) => {
    write('quorate.config.yaml', content);
    const began = performance.now();
    expect(await refusal('quorate.config.yaml')).toContain(expected);
    expect(performance.now() - began).toBeLessThan(5000);
  });

  it('not for a value that is named in many places, or within itself', async () => {
    write('x.yaml', `seed: &one [1]\nbudget: [${'*one, '.repeat(100)}]`);
    expect((await read('x.yaml')).tree).toMatchObject({ seed: [1] });
  });

  it('missing, empty, a folder, or not a map', async () => {
    expect(await refusal('none.yaml')).toContain('got no such file');
    write('empty.yaml', '');
    expect(await refusal('empty.yaml')).toContain('got an empty file');
    expect(await refusal('.')).toContain('got a folder');
    write('list.yaml', '- 1');
    expect((await read('list.yaml')).problems[0]).toMatchObject({ where: 'list.yaml', got: 'a list' });
    write('x.txt', 'seed: 1');
    expect(await refusal('x.txt')).toContain('extension ".txt"');
  });
});
