/**
 * Every figure of the paper: runs the sweeps of figures/, writes a report of each, and prints tables with the published figures.
 *
 *   node examples/paper/paper.mjs [FIGURE ...] [--out sweeps/paper] [--byol] [KEY=VALUE ...]
 *
 * Needs the AMT counts: `npx quorate data pull amt-workers`, or QUORATE_DATA_DIR. Without --byol, figures with a learner take stand-in
 * features, drawn under the same classes: 100 tasks of each of the 13 classes of imagenet_split_2. With --byol they take the paper's
 * features on its ImageNet100, which its authors publish: hours, not minutes.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const here = import.meta.dirname;
const quorate = join(here, '../../packages/cli/bin/run.js');
const { values, positionals } = parseArgs({
  options: { out: { type: 'string', default: 'sweeps/paper' }, byol: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const all = readdirSync(join(here, 'figures')).map((file) => file.replace('.sweep.yaml', ''));
const asked = positionals.filter((word) => !word.includes('='));
const words = positionals.filter((word) => word.includes('='));
const unknown = asked.find((name) => !all.includes(name));
if (unknown !== undefined) {
  console.error(`There is no figure ${unknown}; there are ${all.join(', ')}.`);
  process.exit(2);
}
const published = JSON.parse(readFileSync(join(here, 'published.json'), 'utf8'));

/** What a figure is measured on, unless its own axes or the command line say otherwise. */
function setting(name, text) {
  const has = (key) => text.includes(`${key}:`);
  const workers = has('simulation') ? [] : ['simulation=amt_structured_noise'];
  if (name === 'online-ds') return workers;
  if (values.byol) return [...workers, 'experiment=imagenet_100_classes'];
  const size = has('dataset.itemsPerClass') ? [] : ['dataset.itemsPerClass=100'];
  return [...workers, 'experiment=imagenet_split_2', 'dataset.use=synthetic', ...size];
}

function run(...args) {
  const { status } = spawnSync(process.execPath, [quorate, ...args], { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0 && status !== 1) process.exit(status ?? 1);
}

/** `results.csv` without quoted line breaks, as quorate writes it. */
function rowsOf(file) {
  const [head, ...lines] = readFileSync(file, 'utf8').trim().split('\n').map(fieldsOf);
  return lines.map((fields) => Object.fromEntries(head.map((name, c) => [name, fields[c]])));
}
function fieldsOf(line) {
  return [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)]
    .slice(0, -1)
    .map(([, field]) => field.replace(/^"|"$/g, ''));
}

const mean = (list) => list.reduce((sum, x) => sum + x, 0) / list.length;
const spread = (list, digits) => {
  const [low, high] = [Math.min(...list), Math.max(...list)].map((x) => x.toFixed(digits));
  return `${mean(list).toFixed(digits)} (${low} – ${high})`;
};

/** Annotations per task from which accuracy stays at `target`, of one run; null where it never does. */
function needOf(folder, target) {
  const steps = readFileSync(join(folder, 'steps.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  let need = null;
  for (const { annotationsPerItem, aggregate } of steps) {
    if (aggregate.all.top1 < target) need = null;
    else need ??= annotationsPerItem;
  }
  return need;
}

const pages = [];
for (const name of asked.length > 0 ? asked : all) {
  const config = join(here, 'figures', `${name}.sweep.yaml`);
  const text = readFileSync(config, 'utf8');
  const out = join(values.out, name);
  run('sweep', '--config', config, '--out', out, ...setting(name, text), ...words);
  run('report', out);
  const { axes } = JSON.parse(readFileSync(join(out, 'sweep.json'), 'utf8'));
  const settings = axes.map((axis) => axis.name).filter((axis) => axis !== 'seed');
  const groups = groupBy(rowsOf(join(out, 'results.csv')), (row) => settings.map((axis) => row[axis]).join(' | '));
  const lines = [`## ${name}`, '', text.split('\n')[0].replace(/^# /, ''), ''];
  lines.push(`| ${settings.join(' | ')} | annotations per task | accuracy, % | top 5, % | ECE | to 80 % | published |`);
  lines.push(`|${' --- |'.repeat(settings.length + 6)}`);
  for (const [label, rows] of groups) {
    const done = rows.filter(({ status }) => status === 'done');
    if (done.length === 0) {
      lines.push(`| ${label} | failed: ${rows[0].error} | | | | | |`);
      continue;
    }
    const of = (column, scale = 1) => done.map((row) => scale * Number(row[column]));
    const needs = done.map((row) => needOf(join(out, 'runs', row.run), 0.8));
    const reached = needs.filter((need) => need !== null);
    const to80 =
      reached.length === done.length
        ? spread(reached, 2)
        : `> ${Math.max(...of('annotationsPerItem')).toFixed(2)} (${reached.length} of ${done.length} reached)`;
    lines.push(
      `| ${label} | ${spread(of('annotationsPerItem'), 2)} | ${spread(of('accuracy', 100), 1)} | ${spread(of('top5', 100), 1)} | ${spread(of('ece'), 3)} | ${to80} | ${publishedOf(name, rows[0])} |`,
    );
  }
  const count = [...groups.values()].flat().length;
  const from = published[name]?.from;
  lines.push(
    '',
    `${count} runs; means, in brackets the lowest and the highest.${from ? ` Published: ${from}.` : ' Published as a picture only.'}`,
    '',
  );
  pages.push(lines.join('\n'));
}
writeFileSync(join(values.out, 'tables.md'), pages.join('\n'));
console.log(pages.join('\n'));

function publishedOf(name, row) {
  const { rows, to80 } = published[name] ?? {};
  if (rows && row.simulation === 'amt_structured_noise') {
    const [cost, accuracy] = rows[row.experiment];
    return `${cost} per task, ${accuracy} %`;
  }
  if (to80?.[row.method] !== undefined) return `to 80 %: ${to80[row.method]}`;
  return 'picture only';
}

function groupBy(list, keyOf) {
  const groups = new Map();
  for (const one of list) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
  return groups;
}
