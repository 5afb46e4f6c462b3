import type { LearnerBackend, Matrix, Rng } from '@quorate/core';

/** Rows of a cell, on average. */
const CELL_ROWS = 512;
/** How often the centres move to the mean of their rows. */
const MOVES = 2;
/** Rows that are compared with all centres in one product. */
const BLOCK_ROWS = 4096;

/** Rows that lie together. */
export interface Cells {
  readonly count: number;
  /** Cell of each row. */
  readonly cellOf: Int32Array;
  /** count×count, symmetric: among how many cells one has to look to find the other. */
  readonly rank: Int32Array;
}

/** Cells by k-means, from rows of chance: O(rows² columns / 512). */
export async function cellsOf(backend: Pick<LearnerBackend, 'product'>, points: Matrix, rng: Rng): Promise<Cells> {
  const { data, rows, columns } = points;
  const count = Math.ceil(rows / CELL_ROWS);
  const centres = new Float32Array(count * columns);
  rng.choose(rows, count).forEach((row, cell) => {
    centres.set(data.subarray(row * columns, (row + 1) * columns), cell * columns);
  });
  const cellOf = new Int32Array(rows);
  await assign(backend, points, centres, cellOf);
  for (let move = 0; move < MOVES; move++) {
    moveToMeans(points, cellOf, centres);
    await assign(backend, points, centres, cellOf);
  }
  return { count, cellOf, rank: ranksOf(centres, count, columns) };
}

/** The nearest centre of each row, the first among equals. */
async function assign(
  backend: Pick<LearnerBackend, 'product'>,
  { data, rows, columns }: Matrix,
  centres: Float32Array,
  cellOf: Int32Array,
): Promise<void> {
  const count = centres.length / columns;
  const halfNorm = Float64Array.from({ length: count }, (_, cell) => {
    let sum = 0;
    for (let x = cell * columns; x < (cell + 1) * columns; x++) sum += centres[x]! ** 2 / 2;
    return sum;
  });
  const product = new Float32Array(Math.min(BLOCK_ROWS, rows) * count);
  const right = { data: centres, rows: count, columns };
  for (let at = 0; at < rows; at += BLOCK_ROWS) {
    const end = Math.min(rows, at + BLOCK_ROWS);
    const left = { data: data.subarray(at * columns, end * columns), rows: end - at, columns };
    await backend.product(left, right, product, { right: true });
    for (let row = at, x = 0; row < end; row++) {
      let least = Infinity;
      for (let cell = 0; cell < count; cell++, x++) {
        const score = halfNorm[cell]! - product[x]!;
        if (score < least) [least, cellOf[row]] = [score, cell];
      }
    }
  }
}

/** A cell without rows stays where it is. */
function moveToMeans({ data, rows, columns }: Matrix, cellOf: Int32Array, centres: Float32Array): void {
  const count = centres.length / columns;
  const sums = new Float64Array(centres.length);
  const size = new Int32Array(count);
  for (let row = 0, x = 0; row < rows; row++) {
    const start = cellOf[row]! * columns;
    size[cellOf[row]!]!++;
    for (let d = 0; d < columns; d++, x++) sums[start + d]! += data[x]!;
  }
  for (let x = 0; x < sums.length; x++) {
    const n = size[Math.floor(x / columns)]!;
    if (n > 0) centres[x] = sums[x]! / n;
  }
}

function ranksOf(centres: Float32Array, count: number, columns: number): Int32Array {
  const rank = new Int32Array(count * count);
  const distance = new Float64Array(count);
  for (let cell = 0; cell < count; cell++) {
    for (let other = 0; other < count; other++) {
      let sum = 0;
      for (let d = 0; d < columns; d++) sum += (centres[cell * columns + d]! - centres[other * columns + d]!) ** 2;
      distance[other] = sum;
    }
    const order = Array.from(distance.keys()).sort((a, b) => distance[a]! - distance[b]! || a - b);
    order.forEach((other, place) => (rank[cell * count + other] = place));
  }
  for (let cell = 0; cell < count; cell++) {
    for (let other = 0; other < cell; other++) {
      const nearer = Math.min(rank[cell * count + other]!, rank[other * count + cell]!);
      rank[cell * count + other] = nearer;
      rank[other * count + cell] = nearer;
    }
  }
  return rank;
}
