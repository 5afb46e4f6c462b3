import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { contents, quorate, quorateWithSmallFiles, workplace } from './cli.js';
import { npy } from './npy.js';

const home = workplace();
const write = (name: string, content: string | Buffer): string => {
  writeFileSync(join(home, name), content);
  return name;
};

const N = 40;
const values = Array.from({ length: N * 3 }, (_, x) => (x * 37) % 11);
const labels = ['id,label', ...Array.from({ length: N }, (_, i) => `t${i},${i % 2 ? 'cat' : 'dog'}`)].join('\n');
write('good.npy', npy(values, [N, 3]));
write('good.csv', labels);
const files = (features: string, csv: string): string[] => [
  'dataset.use=files',
  `dataset.features=${features}`,
  `dataset.labels=${csv}`,
];
const good = [
  ...files('good.npy', 'good.csv'),
  'dataset.prototypesPerClass=2',
  'sampler.hitSize=5',
  'sampler.hitsPerStep=2',
];

const whole = npy(values, [N, 3]);
const holes = (at: number, value: number): Buffer =>
  npy(
    values.map((v, x) => (x === at ? value : v)),
    [N, 3],
  );
mkdirSync(join(home, 'not-a-run'));
write('not-a-run/photo.jpg', 'precious');
write('throws.mjs', `throw new Error('I cannot load');`);
write('empty.mjs', `export const x = 1;`);
const plugin = `import { definePlugin } from '@quorate/core'; export default definePlugin({ name: 'twin', apiVersion: '*' });`;
const core = new URL('../../packages/core/dist/index.js', import.meta.url).href;
write('twin-a.mjs', plugin.replace('@quorate/core', core));
write('twin-b.mjs', plugin.replace('@quorate/core', core));
write('throws.json', JSON.stringify({ plugins: ['./throws.mjs'] }));
write('shape.json', JSON.stringify({ plugins: ['./empty.mjs'] }));
write('twins.json', JSON.stringify({ plugins: ['./twin-a.mjs', './twin-b.mjs'] }));
write('gone.json', JSON.stringify({ plugins: ['nowhere-to-be-found'] }));
write('broken.yaml', 'sampler: {use: random\n  hitSize: [');
write('broken.json', '{"seed": 1,,}');
write('broken.ts', 'export default {{{');
write(
  'typo.json',
  JSON.stringify({ riskTreshold: 0.1, sampler: { use: 'randm' }, dataset: { use: 'synthetic', itemPerClass: 3 } }),
);

