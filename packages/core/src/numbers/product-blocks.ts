import type { LearnerBackend, Matrix } from '../contracts/learner-backend.js';

/**
 * Writes left · right to `out`, with one side transposed at most: what a backend computes in one call. `data` of a matrix
 * is exactly rows × columns long, and so is `out`; no size is 0.
 */
export type BlockProduct = (
  left: Matrix,
  right: Matrix,
  out: Float32Array,
  transposed: 'left' | 'right' | 'neither',
) => Promise<void>;

export interface BlockLimits {
  /** Most multiply-adds of one call. */
  readonly multiplyAdds: number;
  /** Most numbers of the rows that one call reads and writes; an operand that all calls read whole does not count. */
  readonly numbers: number;
}

/** 20 ms at 100 GFLOP/s, and 64 MB. */
const LIMITS: BlockLimits = { multiplyAdds: 2 ** 30, numbers: 2 ** 24 };

/** Fewest rows of a block whose product is added up: the addition costs as much as this many multiply-adds may. */
const FEWEST_SUMMED = 64;

/**
 * A `LearnerBackend.product` out of calls that are short enough for the event loop and small enough for a backend that
 * copies its operands. The blocks depend on the sizes alone, never on threads or the clock:
 *
 * - left · right and left · rightᵀ: blocks of rows of `left` and `out`
 * - leftᵀ · right = Σ_b left_bᵀ right_b over blocks b of their common rows, summed in float64 where there are several
 * - leftᵀ · rightᵀ = (right · left)ᵀ
 */
export async function productInBlocks(
  multiply: BlockProduct,
  [left, right, out, transpose = {}]: Parameters<LearnerBackend['product']>,
  limits: BlockLimits = LIMITS,
): Promise<void> {
  const rows = transpose.left ? left.columns : left.rows;
  const inner = transpose.left ? left.rows : left.columns;
  const columns = transpose.right ? right.rows : right.columns;
  const size = rows * columns;
  if (size === 0) return;
  if (inner === 0) return void out.fill(0, 0, size);
  if (transpose.left && transpose.right) {
    const turned = new Float32Array(size);
    await productInBlocks(multiply, [right, left, turned], limits);
    for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) out[r * columns + c] = turned[c * rows + r]!;
    return;
  }
  if (!transpose.left) {
    const transposed = transpose.right ? 'right' : 'neither';
    const whole = rowsOf(right, 0, right.rows);
    const step = blockRows(limits, inner * columns, inner + columns);
    for (let at = 0; at < rows; at += step) {
      const end = Math.min(rows, at + step);
      await multiply(rowsOf(left, at, end), whole, out.subarray(at * columns, end * columns), transposed);
    }
    return;
  }
  const step = Math.max(FEWEST_SUMMED, blockRows(limits, size, rows + columns));
  if (step >= inner) return multiply(rowsOf(left, 0, inner), rowsOf(right, 0, inner), out.subarray(0, size), 'left');
  const sum = new Float64Array(size);
  const part = new Float32Array(size);
  for (let at = 0; at < inner; at += step) {
    const end = Math.min(inner, at + step);
    await multiply(rowsOf(left, at, end), rowsOf(right, at, end), part, 'left');
    for (let x = 0; x < size; x++) sum[x]! += part[x]!;
  }
  out.set(sum);
}

/** Rows of a block, at least 1, from what one row costs. */
function blockRows(limits: BlockLimits, multiplyAdds: number, numbers: number): number {
  return Math.max(1, Math.floor(Math.min(limits.multiplyAdds / multiplyAdds, limits.numbers / numbers)));
}

/** Rows `start` to `end`, where they are. */
function rowsOf({ data, columns }: Matrix, start: number, end: number): Matrix {
  return { data: data.subarray(start * columns, end * columns), rows: end - start, columns };
}
