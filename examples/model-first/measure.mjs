/**
 * Measures people beside models, and prints the tables of this folder's README.
 *
 *   node examples/model-first/measure.mjs [--seeds 1,2,3] [--only separation-2,recorded-answers,...]
 *   node examples/model-first/measure.mjs --recorded FOLDER    a folder with answers.csv, gold.csv, features.npy, features.csv
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { createRun } from '@quorate/engine';
import { classifierOf, readSet } from './classifier.mjs';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1,2,3' },
    only: { type: 'string' },
    recorded: { type: 'string', default: join(import.meta.dirname, '../recorded-answers') },
  },
});
const seeds = values.seeds.split(',').map(Number);
const home = mkdtempSync(join(tmpdir(), 'quorate-models-'));
process.on('exit', () => rmSync(home, { recursive: true, force: true }));

const names = ['standard', 'datasets', 'model-workers', 'real-crowds', 'formats', 'backend-onnx', 'neural-learner'];
const plugins = [];
for (const name of [...names, 'quorate-method']) plugins.push((await import(`@quorate/plugin-${name}`)).default);

const prices = { answer: 1, audit: 5 };
const simulated = (options) => [{ use: 'simulated_model', price: 0.01, ...options }];

/** Models of the simulated sets: by what they are right about. */
const models = (classes) => ({
  'people alone': null,
  'right 90 %': simulated({ accuracy: 0.9 }),
  'right 80 %': simulated({ accuracy: 0.8 }),
  'right 70 %': simulated({ accuracy: 0.7 }),
  ...(classes > 2 ? { 'half of the classes': simulated({ accuracy: 0.85, knownClasses: classes >> 1 }) } : {}),
  'swaps two classes': simulated({ accuracy: 0.8, swappedClasses: 2 }),
  guesses: simulated({ accuracy: 1 / classes }),
});

function synthetic(id, options, level = 0.95) {
  const classes = options.classes ?? 10;
  const dataset = { use: 'synthetic', classes, itemsPerClass: 1000 / classes, ...options };
  const config = { dataset, workers: { use: 'structured', accuracy: 0.85 }, sampler: { hitSize: 10, hitsPerStep: 5 } };
  return { id, config, level: () => level, models: async () => models(classes) };
}

/** Real people, and classifiers that were fitted to the gold of other folds. */
async function recorded(folder) {
  const set = await readSet(folder);
  const all = classifierOf(set);
  const half = Math.max(1, set.classes.length >> 1);
  const file = (name, label) => {
    const path = join(home, `${name}.csv`);
    writeFileSync(path, ['id,label', ...set.ids.map((id, i) => `${id},${set.classes[label(i)]}`)].join('\n'));
    return [{ use: 'model_file', file: path, price: 0.01 }];
  };
  const right = all.filter((k, i) => k === set.truth[i]).length / set.ids.length;
  return {
    id: basename(folder),
    config: {
      dataset: { use: 'files', features: join(folder, 'features.npy'), labels: join(folder, 'features.csv') },
      workers: { use: 'recorded', file: join(folder, 'answers.csv') },
      sampler: { hitSize: 10, hitsPerStep: Math.ceil(set.ids.length / 200) },
    },
    shares: [0.05, 0.1, 0.25, 0.5],
    models: async () => ({
      'people alone': null,
      [`fitted on other folds (${Math.round(100 * right)} %)`]: file('folds', (i) => all[i]),
      'the same, half of the classes': file('half', (i) => (all[i] < half ? all[i] : i % half)),
      guesses: file('guesses', (i) => (i * 7919) % set.classes.length),
    }),
  };
}

async function measure({ config }, model, seed) {
  const run = await createRun(
    { method: 'quorate', stop: { use: 'risk' }, prices, ...config, ...(model ? { models: model } : {}), seed },
    { plugins },
  );
  const points = [];
  let last;
  for await (const record of run.steps()) {
    last = record;
    points.push([record.money.total, record.aggregate.all.top1]);
  }
  await run.dispose();
  const { top1, ece } = last.aggregate.all;
  return { points, end: top1, money: last.money.total, ece, valid: last.aggregate.valid.top1 };
}

