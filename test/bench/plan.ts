import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { annotationsTo } from '@quorate/sweep';
import { readSteps } from '@quorate/engine';

const quorate = join(import.meta.dirname, '../../packages/cli/bin/run.js');
/** Data of which the truth is known, and workers of several kinds: the words of the whole, those of the pilot, its tasks. */
const generated = (classes: number, separation: number, more: readonly string[] = []) => {
  const words = ['experiment=synthetic', `dataset.classes=${classes}`, `dataset.separation=${separation}`, ...more];
  return { words, each: 2000 / classes, tasks: 2000 };
};
const sets = {
  mnist: { words: ['experiment=mnist'], each: 200, tasks: 2000 },
  'mnist, poor workers': { words: ['experiment=mnist', 'workers.accuracy=0.5'], each: 200, tasks: 2000 },
  'mnist, uniform noise': { words: ['experiment=mnist', 'simulation=uniform'], each: 200, tasks: 2000 },
  'easy, 10 classes': generated(10, 4),
  '10 classes': generated(10, 3),
  'hard, 10 classes': generated(10, 2),
  '5 classes': generated(5, 2.5),
  '20 classes': generated(20, 3),
  '40 classes': generated(40, 3.5),
  'poor workers': generated(10, 3, ['workers.accuracy=0.5']),
} as const;
const TARGETS = [0.9, 0.95];
/** A pilot has this share of the tasks of each class. */
const SHARE = 0.2;

/** `quorate plan` on a fifth of a data set against a run on all of it: does the interval hold what it needed? */
export function benchPlan(only?: string): unknown {
  const folder = mkdtempSync(join(tmpdir(), 'quorate-plan-'));
  try {
    const rows = Object.entries(sets)
      .filter(([name]) => only === undefined || name === only)
      .flatMap(([name, { words, each, tasks }], n) => {
        const planned = run([
          ...[
            'plan',
            ...words,
            `dataset.itemsPerClass=${Math.round(SHARE * each)}`,
            'seed=3',
            '--tasks',
            String(tasks),
          ],
          ...[
            ...TARGETS.flatMap((target) => ['--target', String(target)]),
            '--json',
            '--out',
            join(folder, `plan-${n}`),
          ],
        ]);
        const { needs } = JSON.parse(planned) as { needs: readonly Planned[] };
        return ['ds_model', 'quorate'].flatMap((method) => {
          const out = join(folder, `${method}-${n}`);
          // With other seeds than the pilot: other tasks of the same kind, other workers, other answers.
          run(['run', ...words, `dataset.itemsPerClass=${each}`, `method=${method}`, 'seed=101', '--out', out]);
          const steps = readSteps(out);
          return TARGETS.map((target) => {
            const need = annotationsTo(steps, target);
            const real = need === null ? null : need / tasks;
            const { perTask } = needs.find((one) => one.method === method && one.target === target)!;
            // What neither of them reaches was foreseen too.
            const holds =
              real === null || perTask === null
                ? real === null && perTask === null
                : perTask.low <= real && real <= perTask.high;
            return { name, method, target, real, perTask, holds };
          });
        });
      });
    const known = rows.filter(({ real }) => real !== null);
    const whole = (name: string): boolean => rows.filter((row) => row.name === name).every(({ holds }) => holds);
    return {
      rows,
      held: known.filter(({ holds }) => holds).length,
      of: known.length,
      sets: Object.keys(sets).filter(whole).length,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Planned {
  readonly method: string;
  readonly target: number;
  readonly perTask: { readonly estimate: number; readonly low: number; readonly high: number } | null;
}

function run(words: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [quorate, ...words], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`quorate ${words.join(' ')}: ${stderr}`);
  return stdout;
}
