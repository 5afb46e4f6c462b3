import { setImmediate } from 'node:timers/promises';
import type { Matrix, Rng } from '@quorate/core';
import { Candidates, SPARE, type Neighbours } from './neighbours-candidates.js';

/**
 * What is used of usearch, a graph index (HNSW) [MalkovYashunin20]. Its npm package holds compiled code for Linux (x64,
 * arm64) and macOS, which needs no install script; hnswlib-node and faiss-node would be compiled or downloaded from
 * elsewhere on installing.
 */
export interface Usearch {
  readonly Index: new (config: {
    readonly dimensions: number;
    readonly metric: 'l2sq';
    readonly quantization: 'f32';
    readonly connectivity: number;
    readonly expansion_add: number;
    readonly expansion_search: number;
    readonly multi: boolean;
  }) => UsearchIndex;
}

interface UsearchIndex {
  add(keys: BigUint64Array, vectors: Float32Array, threads: number): void;
  /** Of more than one vector, `wanted` places for each. */
  search(vectors: Float32Array, wanted: number, threads: number): Matches;
  capacity(): number;
}

interface Matches {
  readonly keys: BigUint64Array;
  /** How many of its places each vector fills. */
  readonly counts: BigUint64Array;
}

export const USEARCH = { package: 'usearch', version: '2.25.3' } as const;

/** Links of a node, and nodes looked at to place one and, at least, to find its neighbours. */
const CONNECTIVITY = 16;
const EXPANSION = 64;
/** Points of one native call, which blocks the process. */
const CALL = 500;
/** Most threads that search. A constant: what an index is like depends on how many threads it has room for. */
export const MOST_THREADS = 4;

/**
 * Finds the k nearest by a graph index, and ranks what it finds by exact distances. Points are added in random order, by
 * one thread, so that the bytes do not depend on the number of threads.
 *
 * @param threads 1..MOST_THREADS of a search.
 * @returns Rows for which the index has found fewer than k; they are not written.
 */
export async function approximateNeighbours(
  { Index }: Usearch,
  points: Matrix,
  k: number,
  threads: number,
  rng: Rng,
  into: Neighbours,
): Promise<Int32Array> {
  const { data, rows, columns } = points;
  const wanted = Math.min(k + SPARE + 1, rows);
  const index = new Index({
    dimensions: columns,
    metric: 'l2sq',
    quantization: 'f32',
    connectivity: CONNECTIVITY,
    expansion_add: EXPANSION,
    expansion_search: Math.max(EXPANSION, 2 * wanted),
    multi: false,
  });
  await build(index, points, rng.permutation(rows));
  const candidates = new Candidates(data, columns, wanted);
  const others = new Int32Array(wanted);
  const short: number[] = [];
  // At least two in a call: one alone would come back in another form.
  const calls = Math.max(1, Math.floor(rows / CALL));
  for (let call = 0; call < calls; call++) {
    const start = Math.floor((call * rows) / calls);
    const end = Math.floor(((call + 1) * rows) / calls);
    await setImmediate();
    const { keys, counts } = index.search(data.subarray(start * columns, end * columns), wanted, threads);
    for (let row = start; row < end; row++) {
      let found = 0;
      const first = (row - start) * wanted;
      for (let place = 0; place < Number(counts[row - start]); place++) {
        const other = Number(keys[first + place]);
        if (other !== row) others[found++] = other;
      }
      if (found < k) short.push(row);
      else candidates.nearest(row, others, found, k, into);
    }
  }
  return Int32Array.from(short);
}

/**
 * Adds all points. A call reserves room when the index is full, for as many threads as that call has; only a point that is
 * alone in its call may have more than one, or the order of points, and with it the index, would be one of chance.
 */
async function build(index: UsearchIndex, { data, rows, columns }: Matrix, order: Int32Array): Promise<void> {
  const vectors = new Float32Array(CALL * columns);
  for (let at = 0; at < rows;) {
    const room = Number(index.capacity()) - at - 1;
    const some = order.subarray(at, at + Math.min(CALL, Math.max(1, room)));
    some.forEach((row, x) => vectors.set(data.subarray(row * columns, (row + 1) * columns), x * columns));
    await setImmediate();
    index.add(
      BigUint64Array.from(some, (row) => BigInt(row)),
      vectors.subarray(0, some.length * columns),
      room > 0 ? 1 : MOST_THREADS,
    );
    at += some.length;
  }
}
