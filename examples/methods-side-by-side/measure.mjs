/**
 * Runs the four published methods side by side with `quorate run` and prints their final accuracy and their cost.
 *
 *   node examples/methods-side-by-side/measure.mjs [--seeds 0,1,2,3,4] [--only mnist,...] [--out FOLDER]
 *
 * Runs that are there already are gone on with, or only read where they had ended. The stand-ins need the AMT counts:
 * `npx quorate data pull amt-workers`, or QUORATE_DATA_DIR.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const here = import.meta.dirname;
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '0,1,2,3,4' },
    only: { type: 'string' },
    out: { type: 'string', default: 'runs/methods-side-by-side' },
  },
});
const seeds = values.seeds.split(',');
const quorate = join(here, '../../packages/cli/bin/run.js');
const methods = ['ds_model', 'lean', 'improved_lean', 'efficient_annotation'];
const marks = [80, 90, 95];

/** Features of the published classes: generated, since the published ones are files of a gigabyte. */
const standIn = (experiment, separation) => [
  `experiment=${experiment}`,
  'simulation=amt_structured_noise',
  'dataset.use=synthetic',
  'dataset.itemsPerClass=500',
  'dataset.columns=128',
  `dataset.separation=${separation}`,
  'sampler.hitsPerStep=10',
];
const experiments = [
  { name: 'mnist', words: ['experiment=mnist', 'simulation=structured'] },
  { name: 'imagenet_split_2', words: standIn('imagenet_split_2', 4) },
  { name: 'imagenet_split_4', words: standIn('imagenet_split_4', 3) },
];
const chosen = values.only ? values.only.split(',') : experiments.map(({ name }) => name);
const unknown = chosen.find((one) => !experiments.some(({ name }) => name === one));
if (unknown !== undefined) {
  process.stderr.write(`--only knows ${experiments.map(({ name }) => name).join(', ')}, not "${unknown}".\n`);
  process.exit(2);
}

/** Annotations per item at which the accuracy first reaches `percent`, interpolated between steps; null if it never does. */
function costOf(steps, percent) {
  const accuracy = (step) => 100 * step.aggregate.all.top1;
  const at = steps.findIndex((step) => accuracy(step) >= percent);
  if (at < 1) return at < 0 ? null : steps[0].annotationsPerItem;
  const [a, b] = [steps[at - 1], steps[at]];
  const share = (percent - accuracy(a)) / (accuracy(b) - accuracy(a));
  return a.annotationsPerItem + share * (b.annotationsPerItem - a.annotationsPerItem);
}

function measure({ name, words }, method, seed) {
  const folder = join(values.out, `${name}-${method}-${seed}`);
  const resume = existsSync(folder) ? ['--resume'] : [];
  const all = ['run', ...words, `method=${method}`, `seed=${seed}`, '--out', folder, ...resume];
  const run = spawnSync(process.execPath, [quorate, ...all], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (run.status !== 0) process.exit(run.status ?? 1);
  const lines = readFileSync(join(folder, 'steps.jsonl'), 'utf8').trim().split('\n');
  const steps = lines.map((line) => JSON.parse(line));
  const last = steps.at(-1);
  return {
    accuracy: 100 * last.aggregate.all.top1,
    cost: last.annotationsPerItem,
    reached: marks.map((percent) => costOf(steps, percent)),
  };
}

/** Mean ± standard deviation; how many seeds, where not all of them have the number. */
function spread(numbers, digits) {
  const there = numbers.filter((x) => x !== null);
  if (there.length === 0) return 'never';
  const mean = there.reduce((sum, x) => sum + x, 0) / there.length;
  const variance = there.reduce((sum, x) => sum + (x - mean) ** 2, 0) / Math.max(1, there.length - 1);
  const text =
    there.length > 1 ? `${mean.toFixed(digits)} ± ${Math.sqrt(variance).toFixed(digits)}` : mean.toFixed(digits);
  return there.length < numbers.length ? `${text} (${there.length} of ${numbers.length})` : text;
}

const measured = {};
for (const experiment of experiments.filter(({ name }) => chosen.includes(name))) {
  console.log(`| ${experiment.name} | accuracy, % | annotations per task | to ${marks.join(' % | to ')} % |`);
  console.log(`| --- | --- | --- | ${marks.map(() => '---').join(' | ')} |`);
  measured[experiment.name] = {};
  for (const method of methods) {
    const runs = seeds.map((seed) => measure(experiment, method, seed));
    measured[experiment.name][method] = runs;
    const accuracy = spread(
      runs.map((run) => run.accuracy),
      1,
    );
    const cost = spread(
      runs.map((run) => run.cost),
      2,
    );
    const reached = marks.map((_, m) =>
      spread(
        runs.map((run) => run.reached[m]),
        2,
      ),
    );
    console.log(`| \`${method}\` | ${accuracy} | ${cost} | ${reached.join(' | ')} |`);
  }
  console.log('');
}
mkdirSync(values.out, { recursive: true });
writeFileSync(join(values.out, 'measured.json'), `${JSON.stringify({ seeds, measured }, null, 2)}\n`);
