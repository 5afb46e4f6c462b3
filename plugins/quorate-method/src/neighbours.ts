import type { LearnerBackend, Matrix, Rng } from '@quorate/core';
import { cellsOf, type Cells } from './neighbours-cells.js';
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

/** Most rows of which every pair is compared. */
const MOST_EXACT = 30_000;
/** Most rows of a block; a product of two is at most 4 MB, which stays in the cache until it is searched. */
const BLOCK_ROWS = 1024;
/** Candidates beyond those asked for: rounding in a candidate's score may misplace it by as many ranks. */
const SPARE = 8;
/** Beyond 30,000 rows: so many of them are compared with all, and show in how many cells so many of the nearest are. */
const SAMPLE = 256;
const RECALL = 0.97;

/**
 * The k nearest rows of each row by Euclidean distance, without the row itself; nearest first, the lowest index first
 * among equals. Pairs of rows are compared once, in products of blocks, of
 *
 *     s_ij = ‖x_i‖² + ‖x_j‖² - 2 x_i·x_j = ‖x_i - x_j‖²
 *
 * in float32, with centred points; the k + 8 lowest of a row are then ranked by their distances in float64. Of rows that
 * are equally far within float32 rounding, any may be left out that is beyond the first k + 8.
 *
 * Up to 30,000 rows every pair is compared. Beyond, rows are divided into cells, and those of cells that are far from each
 * other are not compared. How far that is the data decide: 256 rows are compared with all, and as many cells around each
 * are looked through as hold 97 % of the k nearest of these. Where the points lie together that is a small part of all
 * pairs; where nothing lies together, nearly every pair.
 *
 * @param points rows×columns row-major, finite. @param k >= 0. @param rng Used beyond `mostExact` rows.
 */
export async function nearestNeighbours(
  backend: Pick<LearnerBackend, 'product'>,
  points: Matrix,
  k: number,
  rng: Rng,
  mostExact = MOST_EXACT,
): Promise<Neighbours> {
  const { data, rows, columns } = points;
  const count = Math.max(0, Math.min(k, rows - 1));
  const found = { k: count, index: new Int32Array(rows * count), distance: new Float32Array(rows * count) };
  if (count === 0) return found;
  const candidates = Math.min(count + SPARE, rows - 1);
  const lowest = new Lowest(rows, candidates);
  const cells = rows > mostExact && candidates < SAMPLE ? await cellsOf(backend, points, rng) : null;
  const { order, blocks } = cells ? byCell(cells, rng.choose(rows, SAMPLE)) : inTurn(rows);
  const { left, right } = factors(points, order);
  const wide = columns + 2;
  const product = new Float32Array(Math.min(BLOCK_ROWS, rows) ** 2);
  const part = (factor: Float32Array, { start, end }: Block): Matrix => ({
    data: factor.subarray(start * wide, end * wide),
    rows: end - start,
    columns: wide,
  });
  const compare = async (one: Block, other: Block): Promise<void> => {
    await backend.product(part(left, one), part(right, other), product, { right: true });
    if (one === other) lowest.searchSquare(product, one.start, one.end);
    else lowest.search(product, one.start, one.end, other.start, other.end);
  };
  const finish = ({ start, end }: Block): void => {
    for (let at = start; at < end; at++) {
      const nearest = lowest.of(at).map((place) => order[place]!);
      rank(data, columns, order[at]!, nearest, found);
    }
  };
  if (!cells) {
    for (const [one, other] of pairsOf(blocks)) await compare(one, other);
    blocks.forEach(finish);
    return found;
  }
  const [sample, ...rest] = blocks as [Block, ...Block[]];
  for (const block of blocks) await compare(sample, block);
  finish(sample);
  const reach = reachOf(cells, order.subarray(0, sample.end), found);
  const rankOf = ([one, other]: Pair): number => cells.rank[one.cell * cells.count + other.cell]!;
  // Near cells first: what is found there is hard to beat.
  const pairs = pairsOf(rest).filter((pair) => rankOf(pair) <= reach);
  for (const [one, other] of pairs.sort((a, b) => rankOf(a) - rankOf(b))) await compare(one, other);
  rest.forEach(finish);
  return found;
}

/** Rows `order[start]` to `order[end - 1]`, all of one cell. */
interface Block {
  readonly start: number;
  readonly end: number;
  readonly cell: number;
}

type Pair = readonly [Block, Block];

/** Every block with itself and those that follow. */
const pairsOf = (blocks: readonly Block[]): Pair[] =>
  blocks.flatMap((one, b) => blocks.slice(b).map((other): Pair => [one, other]));

interface Blocks {
  readonly order: Int32Array;
  readonly blocks: readonly Block[];
}

function inTurn(rows: number): Blocks {
  return { order: Int32Array.from({ length: rows }, (_, row) => row), blocks: [...split(0, rows, -1)] };
}

/** The sample first, as a block that has all cells in reach, then cell after cell. */
function byCell({ cellOf, count }: Cells, sample: Int32Array): Blocks {
  const rowsOf = Array.from({ length: count }, (): number[] => []);
  const sampled = new Set(sample);
  cellOf.forEach((cell, row) => sampled.has(row) || rowsOf[cell]!.push(row));
  const order = new Int32Array(cellOf.length);
  order.set(sample);
  const blocks: Block[] = [{ start: 0, end: sample.length, cell: -1 }];
  let at = sample.length;
  for (const [cell, rows] of rowsOf.entries()) {
    order.set(rows, at);
    blocks.push(...split(at, at + rows.length, cell));
    at += rows.length;
  }
  return { order, blocks };
}

function* split(from: number, to: number, cell: number): Generator<Block> {
  for (let start = from; start < to; start += BLOCK_ROWS) yield { start, end: Math.min(to, start + BLOCK_ROWS), cell };
}

/** The least rank of cells within which 97 % of the neighbours of the sample are. */
function reachOf({ cellOf, count, rank }: Cells, sample: Int32Array, { k, index }: Neighbours): number {
  const ranks = Array.from(sample).flatMap((row) =>
    Array.from(index.subarray(row * k, (row + 1) * k), (other) => rank[cellOf[row]! * count + cellOf[other]!]!),
  );
  ranks.sort((a, b) => a - b);
  return ranks[Math.ceil(RECALL * ranks.length) - 1]!;
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

/** (x, ‖x‖², 1) and (-2x, 1, ‖x‖²) of every row in the given order, centred and divided by the greatest |x|, so that s is their product. */
function factors({ data, rows, columns }: Matrix, order: Int32Array): { left: Float32Array; right: Float32Array } {
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
      const x = Math.fround((data[order[r]! * columns + d]! - mean[d]!) * scale);
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
