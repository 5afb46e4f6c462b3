import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { normalizeRows } from '@quorate/core/numbers';
import { type AnyComponent, type Plugin } from '@quorate/core';
import { buildComponent, describeAggregator, describeLearner, describeSampler } from '@quorate/testkit';
import { describePlugin } from '@quorate/testkit';
import { lines, root, start, workplace } from './cli.js';

interface Recipe {
  readonly file: string;
  readonly source: string;
  readonly config: string;
}

const page = readFileSync(join(root, 'docs/recipes.md'), 'utf8');
const recipes = page
  .split(/^## /m)
  .filter((section) => section.includes('```ts'))
  .map((section): Recipe => {
    const block = (language: string): string =>
      new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(section)![1]!;
    return { file: /^`([\w-]+\.ts)`/m.exec(section)![1]!, source: block('ts'), config: block('yaml') };
  });
const recipe = (file: string): Recipe => recipes.find((one) => one.file === file)!;

/** A recipe's plugin and its one component, loaded from below this folder, where its imports are found. */
const folder = join(import.meta.dirname, '.recipes');
async function load({ file, source }: Recipe): Promise<{ plugin: Plugin; component: AnyComponent }> {
  writeFileSync(join(folder, file), source);
  const { default: plugin } = (await import(pathToFileURL(join(folder, file)).href)) as { default: Plugin };
  return { plugin, component: plugin.components![0]! };
}

interface Question {
  readonly items: number;
  readonly classes: number;
  readonly columns: number;
  readonly features: readonly number[];
  readonly train: readonly (readonly [row: number, k: number])[];
}

/** A service that says how near each item is to the training rows of each class. */
function answer({ items: N, classes: K, columns: D, features, train }: Question): number[] {
  const near = new Float64Array(N * K).fill(1e-3);
  for (let i = 0; i < N; i++) {
    for (const [row, k] of train) {
      let d2 = 0;
      for (let d = 0; d < D; d++) d2 += (features[i * D + d]! - features[row * D + d]!) ** 2;
      near[i * K + k]! += 1 / (1 + d2 * d2);
    }
  }
  normalizeRows(near, K);
  return [...near];
}

let asked = 0;
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    asked++;
    if (request.url === '/broken') response.writeHead(503).end();
    else
      response.end(JSON.stringify({ probability: answer(JSON.parse(Buffer.concat(chunks).toString()) as Question) }));
  });
});
await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
afterAll(() => void server.close());

mkdirSync(folder, { recursive: true });
const loaded = await Promise.all(recipes.map(load));
rmSync(folder, { recursive: true });
const [learner, sampler, aggregator] = loaded.map(({ component }) => component) as [
  AnyComponent,
  AnyComponent,
  AnyComponent,
];

for (const { plugin } of loaded) describePlugin(plugin);
describeLearner('http', buildComponent(learner, { options: { url } }), { runs: 4 });
describeSampler('grouped', buildComponent(sampler, { options: { hitSize: 3, cap: 4 } }), { maxAnnotationsPerItem: 4 });
describeAggregator('trusted_votes', buildComponent(aggregator));

/** A run of a recipe in a folder of its own, with its configuration as it stands on the page. */
async function run(file: string, words: readonly string[], files: Record<string, string> = {}) {
  const home = workplace();
  const { source, config } = recipe(file);
  const all = { [file]: source, 'quorate.config.yaml': config, ...files };
  for (const [name, text] of Object.entries(all)) writeFileSync(join(home, name), text);
  const small = ['dataset.itemsPerClass=12', 'dataset.classes=4', 'budget=90'];
  const data = words.some((word) => word.startsWith('dataset.use')) ? [] : ['experiment=synthetic', ...small];
  const { status, stderr } = await start(home, ['run', ...data, ...words, '--out', 'run']).ended;
  return { home, status, stderr };
}
const table = (home: string): string[][] =>
  lines(home, 'run/annotations.csv')
    .slice(1)
    .map((line) => line.split(','));

describe('the recipes run as they stand', () => {
  it('http-learner.ts asks the service in every step', async () => {
    const before = asked;
    const { status, stderr, home } = await run('http-learner.ts', [`learner.url=${url}`]);
    expect(`${status} ${stderr}`).toBe('0 ');
    expect(asked - before).toBeGreaterThanOrEqual(lines(home, 'run/steps.jsonl').length);
    const last = JSON.parse(lines(home, 'run/steps.jsonl').at(-1)!) as { learner: { all: { top1: number } } };
    expect(last.learner.all.top1, 'it learns').toBeGreaterThan(0.5);
  });

  it('http-learner.ts says which service failed', async () => {
    const { status, stderr } = await run('http-learner.ts', [`learner.url=${url}broken`]);
    expect(status).toBe(2);
    expect(stderr).toContain('/broken answered 503');
  });

  it('grouped.ts asks about one group at a time', async () => {
    const rows = Array.from({ length: 48 }, (_, i) => `page-${i % 6}/line-${i},${i % 2 ? 'a' : 'b'}`);
    const words = [
      'dataset.use=files',
      'dataset.labels=labels.csv',
      'method=ds_model',
      'sampler.hitSize=4',
      'budget=90',
    ];
    const { status, stderr, home } = await run('grouped.ts', words, {
      'labels.csv': ['id,label', ...rows, ''].join('\n'),
    });
    expect(`${status} ${stderr}`).toBe('0 ');
    const groups = new Map<string, Set<string>>();
    for (const [task, , , step] of table(home))
      groups.set(step!, (groups.get(step!) ?? new Set()).add(task!.split('/')[0]!));
    expect(groups.size).toBeGreaterThan(10);
    for (const [step, names] of groups) expect([...names], `step ${step}`).toHaveLength(1);
  });

  it('trusted-votes.ts labels', async () => {
    const { status, stderr, home } = await run('trusted-votes.ts', ['method=ds_model']);
    expect(`${status} ${stderr}`).toBe('0 ');
    expect(lines(home, 'run/labels.csv')).toHaveLength(49);
  });
});
