import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Matrix } from '../contracts/learner-backend.js';
import { multiplyMatrices } from './matrix.js';
import { productInBlocks, type BlockProduct } from './product-blocks.js';

/** Counts its calls and holds them to what they may see. */
function counted(calls: { rows: number; multiplyAdds: number }[]): BlockProduct {
  return async (left, right, out, transposed) => {
    for (const { data, rows, columns } of [left, right]) expect(data.length).toBe(rows * columns);
    multiplyMatrices(left, right, out, { left: transposed === 'left', right: transposed === 'right' });
    calls.push({
      rows: left.rows,
      multiplyAdds: (out.length * left.data.length) / (transposed === 'left' ? left.columns : left.rows),
    });
  };
}

const integers = (rows: number, columns: number, seed: number): Matrix => ({
  data: Float32Array.from({ length: rows * columns }, (_, at) => ((at * 7 + seed) % 11) - 5),
  rows,
  columns,
});

describe('productInBlocks', () => {
  const size = fc.oneof(fc.constant(1), fc.integer({ min: 0, max: 12 }), fc.integer({ min: 100, max: 300 }));

  it('is the product, whatever the blocks', () =>
    fc.assert(
      fc.asyncProperty(
        fc.record({ rows: size, inner: size, columns: fc.integer({ min: 0, max: 12 }) }),
        fc.record({ left: fc.boolean(), right: fc.boolean() }),
        fc.integer({ min: 1, max: 2000 }),
        async ({ rows, inner, columns }, transpose, most) => {
          const left = transpose.left ? integers(inner, rows, 1) : integers(rows, inner, 1);
          const right = transpose.right ? integers(columns, inner, 2) : integers(inner, columns, 2);
          const [got, want] = [new Float32Array(rows * columns).fill(NaN), new Float32Array(rows * columns)];
          const limits = { multiplyAdds: 4 * most, numbers: most };
          await productInBlocks(counted([]), [left, right, got, transpose], limits);
          multiplyMatrices(left, right, want, transpose);
          // Sums of small integers are exact, in any order.
          expect(got).toEqual(want);
        },
      ),
      { seed: 1, numRuns: 150 },
    ));

  it('keeps to the limits, in whole rows, and makes no more calls than it needs', async () => {
    const calls: { rows: number; multiplyAdds: number }[] = [];
    const out = new Float32Array(1000 * 4);
    const limits = { multiplyAdds: 4000, numbers: 1e9 };
    await productInBlocks(counted(calls), [integers(1000, 10, 1), integers(10, 4, 2), out], limits);
    expect(calls).toEqual(Array.from({ length: 10 }, () => ({ rows: 100, multiplyAdds: 4000 })));
    calls.length = 0;
    const few = { multiplyAdds: 1e9, numbers: 1400 };
    await productInBlocks(counted(calls), [integers(1000, 10, 1), integers(1000, 4, 2), out, { left: true }], few);
    expect(calls.map(({ rows }) => rows)).toEqual([...Array.from({ length: 10 }, () => 100)]);
  });

  it('sums blocks more finely than float32 could', async () => {
    const rows = 1 << 16;
    const ones: Matrix = { data: new Float32Array(rows).fill(1), rows, columns: 1 };
    // 2^24 + 1 is no float32: a sum in float32 would stay at 2^24.
    const values: Matrix = { data: new Float32Array(rows).fill(1), rows, columns: 1 };
    values.data[0] = 2 ** 24 - rows / 2;
    const out = new Float32Array(1);
    const limits = { multiplyAdds: 64, numbers: 1e9 };
    await productInBlocks(counted([]), [ones, values, out, { left: true }], limits);
    expect(out[0]).toBe(Math.fround(2 ** 24 + rows / 2 - 1));
  });
});
