/**
 * Measures the published online Dawid-Skene curves with `quorate run` and prints them beside the published ones.
 *
 *   node examples/published-curves/measure.mjs [--seeds 0,1,2] [--only imagenet_split_0,...] [--out FOLDER]
 *
 * Needs the AMT counts: `npx quorate data pull amt-workers`, or QUORATE_DATA_DIR.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const here = import.meta.dirname;
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '0,1,2' },
    only: { type: 'string' },
    out: { type: 'string', default: 'runs/published-curves' },
  },
});
const published = JSON.parse(readFileSync(join(here, 'published.json'), 'utf8'));
const seeds = values.seeds.split(',');
const quorate = join(here, '../../packages/cli/bin/run.js');

/** Accuracy in %, interpolated between steps at `x` annotations per item; null past the end. */
function accuracyAt(steps, x) {
  const after = steps.findIndex((step) => step.annotationsPerItem >= x);
  if (after < 0) return null;
  if (after === 0) return 100 * steps[0].aggregate.all.top1;
  const [a, b] = [steps[after - 1], steps[after]];
  const t = (x - a.annotationsPerItem) / (b.annotationsPerItem - a.annotationsPerItem);
  return 100 * (a.aggregate.all.top1 + t * (b.aggregate.all.top1 - a.aggregate.all.top1));
}

function measure(experiment, seed) {
  const folder = join(values.out, `${experiment}-${seed}`);
  const words = [`experiment=${experiment}`, 'method=ds_model', 'simulation=amt_structured_noise', `seed=${seed}`];
  const resume = existsSync(folder) ? ['--resume'] : [];
  const run = spawnSync(process.execPath, [quorate, 'run', ...words, '--out', folder, ...resume], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (run.status !== 0) process.exit(run.status ?? 1);
  const lines = readFileSync(join(folder, 'steps.jsonl'), 'utf8').trim().split('\n');
  const steps = lines.map((line) => JSON.parse(line));
  const last = steps.at(-1);
  return {
    accuracy: published.at.map((x) => accuracyAt(steps, x)),
    end: [last.annotationsPerItem, 100 * last.aggregate.all.top1],
  };
}

const mean = (numbers) => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
const rows = [];
for (const row of published.rows) {
  if (values.only && !values.only.split(',').includes(row.experiment)) continue;
  const runs = seeds.map((seed) => measure(row.experiment, seed));
  const accuracy = published.at.map((_, x) => mean(runs.map((run) => run.accuracy[x])));
  const end = [0, 1].map((x) => mean(runs.map((run) => run.end[x])));
  rows.push({ ...row, measured: { accuracy, end } });
  process.stderr.write(`${row.name} done\n`);
}

const cells = (numbers) => numbers.map((x) => x.toFixed(1)).join(' | ');
const line = (name, { accuracy, end }) =>
  `| ${name} | ${cells(accuracy)} | ${end[0].toFixed(3)}, ${end[1].toFixed(1)} |`;
console.log(`| top-1 accuracy in % at annotations per item | ${published.at.join(' | ')} | end |`);
console.log(`| --- | ${published.at.map(() => '---').join(' | ')} | --- |`);
let worst = 0;
let worstEnd = 0;
for (const row of rows) {
  console.log(line(`${row.name}, published`, row));
  console.log(line(`${row.name}, Quorate`, row.measured));
  row.accuracy.forEach((x, i) => (worst = Math.max(worst, Math.abs(x - row.measured.accuracy[i]))));
  worst = Math.max(worst, Math.abs(row.end[1] - row.measured.end[1]));
  worstEnd = Math.max(worstEnd, Math.abs(row.end[0] - row.measured.end[0]));
}
console.log(
  `\nLargest difference: ${worst.toFixed(2)} points of accuracy, ${worstEnd.toFixed(3)} annotations per item.`,
);
writeFileSync(join(values.out, 'measured.json'), `${JSON.stringify(rows, null, 2)}\n`);
