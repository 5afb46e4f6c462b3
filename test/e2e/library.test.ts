import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { createRun, readSteps } from '@quorate/engine';
import type { QuorateError } from '@quorate/core';
import datasets from '@quorate/plugin-datasets';
import dsModel from '@quorate/plugin-ds-model';
import standard from '@quorate/plugin-standard';
import { contents, lines, quorate, root, workplace } from './cli.js';

const plugins = [datasets, dsModel, standard];
const config = { experiment: 'synthetic', method: 'ds_model', simulation: 'structured', budget: 400, seed: 3 };
const refused = (run: Promise<unknown>): Promise<QuorateError> =>
  run.then(
    () => expect.unreachable(),
    (thrown: unknown) => thrown as QuorateError,
  );

describe('createRun', () => {
  it('writes what the command line writes, byte for byte', async () => {
    const home = workplace();
    const run = await createRun(config, { plugins, folder: 'library', cwd: home });
    const steps = [];
    for await (const step of run.steps()) steps.push(step);
    expect(run.result).toMatchObject({ stopped: 'budget', last: steps.at(-1) });
    await run.dispose();
    expect(steps).toEqual(readSteps(join(home, 'library')));

    const words = Object.entries(config).map(([key, value]) => `${key}=${value}`);
    expect((await quorate(home, ['run', ...words, '--out', 'command'])).status).toBe(0);
    const [library, command] = ['library', 'command'].map((name) => contents(join(home, name)));
    for (const name of ['annotations.csv', 'labels.csv', 'steps.jsonl', 'workers.csv'])
      expect(library![name], name).toBe(command![name]);
  });

  it('ends as interrupted after the step in hand, and goes on from there', async () => {
    const home = workplace();
    const whole = await createRun(config, { plugins, folder: join(home, 'whole') });
    for await (const _ of whole.steps());
    await whole.dispose();

    const cancel = new AbortController();
    {
      await using run = await createRun(config, { plugins, folder: join(home, 'parts') });
      for await (const { step } of run.steps(cancel.signal)) if (step === 2) cancel.abort();
      expect(run.result).toMatchObject({ stopped: 'interrupted', last: { step: 2 } });
    }
    await using rest = await createRun(config, { plugins, folder: join(home, 'parts'), resume: true });
    expect(rest.resumedFrom).toBe(2);
    for await (const _ of rest.steps());
    expect(contents(join(home, 'parts'))['labels.csv']).toBe(contents(join(home, 'whole'))['labels.csv']);
  });

  it('leaves nothing behind without a folder, also when it cannot begin', async () => {
    const before = process.env['TMPDIR'];
    const home = workplace();
    process.env['TMPDIR'] = home;
    try {
      {
        await using run = await createRun(config, { plugins });
        for await (const { step } of run.steps()) if (step === 1) break;
        expect(dirname(run.folder)).toBe(home);
        expect(lines(run.folder, 'steps.jsonl')).toHaveLength(2);
      }
      const { code } = await refused(createRun({ ...config, sampler: { hitSize: 1e6 } }, { plugins }));
      expect(code).toBe('CONFIG_INVALID');
      expect(readdirSync(home)).toEqual([]);
    } finally {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
    }
  });

  it('takes plugins by name and by file, and hears neither files nor variables', async () => {
    const home = workplace();
    writeFileSync(join(home, 'quorate.config.yaml'), 'seed: not a number');
    process.env['QUORATE_METHOD'] = 'lean';
    try {
      const names = ['datasets', 'ds-model', 'standard'].map((name) => join(root, 'plugins', name));
      await using run = await createRun({ ...config, plugins: names }, { cwd: home });
      expect(run.description).toMatch(/synthetic/i);
    } finally {
      delete process.env['QUORATE_METHOD'];
    }
  });

  it.each([
    ['an unknown method', { method: 'ds_modl' }, plugins, 'CONFIG_INVALID', /ds_model/],
    ['an unknown key', { budgt: 3 }, plugins, 'CONFIG_INVALID', /budgt.*budget/],
    ['a parent', { extends: 'x.yaml' }, plugins, 'CONFIG_INVALID', /config: extends/],
    ['no plugin', {}, [], 'CONFIG_INVALID', /synthetic/],
    ['something else as plugin', {}, [{} as typeof standard], 'PLUGIN_INVALID', /module 1.*definePlugin/],
    ['two plugins of one name', {}, [standard, { ...standard }], 'PLUGIN_DUPLICATE', /module 1.*module 2/],
    ['a package that is not there', { plugins: ['nowhere'] }, plugins, 'PLUGIN_NOT_FOUND', /nowhere/],
  ])('refuses %s', async (_, change, modules, code, message) => {
    // In a project without dependencies, so that nothing else is found.
    const cwd = workplace();
    writeFileSync(join(cwd, 'package.json'), '{"name": "empty"}');
    const error = await refused(createRun({ ...config, ...change }, { plugins: modules, cwd }));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  it('does what packages/engine/README.md shows', () => {
    const readme = readFileSync(join(root, 'packages/engine/README.md'), 'utf8');
    const blocks = [...readme.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, block]) => block!);
    expect(blocks).toHaveLength(2);
    // Below the root, where their imports are found.
    const home = join(root, 'node_modules/.cache/library');
    rmSync(home, { recursive: true, force: true });
    mkdirSync(home, { recursive: true });
    const [iterated, listened] = blocks.map((block, at) => {
      const program = `program-${at}.mts`;
      writeFileSync(join(home, program), block);
      const args = ['--conditions=@quorate/source', '--import', 'tsx', program];
      const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: home, encoding: 'utf8' });
      expect(`${status} ${stderr}`).toBe('0 ');
      return stdout;
    });
    expect(iterated).toMatch(/^step 0: 0 annotations, \d+ % valid\n[^]*it was interrupted .*labels\.csv\n$/);
    expect(existsSync(join(home, 'runs/first/labels.csv'))).toBe(true);
    expect(listened).toMatch(
      /^step 0: \d+ % valid\nstep 1: \d+ answers, the first by \S+ about \S+\n[^]*stopped: .+\n400 \[/,
    );
  });
});

describe('quorate init', () => {
  it('writes a JSON Schema that accepts its configuration and refuses what a run would refuse', async () => {
    const home = workplace();
    expect((await quorate(home, ['init', '--yes'])).status).toBe(0);
    const text = readFileSync(join(home, 'quorate.config.yaml'), 'utf8');
    const [, file] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text)!;
    const schema = readFileSync(join(home, file!), 'utf8');
    expect(schema).toBe((await quorate(home, ['config', 'schema'])).stdout);

    // Editors have keywords of their own beside those of the draft.
    const accepts = new Ajv({ strict: false }).compile(JSON.parse(schema) as object);
    expect(accepts(parse(text)), JSON.stringify(accepts.errors)).toBe(true);
    expect(accepts({ sampler: { use: 'greedy_task_assignment', hitSize: 40 } })).toBe(true);
    for (const wrong of [
      { budgt: 3 },
      { seed: 'x' },
      { riskThreshold: 2 },
      { method: 'ds_modl' },
      { sampler: { use: 'greedy_task_assignment', hitsize: 40 } },
      { sampler: { use: 'nothing' } },
    ])
      expect(accepts(wrong), JSON.stringify(wrong)).toBe(false);
  });
});
