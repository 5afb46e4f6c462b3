import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StepRecord } from '@quorate/engine';

const cli = join(import.meta.dirname, '../../packages/cli/bin/run.js');
const methods = ['ds_model', 'efficient_annotation', 'quorate'];
/** What is wrong with the workers, the tasks or the classes, as words of `quorate run`. */
const conditions: Readonly<Record<string, readonly string[]>> = {
  none: [],
  'hard tasks, flat': ['workers.hardItems=0.2', 'workers.hardItemKind=flat'],
  'hard tasks, fixed': ['workers.hardItems=0.2', 'workers.hardItemKind=fixed'],
  'hard tasks, features': ['workers.hardItems=0.2', 'workers.hardItemKind=features'],
  'spammers, 20 %': ['workers.spammers=0.2'],
  'constant answers, 20 %': ['workers.constantAnswerers=0.2'],
  'copiers, 40 %': ['workers.copiers=0.4'],
  drift: ['workers.drift=0.3'],
  'classes 10:1': ['dataset.imbalance=10'],
};

/**
 * How honest the methods are where the model of the workers is wrong, on MNIST: accuracy, ECE, precision of the valid
 * tasks and annotations per task at the end.
 *
 *     npm run bench -- honesty                      80 tasks a class, seed 1
 *     npm run bench -- honesty full 1,2,3           all 9,900 tasks
 *     npm run bench -- honesty full 1 quorate       one method
 */
export function benchHonesty(size = 'small', seeds = '1', only = methods.join(',')): unknown {
  const small = size === 'full' ? [] : ['dataset.itemsPerClass=80', 'sampler.hitsPerStep=2'];
  const home = mkdtempSync(join(tmpdir(), 'quorate-bench-'));
  try {
    const rows = Object.entries(conditions).flatMap(([condition, words]) =>
      only.split(',').map((method) => {
        const ends = seeds.split(',').map((seed) => {
          return lastStep(home, [`method=${method}`, `seed=${seed}`, ...small, ...words]);
        });
        const row = { condition, method, ...figuresOf(ends) };
        process.stderr.write(`${JSON.stringify(row)}\n`);
        return row;
      }),
    );
    return { bench: 'honesty', size, seeds, rows };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function lastStep(home: string, words: readonly string[]): StepRecord {
  rmSync(join(home, 'run'), { recursive: true, force: true });
  const asked = ['run', 'experiment=mnist', 'simulation=structured', ...words, '--out', 'run'];
  const { status, stderr } = spawnSync(process.execPath, [cli, ...asked], { cwd: home, encoding: 'utf8' });
  if (status !== 0) throw new Error(`quorate ${asked.join(' ')} ended with ${status}: ${stderr}`);
  const lines = readFileSync(join(home, 'run/steps.jsonl'), 'utf8').trim().split('\n');
  return JSON.parse(lines.at(-1)!) as StepRecord;
}

/** Means over the seeds, with the worst ECE and precision. */
function figuresOf(ends: readonly StepRecord[]): Readonly<Record<string, number>> {
  const mean = (of: (end: StepRecord) => number) => ends.reduce((sum, end) => sum + of(end), 0) / ends.length;
  const ece = (end: StepRecord) => end.aggregate!.all.ece!;
  const precision = (end: StepRecord) => end.aggregate!.valid.top1 ?? 1;
  const figures = {
    accuracy: mean((end) => end.aggregate!.all.top1!),
    ece: mean(ece),
    worstEce: Math.max(...ends.map(ece)),
    valid: mean((end) => end.validShare),
    precision: mean(precision),
    worstPrecision: Math.min(...ends.map(precision)),
    annotationsPerItem: mean((end) => end.annotationsPerItem),
  };
  return Object.fromEntries(Object.entries(figures).map(([name, x]) => [name, Number(x.toFixed(4))]));
}
