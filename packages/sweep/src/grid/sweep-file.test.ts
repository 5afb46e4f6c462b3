import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { cellsOf } from './grid.js';
import { findSweepFile, readSweepFile } from './sweep-file.js';

const folder = mkdtempSync(join(tmpdir(), 'quorate-sweep-file-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function read(name: string, text: string) {
  writeFileSync(join(folder, name), text);
  return readSweepFile(name, folder);
}

it('describes named axes, pairs, exclusions and what all runs share', async () => {
  const file = await read(
    'study.sweep.yaml',
    `
config: ./runs.yaml
base: { budget: 500, sampler: { hitSize: 20 } }
axes:
  method: [ds_model, lean]
  noise:
    clean: { simulation: amt_uniform_noise }
    hard: { simulation: amt_structured_noise, riskThreshold: 0.05, dataset.keep: '1' }
  seed: 1..2
  dataset.seed: [5, 6]
paired: [[seed, dataset.seed]]
exclude:
  - { method: lean, noise: [hard] }
`,
  );
  expect(file!.name).toBe('study');
  expect(file!.config).toBe(join(folder, 'runs.yaml'));
  const cells = cellsOf(file!.grid);
  expect(cells.map(({ labels }) => labels.join(' '))).toEqual([
    'ds_model clean 1 5',
    'ds_model clean 2 6',
    'ds_model hard 1 5',
    'ds_model hard 2 6',
    'lean clean 1 5',
    'lean clean 2 6',
  ]);
  expect(cells[3]!.words).toEqual([
    'budget=500',
    'sampler.hitSize=20',
    'method=ds_model',
    'simulation=amt_structured_noise',
    'riskThreshold=0.05',
    'dataset.keep="1"',
    'seed=2',
    'dataset.seed=6',
  ]);
});

it('is told from the configuration of a run', async () => {
  expect(await read('plain.yaml', 'seed: 1\n')).toBeNull();
});

it('is found under its name', async () => {
  expect(findSweepFile(folder)).toBeUndefined();
  await read('quorate.sweep.json', '{"axes":{"seed":"1..2"}}');
  expect(findSweepFile(folder)).toBe(join(folder, 'quorate.sweep.json'));
});

it.each([
  ['axes: { seed: [] }', /axes.seed.*at least one value/],
  ['axes: { seed: [1, 1] }', /1 twice/],
  ['axes: { seed: 1..2 }\nexclud: []', /Did you mean "exclude"/],
  ['axes: { seed: 1..2 }\nexclude: [{ sead: 1 }]', /Did you mean "seed"/],
  ['axes: { method: [lean, ds_model] }\nexclude: [{ method: laen }]', /Did you mean "lean"/],
  ['axes: { seed: 1..2 }\npaired: [[seed, method]]', /an axis \(seed\)/],
  ['axes: { noise: { hard: 3 } }', /keys that this value sets/],
  ['axes: 3', /bad.yaml: axes/],
])('refuses %s', async (text, message) => {
  await expect(read('bad.yaml', text)).rejects.toThrow(message);
});
