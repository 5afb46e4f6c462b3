import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { prepare } from '@quorate/host';
import { builtins, temporaryFolder } from './run.js';
import { root } from './sources.js';

/** The table of the four published methods [Liao21], in the words of the configuration. */
const table = {
  ds_model: { learner: 'none', criterion: 'soft' },
  lean: { learner: 'mlp', criterion: 'hard', rows: 'annotated', validation: 'folds', folds: 3, scope: 'local' },
  improved_lean: { learner: 'mlp', criterion: 'soft', rows: 'annotated', validation: 'prototypes', scope: 'global' },
  efficient_annotation: {
    learner: 'mlp',
    criterion: 'soft',
    rows: 'pseudolabel',
    validation: 'prototypes',
    scope: 'global',
  },
};

it.each(Object.entries(table))(
  'method=%s is the published one, and runs with the published end game',
  async (method, row) => {
    const cwd = temporaryFolder();
    const { config } = await prepare({ cwd, env: {}, overrides: [`method=${method}`], builtins });
    const section = (name: string) => (config.resolved[name] ?? {}) as Record<string, unknown>;
    const { use: learner, validation, scope, folds } = section('learner');
    const { criterion } = section('optimizer');
    const { use: rows } = section('trainingSet');
    expect({ learner, criterion, rows, validation, scope, folds }).toMatchObject(row);
    const { use, allowRepeats, fillHits, maxAnnotationsPerItem } = section('sampler');
    const sampler = { use, allowRepeats, fillHits, maxAnnotationsPerItem };
    expect(sampler).toEqual({ use: 'random', allowRepeats: true, fillHits: 'reopen', maxAnnotationsPerItem: 3 });
    if (learner === 'mlp') expect(section('calibrator')).toMatchObject({ use: 'temperature', optimizer: 'released' });
  },
);

/** The tables of a README whose columns are options: method, then one row per experiment. */
function tunedTables(plugin: string): readonly (readonly Record<string, string>[])[] {
  const text = readFileSync(join(root, 'plugins', plugin, 'README.md'), 'utf8');
  return text
    .split(/\n\n/)
    .map((block) => block.trim().split('\n'))
    .filter(([head]) => head?.startsWith('| experiment |'))
    .map(([head, _line, ...rows]) => {
      const cells = (row: string): string[] =>
        row
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim().replaceAll('`', ''));
      const names = cells(head!);
      return rows.map((row) => Object.fromEntries(cells(row).map((cell, x) => [names[x]!, cell])));
    });
}

it.each([
  ['improved_lean', 'improved-lean', 0],
  ['efficient_annotation', 'efficient-annotation', 0],
  ['efficient_annotation_mixmatch', 'efficient-annotation', 1],
] as const)('method=%s tuned=true takes the values that its README lists', async (method, plugin, at) => {
  const rows = tunedTables(plugin)[at]!;
  expect(rows.length).toBe(5);
  for (const { experiment, ...values } of rows) {
    const overrides = [`method=${method}`, `experiment=${experiment}`, 'tuned=true'];
    const { config, layers } = await prepare({ cwd: temporaryFolder(), env: {}, overrides, builtins });
    for (const [path, value] of Object.entries(values)) {
      const [section, option] = path.split('.') as [string, string];
      expect((config.resolved[section] as Record<string, unknown>)[option]).toBe(Number(value));
    }
    expect(layers.some((origin) => origin.endsWith(`tuned for ${experiment}`))).toBe(true);
  }
});

it('method=quorate is made of its own learner, worker model and sampler, whatever the simulation', async () => {
  const cwd = temporaryFolder();
  for (const simulation of ['structured', 'uniform', 'perfect', 'amt_structured_noise']) {
    const { config } = await prepare({
      cwd,
      env: {},
      overrides: ['method=quorate', `simulation=${simulation}`],
      builtins,
    });
    expect(config.resolved).toMatchObject({
      learner: { use: 'transductive' },
      workerModel: { use: 'pooled' },
      sampler: { use: 'expected_gain', fillHits: 'reopen', maxAnnotationsPerItem: 3, minGain: 0.02 },
      optimizer: { use: 'em', maxEmSteps: 3, likelihoodEpsilon: 0, refitWorkers: true },
    });
  }
});
