import { cpus } from 'node:os';
import { performance } from 'node:perf_hooks';
import { compose, makeRng, Registry, type LearnerBackend, type Matrix } from '@quorate/core';
import { multiplyMatrices } from '@quorate/core/numbers';
import onnx from '@quorate/plugin-backend-onnx';
import tfjs from '@quorate/plugin-backend-tfjs';
import { median, round } from './timing.js';

/** Projection, class sums and randomised PCA of the sizes that the method `quorate` has at 50,000 and 125,000 items. */
const cases = [
  { name: 'projection', left: [50_000, 128], right: [128, 128] },
  { name: 'class sums', left: [50_000, 128], right: [50_000, 100], transpose: { left: true } },
  { name: 'wide', left: [128, 50_000], right: [50_000, 100] },
  { name: 'PCA', left: [125_000, 2048], right: [2048, 144] },
  { name: 'PCA, back', left: [125_000, 2048], right: [125_000, 144], transpose: { left: true } },
  { name: 'neighbours', left: [512, 65], right: [2048, 65], transpose: { right: true } },
] as const;
/** What the plain loop is timed on: it would need minutes for the others. */
const small = { name: 'small', left: [2000, 128], right: [128, 128] } as const;

interface Case {
  readonly name: string;
  readonly left: readonly [number, number];
  readonly right: readonly [number, number];
  readonly transpose?: { readonly left?: boolean; readonly right?: boolean };
}

/** `npm run bench -- product [backend] [threads]`: GFLOP/s of `LearnerBackend.product`. */
export async function benchProduct(name = 'onnx', threads?: string): Promise<unknown> {
  const options = threads === undefined ? {} : { threads: Number(threads) };
  const run = compose({
    registry: new Registry([onnx, tfjs]),
    choices: { learnerBackend: [{ use: name, options }] },
    rng: makeRng(1),
  });
  const backend = await run.get('learnerBackend');
  const figures = [];
  for (const one of cases) figures.push(await measure(backend, one));
  const native = await measure(backend, small);
  const loop = await measure({ product: async (...given) => multiplyMatrices(...given) }, small);
  await run.dispose();
  return {
    bench: 'product',
    processor: cpus()[0]?.model,
    cores: cpus().length,
    backend: name,
    options,
    figures: [...figures, native],
    plainLoop: { ...loop, timesSlower: round(native.gigaflops / loop.gigaflops) },
  };
}

async function measure(backend: Pick<LearnerBackend, 'product'>, { name, left, right, transpose }: Case) {
  const [a, b] = [matrix(left), matrix(right)];
  const inner = transpose?.left ? a.rows : a.columns;
  const rows = transpose?.left ? a.columns : a.rows;
  const columns = transpose?.right ? b.rows : b.columns;
  const out = new Float32Array(rows * columns);
  const peak = (): number => process.resourceUsage().maxRSS / 1000;
  const before = peak();
  await backend.product(a, b, out, transpose);
  const times: number[] = [];
  for (let n = 0; n < 5; n++) {
    const began = performance.now();
    await backend.product(a, b, out, transpose);
    times.push(performance.now() - began);
  }
  const gigaflops = round((2 * rows * inner * columns) / median(times) / 1e6);
  /** `megabytes`: how far the first call raised the peak of resident memory. */
  return { name, left, right, transpose, ms: round(median(times)), gigaflops, megabytes: Math.round(peak() - before) };
}

function matrix([rows, columns]: readonly [number, number]): Matrix {
  const data = new Float32Array(rows * columns);
  for (let x = 0; x < data.length; x++) data[x] = ((x * 7919) % 1009) / 1009 - 0.5;
  return { data, rows, columns };
}
