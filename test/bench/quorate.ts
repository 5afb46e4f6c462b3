import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { takeSteps } from './step.js';
import { median, round } from './timing.js';

const root = join(import.meta.dirname, '../..');
const MEGABYTE = 1e6;

/** Limits in ms and MB. The features' own memory counts. */
const sizes = {
  medium: { classes: 100, itemsPerClass: 500, columns: 128, stepMs: 3000, firstMs: null, megabytes: null },
  large: { classes: 100, itemsPerClass: 1250, columns: 2048, stepMs: 8000, firstMs: 90_000, megabytes: 3000 },
} as const;
const methods = ['quorate', 'efficient_annotation'] as const;

/**
 * Whole steps of the method `quorate`, the first one (components, neighbours, all candidates) apart, beside those of
 * `efficient_annotation` on the same data; each in a process of its own. `npm run bench -- quorate medium quorate 12` takes
 * 12 steps of one in this process.
 */
export async function benchQuorate(size?: string, method?: string, steps = '9'): Promise<unknown> {
  if ((size === 'medium' || size === 'large') && method !== undefined) return measure(size, method, Number(steps));
  const wanted = (['medium', 'large'] as const).filter((name) => size === undefined || size === name);
  const figures = wanted.flatMap((name) => methods.map((one) => inProcess(name, one, steps)));
  return { bench: 'quorate', processor: cpus()[0]?.model, cores: cpus().length, figures };
}

function inProcess(size: string, method: string, steps: string): unknown {
  const words = ['--conditions=@quorate/source', '--import', 'tsx', join(import.meta.dirname, 'bench.ts')];
  const { status, stdout } = spawnSync(process.execPath, [...words, 'quorate', size, method, steps], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error(`the process of size ${size} ended with ${status}`);
  return JSON.parse(stdout) as unknown;
}

async function measure(size: keyof typeof sizes, method: string, steps: number): Promise<unknown> {
  const { stepMs, firstMs, megabytes, ...setting } = sizes[size];
  const taken = await takeSteps({ ...setting, method }, steps);
  return {
    method,
    items: taken.items,
    classes: taken.classes,
    columns: taken.columns,
    steps: taken.steps,
    accuracy: taken.accuracy,
    firstMs: round(taken.firstMs),
    stepMs: round(median(taken.times)),
    slowestMs: round(Math.max(...taken.times)),
    firstProcessorMs: round(taken.firstProcessorMs),
    stepProcessorMs: round(median(taken.processorTimes)),
    slowestProcessorMs: round(Math.max(...taken.processorTimes)),
    peakMegabytes: Math.round(taken.peak / MEGABYTE),
    ...(method === 'quorate'
      ? { limits: { firstMs, stepMs, megabytes }, ratio: round(median(taken.times) / stepMs) }
      : {}),
  };
}