/** Money until the accuracy is reached, between two steps by a straight line; null where it never was. */
function moneyTo(level, points) {
  const at = points.findIndex(([, accuracy]) => accuracy >= level);
  if (at <= 0) return at < 0 ? null : points[0][0];
  const [[m0, a0], [m1, a1]] = [points[at - 1], points[at]];
  return m0 + ((m1 - m0) * (level - a0)) / (a1 - a0);
}

/** Accuracy when so much was spent. */
function accuracyAt(money, points) {
  return points.findLast(([spent]) => spent <= money)[1];
}

const mean = (values) => values.reduce((sum, x) => sum + x, 0) / values.length;

/** Real crowds end where their own mistakes keep them: what matters is how soon. */
async function recordedTable(set) {
  const shares = set.shares.map((share) => `at ${100 * share} % of the money`);
  console.log(`\n| ${set.id} | ${shares.join(' | ')} | end | money | ECE |\n|${' --- |'.repeat(shares.length + 4)}`);
  let alone = null;
  for (const [name, model] of Object.entries(await set.models())) {
    const runs = [];
    for (const seed of seeds) runs.push(await measure(set, model, seed));
    alone ??= runs;
    const at = set.shares.map((share) => mean(runs.map(({ points }, s) => accuracyAt(share * alone[s].money, points))));
    const [end, money, ece] = ['end', 'money', 'ece'].map((key) => mean(runs.map((run) => run[key])));
    console.log(
      `| ${name} | ${[...at, end].map((x) => x.toFixed(3)).join(' | ')} | ${Math.round(money)} | ${ece.toFixed(3)} |`,
    );
  }
}

async function tableOf(set) {
  console.log(
    `\n| ${set.id} | money to the level | of people alone | end | money | ECE | valid right |\n|${' --- |'.repeat(7)}`,
  );
  let alone = null;
  for (const [name, model] of Object.entries(await set.models())) {
    const runs = [];
    for (const seed of seeds) runs.push(await measure(set, model, seed));
    alone ??= runs;
    const reached = runs.map(({ points }, s) => moneyTo(set.level(alone[s]), points));
    const usual = alone.map((one) => moneyTo(set.level(one), one.points));
    const both = reached.flatMap((money, s) => (money === null || usual[s] === null ? [] : [[money, usual[s]]]));
    const to = both.length === 0 ? '–' : Math.round(mean(both.map(([money]) => money)));
    const ratio = both.length === 0 ? '–' : (mean(both.map(([m]) => m)) / mean(both.map(([, m]) => m))).toFixed(2);
    const some = both.length < seeds.length ? ` (${both.length} of ${seeds.length} runs)` : '';
    const figures = ['end', 'money', 'ece', 'valid'].map((key) => mean(runs.map((run) => run[key])));
    const shown = figures.map((x, f) => (f === 1 ? Math.round(x) : x.toFixed(3)));
    console.log(`| ${name} | ${to}${some} | ${ratio} | ${shown.join(' | ')} |`);
  }
}

const sets = [
  synthetic('separation-2', { separation: 2 }),
  synthetic('separation-1.2', { separation: 1.2 }),
  synthetic('four-classes', { classes: 4, separation: 1.5 }),
  synthetic('two-classes', { classes: 2, separation: 1.5 }),
  synthetic('no-prototypes', { separation: 2, prototypesPerClass: 0 }),
  synthetic('noise', { separation: 0, columns: 16 }),
  await recorded(values.recorded),
];
const only = values.only?.split(',') ?? sets.map(({ id }) => id);
for (const set of sets) if (only.includes(set.id)) await (set.shares ? recordedTable(set) : tableOf(set));
