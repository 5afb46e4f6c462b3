import type { LearnerBackend, Matrix } from '@quorate/core';
import { Candidates, SPARE, type Neighbours } from './neighbours-candidates.js';

/** A product of this many rows and columns is 2 MB, which stays in the cache until it is searched. */
const BLOCK_ROWS = 512;
const BLOCK_COLUMNS = 1024;

/**
 * Finds the k nearest of all points by comparing with every one: O(rows² columns), in products of blocks. A product has
 *
 *     s_ij = ‖y_j‖² - 2 x_i·y_j = ‖x_i - y_j‖² - ‖x_i‖²
 *
 * in float32, with centred points; the k + 8 lowest of a row are then ranked by their distances in float64.
 *
 * @param queries Rows whose neighbours are wanted; those of others stay as they are in `into`.
 */
export async function exactNeighbours(
  backend: Pick<LearnerBackend, 'product'>,
  points: Matrix,
  k: number,
  queries: Int32Array,
  into: Neighbours,
): Promise<void> {
  if (queries.length === 0) return;
  const { rows, columns } = points;
  const { left, right } = factors(points);
  const wide = columns + 1;
  const most = Math.min(k + SPARE, rows - 1);
  const candidates = new Candidates(points.data, columns, most);
  const rowsAtOnce = Math.min(BLOCK_ROWS, queries.length);
  const block = new Float32Array(rowsAtOnce * wide);
  const product = new Float32Array(rowsAtOnce * Math.min(BLOCK_COLUMNS, rows));
  for (let at = 0; at < queries.length; at += rowsAtOnce) {
    const some = queries.subarray(at, at + rowsAtOnce);
    some.forEach((row, b) => block.set(left.subarray(row * wide, (row + 1) * wide), b * wide));
    const lowest = new Lowest(some, most);
    for (let start = 0; start < rows; start += BLOCK_COLUMNS) {
      const end = Math.min(rows, start + BLOCK_COLUMNS);
      const others = { data: right.subarray(start * wide, end * wide), rows: end - start, columns: wide };
      await backend.product({ data: block, rows: some.length, columns: wide }, others, product, { right: true });
      lowest.search(product, start, end);
    }
    some.forEach((row, b) => candidates.nearest(row, lowest.of(b), most, k, into));
  }
}

/** (x, 1) and (-2x, ‖x‖²) of every row, centred and divided by the greatest |x|, so that s is their product. */
function factors({ data, rows, columns }: Matrix): { left: Float32Array; right: Float32Array } {
  const mean = new Float64Array(columns);
  for (let r = 0; r < rows; r++) for (let d = 0; d < columns; d++) mean[d]! += data[r * columns + d]! / rows;
  let greatest = 0;
  for (let x = 0; x < rows * columns; x++) greatest = Math.max(greatest, Math.abs(data[x]! - mean[x % columns]!));
  const scale = greatest > 0 ? 1 / greatest : 1;
  const left = new Float32Array(rows * (columns + 1));
  const right = new Float32Array(rows * (columns + 1));
  for (let r = 0, to = 0; r < rows; r++, to++) {
    let square = 0;
    for (let d = 0; d < columns; d++, to++) {
      const x = Math.fround((data[r * columns + d]! - mean[d]!) * scale);
      left[to] = x;
      right[to] = -2 * x;
      square += x * x;
    }
    left[to] = 1;
    right[to] = square;
  }
  return { left, right };
}

/** The lowest scores that some rows have met so far, in rising order; the lowest index first among equals. */
class Lowest {
  readonly #score: Float32Array;
  readonly #index: Int32Array;

  constructor(
    private readonly rows: Int32Array,
    private readonly count: number,
  ) {
    this.#score = new Float32Array(rows.length * count).fill(Infinity);
    this.#index = new Int32Array(rows.length * count);
  }

  of(b: number): Int32Array {
    return this.#index.subarray(b * this.count, (b + 1) * this.count);
  }

  /** @param product Scores of every row with the points `start` to `end`, row-major. */
  search(product: Float32Array, start: number, end: number): void {
    const { rows, count } = this;
    const scores = this.#score;
    const width = end - start;
    for (let b = 0; b < rows.length; b++) {
      const self = rows[b]!;
      const last = (b + 1) * count - 1;
      let limit = scores[last]!;
      // Nearly all scores end at this comparison.
      for (let x = b * width, stop = x + width; x < stop; x++) {
        if (product[x]! >= limit) continue;
        const index = start + x - b * width;
        if (index === self) continue;
        this.#insert(b * count, last, product[x]!, index);
        limit = scores[last]!;
      }
    }
  }

  #insert(first: number, last: number, score: number, index: number): void {
    const scores = this.#score;
    const indices = this.#index;
    let to = last;
    for (; to > first && scores[to - 1]! > score; to--) {
      scores[to] = scores[to - 1]!;
      indices[to] = indices[to - 1]!;
    }
    scores[to] = score;
    indices[to] = index;
  }
}
