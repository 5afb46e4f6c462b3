import { availableParallelism } from 'node:os';
import { messageOf, QuorateError, type LearnerBackend, type Rng } from '@quorate/core';
import { approximateNeighbours, MOST_THREADS, USEARCH, type Usearch } from './neighbours-approximate.js';
import type { Neighbours } from './neighbours-candidates.js';
import { exactNeighbours } from './neighbours-exact.js';

export interface NeighbourOptions {
  /** `auto`, the default: exact up to 30,000 rows; beyond, approximate where usearch is installed. */
  readonly method?: 'auto' | 'exact' | 'approximate';
}

export interface NearestNeighbours extends Neighbours {
  /** min(k asked for, rows - 1). */
  readonly k: number;
  readonly method: 'exact' | 'approximate';
}

/** Most rows that are all compared with one another: a few seconds. */
const MOST_EXACT = 30_000;

/**
 * The k nearest rows of each row by Euclidean distance, without the row itself; nearest first, the lowest index first
 * among equals. Distances are squared. The same arguments give the same bytes, with any number of threads.
 *
 * Of rows that are equally far within float32 rounding, the approximate method may prefer any, and the exact method any
 * beyond the first k + 8.
 *
 * @param points rows×columns row-major, finite. @param k >= 0. @param rng Order in which an index is built.
 * @param importUsearch Loads usearch, which may be missing: it is an optional dependency.
 * @throws QuorateError PART_MISSING where `approximate` is asked for and usearch does not load.
 */
export async function nearestNeighbours(
  backend: Pick<LearnerBackend, 'product'>,
  points: Float32Array,
  rows: number,
  columns: number,
  k: number,
  { method = 'auto' }: NeighbourOptions,
  rng: Rng,
  importUsearch: () => Promise<unknown> = () => import(USEARCH.package),
): Promise<NearestNeighbours> {
  const count = Math.max(0, Math.min(k, rows - 1));
  const into = { index: new Int32Array(rows * count), distance: new Float32Array(rows * count) };
  const matrix = { data: points, rows, columns };
  const usearch =
    method === 'approximate' || (method === 'auto' && rows > MOST_EXACT) ? await load(importUsearch, method) : null;
  if (count === 0) return { ...into, k: count, method: usearch ? 'approximate' : 'exact' };
  if (!usearch) {
    await exactNeighbours(
      backend,
      matrix,
      count,
      Int32Array.from({ length: rows }, (_, row) => row),
      into,
    );
    return { ...into, k: count, method: 'exact' };
  }
  const threads = Math.min(MOST_THREADS, availableParallelism());
  const short = await approximateNeighbours(usearch, matrix, count, threads, rng, into);
  await exactNeighbours(backend, matrix, count, short, into);
  return { ...into, k: count, method: 'approximate' };
}

/** Null where usearch does not load and `auto` may do without it. */
async function load(importUsearch: () => Promise<unknown>, method: 'auto' | 'approximate'): Promise<Usearch | null> {
  try {
    return (await importUsearch()) as Usearch;
  } catch (cause) {
    if (method === 'auto') return null;
    throw new QuorateError('PART_MISSING', {
      where: 'approximate nearest neighbours',
      expected: `the package ${USEARCH.package}`,
      got: `"${messageOf(cause)}"`,
      fix: `Run "npm install ${USEARCH.package}@${USEARCH.version}", or ask for exact neighbours.`,
      cause,
    });
  }
}
