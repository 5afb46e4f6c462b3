import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeRng } from './random.js';
import { symmetricEigen } from './symmetric-eigen.js';

/** Largest |A v - λ v| and |vᵀw - δ|, the first relative to the largest |entry| of A. */
function residuals(a: Float64Array, n: number): { equation: number; orthogonality: number } {
  const { values, vectors } = symmetricEigen(a, n);
  const size = a.reduce((max, x) => Math.max(max, Math.abs(x)), 0) || 1;
  let [equation, orthogonality] = [0, 0];
  for (let j = 0; j < n; j++) {
    for (let i = 0; i < n; i++) {
      let [product, dot] = [0, 0];
      for (let k = 0; k < n; k++) {
        product += a[i * n + k]! * vectors[j * n + k]!;
        dot += vectors[i * n + k]! * vectors[j * n + k]!;
      }
      equation = Math.max(equation, Math.abs(product - values[j]! * vectors[j * n + i]!) / size);
      orthogonality = Math.max(orthogonality, Math.abs(dot - (i === j ? 1 : 0)));
    }
  }
  return { equation, orthogonality };
}

function symmetric(n: number, entry: (r: number, c: number) => number): Float64Array {
  const a = new Float64Array(n * n);
  for (let r = 0; r < n; r++) for (let c = 0; c <= r; c++) a[r * n + c] = a[c * n + r] = entry(r, c);
  return a;
}

const mustHold = (a: Float64Array, n: number): void => {
  const { equation, orthogonality } = residuals(a, n);
  expect(equation).toBeLessThan(1e-12 * Math.max(n, 10));
  expect(orthogonality).toBeLessThan(1e-13 * Math.max(n, 10));
};

describe('symmetricEigen', () => {
  it('solves A v = λ v with orthonormal v, in falling order, the greatest entry of each positive', () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 24 }),
        fc.nat(),
        fc.constantFrom('any', 'small integers', 'rank 2', 'graded', 'sparse'),
        (n, seed, kind) => {
          const rng = makeRng(seed);
          const factors = Array.from({ length: n }, () => [rng.normal(), rng.normal()] as const);
          const a = symmetric(n, (r, c) => {
            if (kind === 'any') return rng.normal();
            if (kind === 'small integers') return rng.int(3) - 1;
            if (kind === 'rank 2') return factors[r]![0] * factors[c]![0] + factors[r]![1] * factors[c]![1];
            if (kind === 'graded') return rng.normal() * 10 ** -(r + c);
            return rng.int(5) === 0 ? rng.normal() : 0;
          });
          mustHold(a, n);
          const { values, vectors } = symmetricEigen(a, n);
          for (let j = 1; j < n; j++) expect(values[j]).toBeLessThanOrEqual(values[j - 1]!);
          for (let j = 0; j < n; j++) {
            const vector = [...vectors.subarray(j * n, (j + 1) * n)];
            expect(Math.max(...vector)).toBe(Math.max(...vector.map(Math.abs)));
          }
        },
      ),
      { seed: 1, numRuns: 300 },
    ));

  it('knows the eigenvalues of the second difference', () => {
    const n = 60;
    const { values } = symmetricEigen(
      symmetric(n, (r, c) => (r === c ? 2 : r === c + 1 ? -1 : 0)),
      n,
    );
    values.forEach((value, j) => expect(value).toBeCloseTo(2 - 2 * Math.cos(((n - j) * Math.PI) / (n + 1)), 12));
  });

  it('takes what is already diagonal, constant, zero or one number, and any scale', () => {
    expect(symmetricEigen([5], 1)).toEqual({ values: Float64Array.of(5), vectors: Float64Array.of(1) });
    expect([...symmetricEigen(new Float64Array(9), 3).values]).toEqual([0, 0, 0]);
    expect([...symmetricEigen([1, 0, 0, 0, 3, 0, 0, 0, 2], 3).values]).toEqual([3, 2, 1]);
    expect([...symmetricEigen(new Float64Array(16).fill(1), 4).values].map((x) => Math.round(x))).toEqual([4, 0, 0, 0]);
    for (const scale of [1e-140, 1e140])
      mustHold(
        symmetric(9, (r, c) => scale / (1 + r + 2 * c)),
        9,
      );
  });

  it('solves 128 x 128 as precisely', () => {
    const rng = makeRng(1);
    mustHold(
      symmetric(128, () => rng.normal()),
      128,
    );
  });

  it('does not write to the matrix and refuses what is not finite', () => {
    const a = Object.freeze([2, 1, 1, 2]);
    expect(symmetricEigen(a, 2).values[0]).toBeCloseTo(3, 12);
    for (const bad of [NaN, Infinity]) expect(() => symmetricEigen([1, bad, bad, 1], 2)).toThrow(/finite/);
  });
});