const cases: readonly (readonly [string, readonly string[], readonly (string | RegExp)[]])[] = [
  ['a missing .npy', files('no.npy', 'good.csv'), ['no.npy']],
  [
    'a truncated .npy',
    files(write('cut.npy', whole.subarray(0, whole.length - 7)), 'good.csv'),
    ['cut.npy', /truncated|bytes|short/],
  ],
  ['an .npy that is none', files(write('text.npy', 'hello'), 'good.csv'), ['text.npy']],
  ['the wrong dtype', files(write('int.npy', npy(values, [N, 3], '<c8')), 'good.csv'), ['int.npy', 'complex']],
  ['NaN features', files(write('nan.npy', holes(7, Number.NaN)), 'good.csv'), ['nan.npy', /NaN/]],
  ['infinite features', files(write('inf.npy', holes(7, Infinity)), 'good.csv'), ['inf.npy', /infin/i]],
  ['a one-dimensional .npy', files(write('flat.npy', npy(values, [N * 3])), 'good.csv'), ['flat.npy']],
  [
    'labels that do not match the features',
    files('good.npy', write('few.csv', labels.split('\n').slice(0, 30).join('\n'))),
    ['few.csv', '40', '29'],
  ],
  ['an empty label file', files('good.npy', write('empty.csv', '')), ['empty.csv']],
  ['a missing label file', files('good.npy', 'no.csv'), ['no.csv']],
  ['an unknown class', [...files('good.npy', 'good.csv'), 'classes=["cat","bird"]'], ['dog']],
  [
    'one class',
    files('good.npy', write('one.csv', labels.replaceAll('cat', 'dog'))),
    ['one.csv', 'two classes', 'dog'],
  ],
  [
    'zero items',
    [...files('good.npy', 'good.csv'), 'dataset.prototypesPerClass=20'],
    ['at least one task', '40 prototypes'],
  ],
  ['hitSize larger than N', [...good, 'sampler.hitSize=1000'], ['hitSize']],
  ['more HITs than workers', [...good, 'workers.workers=3', 'sampler.hitsPerStep=4'], ['hitsPerStep', '3']],
  ['a threshold of 0', [...good, 'riskThreshold=0'], ['riskThreshold']],
  ['a threshold of 1', [...good, 'riskThreshold=1'], ['riskThreshold']],
  ['a budget of 0', [...good, 'budget=0'], ['budget']],
  ['a word that is none', [...good, 'nonsense'], ['nonsense']],
  ['an unknown key', [...good, 'smapler.hitSize=4'], ['smapler', 'sampler']],
  ['prototype pollution', [...good, '__proto__.x=1'], ['__proto__']],
  ['a plugin that throws while loading', ['--config', 'throws.json'], ['throws.mjs', 'I cannot load']],
  ['a plugin without a plugin', ['--config', 'shape.json'], ['empty.mjs']],
  ['two plugins of one name', ['--config', 'twins.json'], ['twin']],
  ['a plugin that is not installed', ['--config', 'gone.json'], ['nowhere-to-be-found', 'npm install']],
  ['a YAML config that does not parse', ['--config', 'broken.yaml'], ['broken.yaml']],
  ['a JSON config that does not parse', ['--config', 'broken.json'], ['broken.json']],
  ['a TypeScript config that does not parse', ['--config', 'broken.ts'], ['broken.ts']],
  ['a config that is not there', ['--config', 'no.yaml'], ['no.yaml']],
  ['a file where the folder should be', [...good, '--out', 'good.csv'], ['good.csv', 'folder']],
  ['a folder that cannot be made', [...good, '--out', '/proc/nowhere/run'], ['/proc/nowhere']],
  ['a folder that is not a run', [...good, '--out', 'not-a-run'], ['not-a-run']],
  ['resuming a folder that is not a run', [...good, '--out', 'not-a-run', '--resume'], ['not-a-run']],
  [
    'an experiment whose features are not there',
    ['experiment=imagenet_split_2'],
    ['byol_r50-e3b0c442.pth_feat1.npy', 'learner "transductive"', 'train_labeled.txt'],
  ],
  [
    'AMT workers without their counts',
    ['experiment=imagenet_split_2', 'method=ds_model', 'simulation=amt_structured_noise'],
    ['quorate data pull amt-workers', 'QUORATE_DATA_DIR'],
  ],
];

describe('bad input is one clear error, exit code 2, and nothing lost', () => {
  it.each(cases)('%s', async (_name, words, expected) => {
    const { status, stdout, stderr } = await quorate(home, ['run', ...words]);
    const said = stderr.replace(/\s+/g, ' ');
    expect(`${status} ${said}`).toMatch(/^2 /);
    for (const text of expected) {
      if (typeof text === 'string') expect(said).toContain(text);
      else expect(said).toMatch(text);
    }
    expect(said).not.toMatch(/\bat .*\.js:\d+/);
    expect(stdout).not.toContain('step ');
    expect(readFileSync(join(home, 'not-a-run/photo.jpg'), 'utf8')).toBe('precious');
  });

  it('reports all problems of a config at once, each with a suggestion', async () => {
    const { status, stderr } = await quorate(home, ['run', '--config', 'typo.json', 'seed=x']);
    expect(status).toBe(2);
    for (const text of ['riskThreshold', 'random', 'itemsPerClass', 'seed']) expect(stderr).toContain(text);
  });

  it('is JSON with --json', async () => {
    const { status, stdout, stderr } = await quorate(home, ['run', ...good, 'riskThreshold=2', '--json']);
    expect([status, stderr]).toEqual([2, '']);
    expect(JSON.parse(stdout)).toMatchObject({ type: 'error', code: 'CONFIG_INVALID' });
  });

  it('runs with good input', async () => {
    expect((await quorate(home, ['run', ...good, '--out', 'good'])).status).toBe(0);
  });
});

describe('a disk that fills up', () => {
  it('is one clear error, and the run goes on from what was saved', async () => {
    // A limit on the size of a file stands in for a full disk: writing past it fails in the same way.
    const words = ['run', 'experiment=synthetic', 'method=ds_model', '--out'];
    const { status, stderr } = quorateWithSmallFiles(home, [...words, 'full']);
    expect(`${status} ${stderr}`).toMatch(/^2 Error: \[WRITE_FAILED\]/);
    expect(stderr).toContain('--resume');
    expect(stderr.trim().split('\n').length).toBeLessThan(6);
    expect((await quorate(home, [...words, 'full', '--resume'])).status).toBe(0);
    expect((await quorate(home, [...words, 'roomy'])).status).toBe(0);
    expect(contents(join(home, 'full'))).toEqual(contents(join(home, 'roomy')));
  });
});
