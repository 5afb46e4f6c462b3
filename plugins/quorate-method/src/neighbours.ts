import type { LearnerBackend, Matrix } from '@quorate/core';
import { Lowest } from './neighbours-lowest.js';

/** The k nearest rows of each row. */
export interface Neighbours {
  /** min(k asked for, rows - 1). */
  readonly k: number;
  /** rows×k, nearest first; never the row itself. */
  readonly index: Int32Array;
  /** rows×k, squared Euclidean, >= 0. */
  readonly distance: Float32Array;
}

/** A product of so many rows and columns is 2 MB, which stays in the cache until it is searched. */
const BLOCK_ROWS = 512;
const BLOCK_COLUMNS = 1024;
/** Candidates beyond those asked for: rounding in a candidate's score may misplace it by as many ranks. */
const SPARE = 8;

/**
 * The k nearest rows of each row by Euclidean distance, without the row itself; nearest first, the lowest index first
 * among equals. Every pair of rows is compared, once: O(rows² columns / 2), in products of blocks, of
 *
 *     s_ij = ‖x_i‖² + ‖x_j‖² - 2 x_i·x_j = ‖x_i - x_j‖²
 *
 * in float32, with centred points; the k + 8 lowest of a row are then ranked by their distances in float64. Of rows that
 * are equally far within float32 rounding, any may be left out that is beyond the first k + 8.
 *
 * @param points rows×columns row-major, finite. @param k >= 0.
 */
export async function nearestNeighbours(
  backend: Pick<LearnerBackend, 'product'>,
  points: Matrix,
  k: number,
): Promise<Neighbours> {
  const { data, rows, columns } = points;
  const count = Math.max(0, Math.min(k, rows - 1));
  const found = { k: count, index: new Int32Array(rows * count), distance: new Float32Array(rows * count) };
  if (count === 0) return found;
  const lowest = new Lowest(rows, Math.min(count + SPARE, rows - 1));
  const { left, right } = factors(points);
  const wide = columns + 2;
  const product = new Float32Array(Math.min(BLOCK_ROWS, rows) * Math.min(BLOCK_COLUMNS, rows));
  const block = (factor: Float32Array, start: number, end: number): Matrix => ({
    data: factor.subarray(start * wide, end * wide),
    rows: end - start,
    columns: wide,
  });
  for (let row = 0; row < rows; row += BLOCK_ROWS) {
    const rowEnd = Math.min(rows, row + BLOCK_ROWS);
    // Of the square on the diagonal both halves are searched by rows, then the rest by rows and columns at once.
    await backend.product(block(left, row, rowEnd), block(right, row, rowEnd), product, { right: true });
    lowest.searchSquare(product, row, rowEnd);
    for (let column = rowEnd; column < rows; column += BLOCK_COLUMNS) {
      const columnEnd = Math.min(rows, column + BLOCK_COLUMNS);
      await backend.product(block(left, row, rowEnd), block(right, column, columnEnd), product, { right: true });
      lowest.search(product, row, rowEnd, column, columnEnd);
    }
    for (let i = row; i < rowEnd; i++) rank(data, columns, i, lowest.of(i), found);
  }
  return found;
}

/** Writes the k nearest of some candidates, by squared distances summed in float64, at the row's place. */
function rank(points: Float32Array, columns: number, row: number, candidates: Int32Array, found: Neighbours): void {
  const { k, index, distance } = found;
  const ranked = Array.from(candidates, (other) => {
    let sum = 0;
    for (let x = row * columns, y = other * columns, end = x + columns; x < end; x++, y++) {
      const difference = points[x]! - points[y]!;
      sum += difference * difference;
    }
    return { other, distance: Math.fround(sum) };
  });
  ranked.sort((a, b) => a.distance - b.distance || a.other - b.other);
  for (let x = 0; x < k; x++) {
    index[row * k + x] = ranked[x]!.other;
    distance[row * k + x] = ranked[x]!.distance;
  }
}

/** (x, ‖x‖², 1) and (-2x, 1, ‖x‖²) of every row, centred and divided by the greatest |x|, so that s is their product. */
function factors({ data, rows, columns }: Matrix): { left: Float32Array; right: Float32Array } {
  const mean = new Float64Array(columns);
  for (let r = 0; r < rows; r++) for (let d = 0; d < columns; d++) mean[d]! += data[r * columns + d]! / rows;
  let greatest = 0;
  for (let r = 0, x = 0; r < rows; r++) {
    for (let d = 0; d < columns; d++, x++) greatest = Math.max(greatest, Math.abs(data[x]! - mean[d]!));
  }
  const scale = greatest > 0 ? 1 / greatest : 1;
  const left = new Float32Array(rows * (columns + 2));
  const right = new Float32Array(rows * (columns + 2));
  for (let r = 0, to = 0; r < rows; r++, to += 2) {
    let square = 0;
    for (let d = 0; d < columns; d++, to++) {
      const x = Math.fround((data[r * columns + d]! - mean[d]!) * scale);
      left[to] = x;
      right[to] = -2 * x;
      square += x * x;
    }
    left[to] = square;
    left[to + 1] = 1;
    right[to] = 1;
    right[to + 1] = square;
  }
  return { left, right };
}
