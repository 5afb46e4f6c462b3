import { cpus } from 'node:os';
import { performance } from 'node:perf_hooks';
import { compose, makeRng, Registry, type MlpParams, type MlpSpec, type Rows } from '@quorate/core';
import onnx from '@quorate/plugin-backend-onnx';
import tfjs from '@quorate/plugin-backend-tfjs';
import { median, round } from './timing.js';

const ROWS = 48_000;
const CLASSES = 37;
const HIDDEN = 64;
const STEPS = 300;
const BATCH = 1024;
const sizes = [
  { columns: 2048, targetFitMs: 2600, targetPredictMs: 200 },
  { columns: 128, targetFitMs: 450, targetPredictMs: null },
] as const;

export interface LearnerFigures {
  readonly backend: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly rows: number;
  readonly columns: number;
  readonly classes: number;
  readonly repetitions: number;
  /** 300 Adam steps of 1024 rows, 64 hidden units, in one call; and with a look at the weights every 10 steps. Medians. */
  readonly fitMs: number;
  readonly fitBestMs: number;
  readonly watchedFitMs: number;
  /** The longest time in which the process did nothing else during a watched fit. */
  readonly longestBlockMs: number;
  /** All rows in order, and all rows in a random order. */
  readonly predictMs: number;
  readonly predictShuffledMs: number;
  /** Of the trained network on its own data: that it has learned. */
  readonly accuracy: number;
  /** How far the first fit raised the peak of resident memory. */
  readonly fitMegabytes: number;
  readonly targetFitMs: number;
  readonly targetPredictMs: number | null;
}

/** `npm run bench -- learner [backend] [threads]`: times fit and predict at the sizes of the original program's experiments. */
export async function benchLearner(name = 'onnx', threads?: string): Promise<unknown> {
  const figures: LearnerFigures[] = [];
  const options = threads === undefined ? {} : { threads: Number(threads) };
  for (const size of sizes) figures.push(await measure(name, options, size));
  return { bench: 'learner', processor: cpus()[0]?.model, cores: cpus().length, figures };
}

async function measure(
  name: string,
  options: Record<string, unknown>,
  { columns, targetFitMs, targetPredictMs }: (typeof sizes)[number],
): Promise<LearnerFigures> {
  const run = compose({
    registry: new Registry([onnx, tfjs]),
    choices: { learnerBackend: [{ use: name, options }] },
    rng: makeRng(1),
  });
  const backend = await run.get('learnerBackend');
  const { spec, data, start, batches } = training(columns);
  const peak = (): number => process.resourceUsage().maxRSS / 1000;
  const before = peak();
  const repetitions = name === 'onnx' || name === 'tfjs-node' ? 5 : 2;

  let params = await backend.fit(spec, data, start, batches, BATCH);
  const fitMegabytes = Math.round(peak() - before);
  const fits = await times(repetitions, async () => (params = await backend.fit(spec, data, start, batches, BATCH)));
  const blocks: number[] = [];
  let turn = performance.now();
  const beat = (): void => {
    blocks.push(performance.now() - turn);
    turn = performance.now();
  };
  const watched = await times(repetitions, async () => {
    turn = performance.now();
    const clock = setInterval(beat, 1);
    await backend.fit(spec, data, start, batches, BATCH, { every: 10, onChunk: () => true });
    clearInterval(clock);
  });
  const out = new Float32Array(ROWS * CLASSES);
  const predictions = await times(2 * repetitions, () => backend.predict(params, data, out));
  const right = accuracy(out, data.labels!);
  const shuffled = { ...data, rows: makeRng('bench/order').choose(ROWS, ROWS) };
  const shuffledTimes = await times(2 * repetitions, () => backend.predict(params, shuffled, out));
  await run.dispose();
  return {
    backend: backend.name,
    options,
    rows: ROWS,
    columns,
    classes: CLASSES,
    repetitions,
    fitMs: round(median(fits)),
    fitBestMs: round(Math.min(...fits)),
    watchedFitMs: round(median(watched)),
    longestBlockMs: round(Math.max(...blocks)),
    predictMs: round(median(predictions)),
    predictShuffledMs: round(median(shuffledTimes)),
    accuracy: right,
    fitMegabytes,
    targetFitMs,
    targetPredictMs,
  };
}

async function times(count: number, work: () => Promise<unknown>): Promise<number[]> {
  const measured: number[] = [];
  for (let n = 0; n < count; n++) {
    const began = performance.now();
    await work();
    measured.push(performance.now() - began);
  }
  return measured;
}

interface Training {
  readonly spec: MlpSpec;
  readonly data: Rows;
  readonly start: MlpParams;
  readonly batches: Int32Array;
}

/** Rows around a centre for each class. */
function training(columns: number): Training {
  const rng = makeRng('bench/learner');
  const uniform = (n: number, bound: number): Float32Array => {
    const numbers = new Float32Array(n);
    for (let x = 0; x < n; x++) numbers[x] = bound * (2 * rng.uniform() - 1);
    return numbers;
  };
  const labels = Int32Array.from({ length: ROWS }, () => rng.int(CLASSES));
  const centres = uniform(CLASSES * columns, 4 / Math.sqrt(columns));
  const features = uniform(ROWS * columns, 1);
  for (let x = 0; x < features.length; x++) {
    features[x]! += centres[labels[Math.floor(x / columns)]! * columns + (x % columns)]!;
  }
  const layers = [columns, HIDDEN, CLASSES];
  return {
    spec: { layers, learningRate: 3.2e-3, weightDecay: 1e-3 },
    data: { features, columns, rows: Int32Array.from({ length: ROWS }, (_, i) => i), labels },
    start: {
      weights: [uniform(columns * HIDDEN, columns ** -0.5), uniform(HIDDEN * CLASSES, HIDDEN ** -0.5)],
      biases: [uniform(HIDDEN, columns ** -0.5), uniform(CLASSES, HIDDEN ** -0.5)],
    },
    batches: Int32Array.from({ length: STEPS * BATCH }, () => rng.int(ROWS)),
  };
}

function accuracy(logits: Float32Array, labels: Int32Array): number {
  let right = 0;
  labels.forEach((label, i) => {
    const row = logits.subarray(i * CLASSES, (i + 1) * CLASSES);
    if (row[label] === Math.max(...row)) right++;
  });
  return right / labels.length;
}
