import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isQuorateError, type QuorateError } from '@quorate/core';
import { findPlugins, prepare } from './prepare.js';
import { problemsOf } from './problems.js';
import type { PrepareRequest } from './types.js';

/** A choice whose options stay as they are when they are parsed. */
const choice = (use: string, options: object) => ({ use, options, parsed: options });

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'quorate-prepare-')));
  write('package.json', '{"name": "project"}');
  write('builtin.ts', source('builtin', 'first'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, content: string): string {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

/** A plugin with one sampler and one preset of the method that uses it. */
function source(name: string, sampler: string): string {
  return `import { definePlugin, defineComponent } from '@quorate/core';
    import { z } from 'zod';
    const sampler = defineComponent({ kind: 'sampler', name: '${sampler}', summary: '',
      options: z.strictObject({ hitSize: z.int().min(1).default(10) }), create: () => ({}) as never });
    export default definePlugin({ name: '${name}', apiVersion: '^0.1.0', components: [sampler], presets: [
      { group: 'method', name: '${sampler}', summary: '', config: { sampler: { use: '${sampler}' } } }] });`;
}

const request = (more: Partial<PrepareRequest> = {}): PrepareRequest => ({
  cwd: folder,
  env: {},
  overrides: [],
  builtins: [{ spec: './builtin.ts', from: join(folder, 'cli.js'), origin: 'builtin' }],
  ...more,
});
async function refusal(more: Partial<PrepareRequest>): Promise<QuorateError> {
  const thrown: unknown = await prepare(request(more)).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(isQuorateError(thrown)).toBe(true);
  return thrown as QuorateError;
}

describe('prepare', () => {
  it('takes plugins of the configuration, of a parent and of a word, each from where it is named', async () => {
    write('shared/second.ts', source('second', 'second'));
    write('shared/base.yaml', 'plugins: ./second.ts\nmethod: second');
    write('conf/quorate.config.yaml', 'extends: ../shared/base.yaml\nseed: 3');
    write('here/third.ts', source('third', 'third'));
    const prepared = await prepare(
      request({
        cwd: join(folder, 'here'),
        file: '../conf/quorate.config.yaml',
        overrides: ['plugins=["./third.ts"]'],
      }),
    );
    expect(prepared.plugins.map(({ plugin, origin }) => [plugin.name, origin])).toEqual([
      ['builtin', 'builtin'],
      ['second', 'config'],
      ['third', 'config'],
    ]);
    expect(prepared.file).toBe(join(folder, 'conf/quorate.config.yaml'));
    expect(prepared.baseDir).toBe(join(folder, 'conf'));
    expect(prepared.config).toMatchObject({ seed: 3, method: 'second', experiment: null });
    expect(prepared.config.choices).toEqual({ sampler: [choice('second', { hitSize: 10 })] });
    expect(prepared.config.resolved['plugins']).toEqual(['../shared/second.ts', '../here/third.ts']);
    expect(prepared.layers).toEqual([
      'preset method/second of second',
      join(folder, 'shared/base.yaml'),
      join(folder, 'conf/quorate.config.yaml'),
      'command line',
    ]);
  });

  it('goes on with the configuration of a run, whatever file is there now', async () => {
    write('conf/mine.ts', source('mine', 'mine'));
    write('conf/x.yaml', 'plugins: ./mine.ts\nmethod: mine\nseed: 3\nsampler: {hitSize: 7}');
    const first = await prepare(request({ file: 'conf/x.yaml' }));
    write('quorate.config.yaml', 'seed: 99');
    const config = JSON.parse(JSON.stringify(first.config.resolved)) as Record<string, unknown>;
    const base = { config, file: join(folder, 'runs/a/run.json'), baseDir: 'conf' };
    const again = await prepare(request({ base }));
    expect(again.config).toEqual(first.config);
    expect(again.file).toBe(null);
    expect(again.baseDir).toBe(first.baseDir);
    expect((await prepare(request({ base, overrides: ['seed=4'] }))).config.seed).toBe(4);
    expect((await refusal({ base: { ...base, config: { ...config, sed: 1 } } })).message).toContain(
      'runs/a/run.json: sed',
    );
  });

  it('finds a file upwards, takes QUORATE_CONFIG before it, --config before that, or none', async () => {
    write('quorate.config.yaml', 'seed: 1');
    write('two.yaml', 'seed: 2');
    write('three.yaml', 'seed: 3');
    mkdirSync(join(folder, 'in/side'), { recursive: true });
    const seed = async (more: Partial<PrepareRequest>) => (await prepare(request(more))).config.seed;
    const env = { QUORATE_CONFIG: 'two.yaml' };
    expect(await seed({ cwd: join(folder, 'in/side') })).toBe(1);
    expect(await seed({ env })).toBe(2);
    expect(await seed({ env, file: 'three.yaml' })).toBe(3);
    expect(await seed({ env, useFile: false })).toBe(0);
  });

  it('throws what the configuration asked for and cannot have, all of it', async () => {
    write('broken.ts', 'throw new Error("boom")');
    write('quorate.config.yaml', 'plugins: [./broken.ts]\nsed: 1');
    expect(await refusal({})).toMatchObject({ code: 'PLUGIN_INVALID', detail: { got: 'boom' } });
    const both = await refusal({ overrides: ['plugins=["absent"]'] });
    expect(problemsOf(both).map(({ where }) => where.includes('absent'))).toEqual([false, true]);
    expect(both.message).toContain('boom');
  });

  it('only reports a dependency that does not load, and names it where a part of it is wanted', async () => {
    write('package.json', '{"name": "project", "dependencies": {"old": "*", "fine": "*"}}');
    const manifest = { apiVersion: '^9.0.0', provides: ['sampler/clever'] };
    write(
      'node_modules/old/package.json',
      JSON.stringify({ name: 'old', version: '1.0.0', main: 'x.js', quorate: manifest }),
    );
    write('node_modules/old/x.js', '');
    const { failures } = await prepare(request());
    expect(failures.map(({ spec, origin, error }) => [spec, origin, error.code])).toEqual([
      ['old', 'dependency', 'PLUGIN_API'],
    ]);
    const error = await refusal({ overrides: ['sampler.use=clever'] });
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.message).toContain('It is provided by old, which did not load: plugin old: expected core API ^9.0.0');
  });

  it('reports problems of all layers in one error', async () => {
    write('quorate.config.yaml', 'extends: ./base.yaml\nsed: 1');
    write('base.yaml', 'sampler: {use: first, hitSize: 0}\nplugins: [3]');
    const error = await refusal({ env: { QUORATE_BUDGT: '3' }, overrides: ['seed=x', 'extends=./y.yaml'] });
    expect(problemsOf(error).map(({ where }) => where)).toEqual([
      'base.yaml: plugins',
      'command line: extends',
      'quorate.config.yaml: sed',
      'QUORATE_BUDGT: budgt',
      'command line: seed',
      'base.yaml: sampler.hitSize',
    ]);
  });
});

it('findPlugins does not mind a configuration that does not validate', async () => {
  write('quorate.config.yaml', 'sed: 1\nplugins: [./absent.ts]');
  const found = await findPlugins(request());
  expect(found.registry.component('sampler', 'first')).toBeDefined();
  expect(found.failures.map(({ error }) => error.code)).toEqual(['PLUGIN_NOT_FOUND']);
});
