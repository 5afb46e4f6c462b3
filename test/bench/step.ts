import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { openRun } from '@quorate/engine';
import { prepare } from '@quorate/host';
import { median, round } from './timing.js';

const HIT_SIZE = 40;
const HITS = 50;
const COLUMNS = 2048;
const MEGABYTE = 1e6;
const root = join(import.meta.dirname, '../..');

const sizes = {
  small: { classes: 37, itemsPerClass: 1300, limitMs: 4000, originalMs: 13_900 },
  large: { classes: 100, itemsPerClass: 1250, limitMs: 6000, originalMs: 30_000 },
} as const;
const LIMIT_MEGABYTES = 2000;

/**
 * Whole steps of `efficient_annotation` (choose, ask 2000, EM, fit, predict, E step, measure, checkpoint) at the two sizes of the
 * original program's slowest experiments, each in a process of its own: how long, and how much memory beyond the features.
 * `npm run bench -- step small 40` takes 40 steps of the small one in this process.
 */
export async function benchStep(size?: string, steps = '12'): Promise<unknown> {
  if (size === 'small' || size === 'large') return measure(size, Number(steps));
  const figures = Object.keys(sizes).map((name) => {
    const words = ['--conditions=@quorate/source', '--import', 'tsx', join(import.meta.dirname, 'bench.ts')];
    const { status, stdout } = spawnSync(process.execPath, [...words, 'step', name], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (status !== 0) throw new Error(`the process of size ${name} ended with ${status}`);
    return JSON.parse(stdout) as unknown;
  });
  return { bench: 'step', processor: cpus()[0]?.model, cores: cpus().length, figures };
}

async function measure(size: keyof typeof sizes, steps: number): Promise<unknown> {
  const { classes, itemsPerClass, limitMs, originalMs } = sizes[size];
  const setting = { classes, itemsPerClass, columns: COLUMNS, method: 'efficient_annotation' };
  const {
    firstMs: _first,
    firstProcessorMs: _firstProcessor,
    processorTimes: _processor,
    times,
    residents,
    peak,
    features,
    opened,
    checkpoint,
    ...rest
  } = await takeSteps(setting, steps);
  const half = residents.slice(residents.length >> 1);
  return {
    ...rest,
    annotations: times.length * HIT_SIZE * HITS,
    stepMs: round(median(times)),
    stepBestMs: round(Math.min(...times)),
    limitMs,
    ratio: round(median(times) / limitMs),
    originalMs,
    timesAsFast: round(originalMs / median(times)),
    featureMegabytes: Math.round(features / MEGABYTE),
    openMegabytes: Math.round((opened - features) / MEGABYTE),
    residentMegabytesByStep: residents,
    peakMegabytes: Math.round((peak - features) / MEGABYTE),
    limitMegabytes: LIMIT_MEGABYTES,
    memoryRatio: round((peak - features) / MEGABYTE / LIMIT_MEGABYTES),
    growthMegabytesPerStep: round((half.at(-1)! - half[0]!) / (half.length - 1)),
    checkpointMegabytes: round(checkpoint / MEGABYTE),
  };
}

export interface StepSetting {
  readonly classes: number;
  readonly itemsPerClass: number;
  readonly columns: number;
  readonly method: string;
}

/**
 * Whole steps of a run on generated features; times in ms (those of the processor are of all threads, which other programs
 * disturb less), sizes in bytes, what is resident by step in MB beyond the features.
 */
export async function takeSteps(setting: StepSetting, steps: number) {
  const home = mkdtempSync(join(tmpdir(), 'quorate-bench-'));
  try {
    const run = await open(join(home, 'run'), setting);
    const features = run.items * setting.columns * 4;
    const opened = process.memoryUsage.rss();
    const residents: number[] = [];
    const times: number[] = [];
    const processorTimes: number[] = [];
    let firstMs = 0;
    let firstProcessorMs = 0;
    let peak = 0;
    let began = performance.now();
    let used = process.cpuUsage();
    let accuracy: number | null = null;
    const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 50);
    for await (const { step, aggregate } of run.steps()) {
      const now = performance.now();
      const { user, system } = process.cpuUsage(used);
      const rss = process.memoryUsage.rss();
      peak = Math.max(peak, rss);
      if (step > 0) {
        times.push(now - began);
        processorTimes.push((user + system) / 1000);
      } else {
        firstMs = now - began;
        firstProcessorMs = (user + system) / 1000;
      }
      residents.push(Math.round((rss - features) / MEGABYTE));
      accuracy = aggregate?.all.top1 ?? null;
      if (step >= steps) break;
      began = performance.now();
      used = process.cpuUsage();
    }
    clearInterval(watch);
    const checkpoint = statSync(join(home, 'run/checkpoint')).size;
    const { items } = run;
    await run.dispose();
    const { classes, columns } = setting;
    return {
      items,
      classes,
      columns,
      steps: times.length,
      accuracy,
      firstMs,
      firstProcessorMs,
      times,
      processorTimes,
      residents,
      peak,
      features,
      opened,
      checkpoint,
    };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

async function open(folder: string, { classes, itemsPerClass, columns, method }: StepSetting) {
  const cwd = import.meta.dirname;
  const cli = join(root, 'packages/cli/package.json');
  const { dependencies } = JSON.parse(readFileSync(cli, 'utf8')) as { dependencies: Record<string, string> };
  const specs = Object.keys(dependencies).filter((name) => name.startsWith('@quorate/plugin-'));
  const prepared = await prepare({
    cwd,
    env: {},
    useFile: false,
    builtins: specs.map((spec) => ({ spec, from: cli, origin: 'builtin' as const })),
    overrides: [
      'plugins=["./generated-features.ts"]',
      'dataset.use=generated',
      'experiment=null',
      `dataset.classes=${classes}`,
      `dataset.itemsPerClass=${itemsPerClass}`,
      `dataset.columns=${columns}`,
      `method=${method}`,
      'simulation=structured',
      `sampler.hitSize=${HIT_SIZE}`,
      `sampler.hitsPerStep=${HITS}`,
    ],
  });
  return openRun({ prepared, folder, resume: false, cwd, env: {}, clock: () => performance.now() });
}
