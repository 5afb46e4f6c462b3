/**
 * Measures `quorate` beside `efficient_annotation` with `quorate run`, and prints the table of this folder's README.
 *
 *   node examples/fewer-annotations/measure.mjs [--seeds 1,2,3,4,5] [--only mnist,split-2,...]
 *        [--redo quorate] [--out FOLDER] [--picture FILE.svg]
 *
 * A run that is there already is not made again, so that a stopped measurement goes on where it was; `--redo` throws the
 * runs of one method away first. Needs the AMT counts: `npx quorate data pull amt-workers`, or QUORATE_DATA_DIR.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { curves } from './curves.mjs';
import { figuresOf } from './figures.mjs';
import { methods, sets } from './sets.mjs';
import { tableOf } from './table.mjs';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1,2,3,4,5' },
    only: { type: 'string', default: sets.map(({ id }) => id).join(',') },
    redo: { type: 'string', default: '' },
    out: { type: 'string', default: 'runs/fewer-annotations' },
    picture: { type: 'string' },
  },
});
const seeds = values.seeds.split(',');
const chosen = values.only.split(',').map((id) => sets.find((set) => set.id === id) ?? refuse('set', id, sets));
if (values.redo && !methods.includes(values.redo)) refuse('method', values.redo, methods);
const quorate = join(import.meta.dirname, '../../packages/cli/bin/run.js');

function refuse(what, got, known) {
  console.error(`There is no ${what} "${got}"; known: ${known.map((one) => one.id ?? one).join(', ')}.`);
  process.exit(2);
}

/** The figures of one run, made now unless they are there. */
function measure({ id, words }, method, seed) {
  const folder = join(values.out, `${id}-${method}-${seed}`);
  const kept = `${folder}.json`;
  if (existsSync(kept)) return JSON.parse(readFileSync(kept, 'utf8'));
  const resume = existsSync(folder) ? ['--resume'] : [];
  const asked = [...words, `method=${method}`, `seed=${seed}`, '--out', folder, ...resume];
  const run = spawnSync(process.execPath, [quorate, 'run', ...asked], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (run.status !== 0) process.exit(run.status ?? 1);
  const lines = readFileSync(join(folder, 'steps.jsonl'), 'utf8').trim().split('\n');
  const figures = figuresOf(lines.map((line) => JSON.parse(line)));
  writeFileSync(kept, `${JSON.stringify(figures)}\n`);
  process.stderr.write(`${id}, ${method}, seed ${seed}: done\n`);
  return figures;
}

mkdirSync(values.out, { recursive: true });
for (const { id } of chosen)
  for (const seed of values.redo ? seeds : [])
    for (const end of ['', '.json'])
      rmSync(join(values.out, `${id}-${values.redo}-${seed}${end}`), { recursive: true, force: true });

// Seed by seed, so that a measurement that is stopped early has something to say of every set.
const runs = seeds.flatMap((seed) =>
  chosen.flatMap((set) =>
    methods.map((method) => ({ set: set.name, method, seed, figures: measure(set, method, seed) })),
  ),
);
console.log(tableOf(runs));
if (values.picture) writeFileSync(values.picture, curves(runs));
