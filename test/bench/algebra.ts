import { cpus } from 'node:os';
import { performance } from 'node:perf_hooks';
import { compose, makeRng, Registry, type LearnerBackend, type Matrix } from '@quorate/core';
import { symmetricEigen } from '@quorate/core/numbers';
import onnx from '@quorate/plugin-backend-onnx';
import { nearestNeighbours } from '../../plugins/quorate-method/src/neighbours.js';
import { principalComponents } from '../../plugins/quorate-method/src/principal-components.js';
import { median, round } from './timing.js';

/** What `method=quorate` does once, before its first step. */
const pcaSizes = [
  { rows: 50_000, columns: 128 },
  { rows: 50_000, columns: 512 },
  { rows: 125_000, columns: 2048 },
] as const;
const neighbourSizes = [30_000, 50_000, 125_000];
const COMPONENTS = 128;
const NEIGHBOURS = 20;
const DIMENSIONS = 64;
const RECALL_OF = 100;

/**
 * `npm run bench -- algebra`: eigen-decompositions, principal components and neighbours at full size, with their recall.
 * `cpuSeconds` are those of all threads, which other programs disturb less.
 */
export async function benchAlgebra(): Promise<unknown> {
  const run = compose({
    registry: new Registry([onnx]),
    choices: { learnerBackend: [{ use: 'onnx', options: {} }] },
    rng: makeRng(1),
  });
  const backend = await run.get('learnerBackend');
  const eigen = [128, 512].map((size) => ({ size, ms: eigenMilliseconds(size) }));
  const neighbours = [];
  for (const rows of neighbourSizes) neighbours.push(await benchNeighbours(backend, rows));
  const components = [];
  for (const size of pcaSizes) components.push(await benchComponents(backend, size));
  await run.dispose();
  const peakMegabytes = Math.round(process.resourceUsage().maxRSS / 1000);
  return {
    bench: 'algebra',
    processor: cpus()[0]?.model,
    cores: cpus().length,
    eigen,
    neighbours,
    components,
    peakMegabytes,
  };
}

function eigenMilliseconds(size: number): number {
  const { data } = clusters(size, size, 10);
  const times = Array.from({ length: 5 }, () => elapsed(() => symmetricEigen(data, size)));
  return round(median(times));
}

function elapsed(work: () => unknown): number {
  const began = performance.now();
  work();
  return performance.now() - began;
}

/** @returns what gives the seconds since this call. */
function stopwatch(): () => { seconds: number; cpuSeconds: number } {
  const began = performance.now();
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return { seconds: round((performance.now() - began) / 1000), cpuSeconds: round((user + system) / 1e6) };
  };
}

async function benchComponents(backend: LearnerBackend, { rows, columns }: { rows: number; columns: number }) {
  const features = clusters(rows, columns, 100);
  const before = process.resourceUsage().maxRSS / 1000;
  const clock = stopwatch();
  const { columns: kept } = await principalComponents(backend, features, COMPONENTS, makeRng(1));
  return { rows, columns, kept, ...clock(), megabytes: Math.round(process.resourceUsage().maxRSS / 1000 - before) };
}

async function benchNeighbours(backend: LearnerBackend, rows: number) {
  const points = clusters(rows, DIMENSIONS, 100);
  const clock = stopwatch();
  const { index } = await nearestNeighbours(backend, points, NEIGHBOURS, makeRng(1));
  const times = clock();
  let hits = 0;
  for (const row of makeRng(2).choose(rows, RECALL_OF)) {
    const distances = distancesFrom(points, row);
    const farthest = distances.slice().sort()[NEIGHBOURS]!;
    const found = index.subarray(row * NEIGHBOURS, (row + 1) * NEIGHBOURS);
    hits += found.reduce((sum, other) => sum + Number(distances[other]! <= farthest), 0);
  }
  return { rows, ...times, recall: hits / (RECALL_OF * NEIGHBOURS) };
}

/** Squared ones, of one row from all. */
function distancesFrom({ data, rows, columns }: Matrix, row: number): Float64Array {
  const own = data.subarray(row * columns, (row + 1) * columns);
  return Float64Array.from({ length: rows }, (_, other) => {
    let sum = 0;
    for (let d = 0; d < columns; d++) sum += (data[other * columns + d]! - own[d]!) ** 2;
    return sum;
  });
}

/** Points around centres, with variances that fall from column to column as those of principal components do. */
function clusters(rows: number, columns: number, count: number) {
  const rng = makeRng('bench/algebra');
  // Normal numbers are dear: every value is one of a long list, at a place of chance.
  const normals = Float32Array.from({ length: 2 ** 16 }, () => rng.normal());
  const next = (): number => normals[rng.int(2 ** 16)]!;
  const centres = Float32Array.from({ length: count * columns }, next);
  const spread = Float64Array.from({ length: columns }, (_, d) => (1 + d) ** -0.25);
  const data = new Float32Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    const centre = rng.int(count) * columns;
    for (let d = 0; d < columns; d++) data[r * columns + d] = spread[d]! * (centres[centre + d]! + 0.7 * next());
  }
  return { data, rows, columns };
}
