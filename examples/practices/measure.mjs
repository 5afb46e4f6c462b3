/**
 * What each practice is worth: the method with it, beside the same method without it, on the same data, workers and seeds.
 *
 *   node examples/practices/measure.mjs [--seeds 0,1,2] [--only pseudo-labels,...] [--out FOLDER]
 *
 * Runs that are there already are only read. The second set needs the AMT counts: `npx quorate data pull amt-workers`, or
 * QUORATE_DATA_DIR.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { costOf, figuresOf, mean } from '../fewer-annotations/figures.mjs';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '0,1,2' },
    only: { type: 'string' },
    out: { type: 'string', default: 'runs/practices' },
  },
});
const seeds = values.seeds.split(',');
const quorate = join(import.meta.dirname, '../../packages/cli/bin/run.js');

const sets = [
  { name: 'MNIST, 10 classes', key: 'mnist', words: ['experiment=mnist', 'simulation=structured'] },
  {
    name: 'synthetic, 13 classes, AMT',
    key: 'split-2',
    words: [
      'experiment=imagenet_split_2',
      'simulation=amt_structured_noise',
      'dataset.use=synthetic',
      'dataset.itemsPerClass=200',
      'dataset.columns=64',
      'dataset.separation=3',
    ],
  },
];

const paper = 'method=efficient_annotation';
const ours = 'method=quorate';
/** Each practice: the words of the run that follows it, and of the one that does not. */
const practices = [
  { key: 'learner', title: 'learn from features', with: [paper], without: ['method=ds_model'] },
  {
    key: 'pseudo-labels',
    title: 'learn from confident tasks too',
    with: [paper],
    without: [paper, 'trainingSet.use=annotated'],
  },
  { key: 'prototypes', title: 'validate on prototypes', with: [paper], without: [paper, 'learner.validation=holdout'] },
  { key: 'calibration', title: 'calibrate the learner', with: [paper], without: [paper, 'calibrator.use=none'] },
  { key: 'scope', title: 'keep the best model of all steps', with: [paper], without: [paper, 'learner.scope=local'] },
  {
    key: 'workers',
    title: 'one confusion matrix per worker',
    with: [paper],
    without: [paper, 'aggregator.use=majority_vote'],
  },
  {
    key: 'assignment',
    title: 'ask the worker who should be best',
    with: [paper, 'sampler.use=greedy_task_assignment'],
    without: [paper],
  },
  {
    key: 'threshold',
    title: 'a strict risk threshold (0.05, not 0.2)',
    with: [paper, 'riskThreshold=0.05'],
    without: [paper, 'riskThreshold=0.2'],
  },
  {
    key: 'early-stop',
    title: 'stop when valid tasks no longer grow',
    with: [paper, 'earlyStop=true'],
    without: [paper],
  },
  {
    key: 'transductive',
    title: 'learn from all features at once',
    with: [ours],
    without: [ours, 'learner.use=mlp', 'trainingSet.use=pseudolabel', 'calibrator.use=temperature'],
  },
  { key: 'pooled', title: 'pool what workers confuse', with: [ours], without: [ours, 'workerModel.use=dirichlet'] },
  {
    key: 'expected-gain',
    title: 'ask where an answer changes most',
    with: [ours],
    without: [ours, 'sampler.use=random'],
  },
];
const chosen = values.only ? values.only.split(',') : practices.map(({ key }) => key);
const unknown = chosen.find((one) => !practices.some(({ key }) => key === one));
if (unknown !== undefined) {
  process.stderr.write(`--only knows ${practices.map(({ key }) => key).join(', ')}, not "${unknown}".\n`);
  process.exit(2);
}

const done = new Map();

/** The figures of one run; a run that is needed twice is made once. */
function measure(set, words, seed) {
  const all = ['run', ...set.words, ...words, `seed=${seed}`];
  const folder = join(values.out, [set.key, ...words, `seed=${seed}`].join(' ').replace(/[^\w.]+/g, '-'));
  if (!done.has(folder)) {
    if (!existsSync(join(folder, 'labels.csv'))) {
      const resume = existsSync(folder) ? ['--resume'] : [];
      const run = spawnSync(process.execPath, [quorate, ...all, '--out', folder, ...resume], {
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      if (run.status !== 0) process.exit(run.status ?? 1);
    }
    const lines = readFileSync(join(folder, 'steps.jsonl'), 'utf8').trim().split('\n');
    done.set(folder, figuresOf(lines.map((line) => JSON.parse(line))));
  }
  return done.get(folder);
}

/** Accuracy, annotations, annotations to 90 %, ECE: means over the seeds. */
function cells(runs) {
  const to90 = runs.map((run) => costOf(run, 0.9));
  const reached = to90.filter((cost) => cost !== null);
  const some = reached.length === runs.length ? '' : ` (${reached.length} of ${runs.length})`;
  return [
    `${(100 * mean(runs.map(({ accuracy }) => accuracy.at(-1)))).toFixed(1)} %`,
    mean(runs.map(({ cost }) => cost.at(-1))).toFixed(2),
    reached.length === 0 ? 'never' : `${mean(reached).toFixed(2)}${some}`,
    mean(runs.map(({ ece }) => ece)).toFixed(3),
  ];
}

for (const set of sets) {
  process.stdout.write(
    `\n| ${set.name} | | accuracy | annotations per task | to 90 % | ECE |\n| --- | --- | --- | --- | --- | --- |\n`,
  );
  for (const practice of practices.filter(({ key }) => chosen.includes(key))) {
    for (const side of ['with', 'without']) {
      const runs = seeds.map((seed) => measure(set, practice[side], seed));
      const title = side === 'with' ? practice.title : '';
      process.stdout.write(`| ${[title, side, ...cells(runs)].join(' | ')} |\n`);
    }
  }
}
