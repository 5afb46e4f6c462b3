import { describe, expect, it } from 'vitest';
import { makeRng } from './random.js';
import { lnGamma } from './gamma.js';
import { Urn, type CrowdColumns } from './urn.js';

/** @param byItem The answers of each item, as [worker, label]. */
function crowd(
  workers: number,
  classes: number,
  byItem: readonly (readonly (readonly [number, number])[])[],
): CrowdColumns {
  const start = new Int32Array(byItem.length + 1);
  byItem.forEach((answers, i) => (start[i + 1] = start[i]! + answers.length));
  const all = byItem.flat();
  const worker = Int32Array.from(all, ([j]) => j);
  return { items: byItem.length, workers, classes, start, worker, label: Int32Array.from(all, ([, z]) => z) };
}

/** Vote shares, flat without answers. */
function shares({ items, classes: K, start, label }: CrowdColumns): Float64Array {
  const rows = new Float64Array(items * K);
  for (let i = 0; i < items; i++) {
    const n = start[i + 1]! - start[i]!;
    for (let k = 0; k < K; k++) rows[i * K + k] = 1 / K / (n + 1);
    for (let a = start[i]!; a < start[i + 1]!; a++) rows[i * K + label[a]!]! += 1 / (n + 1);
  }
  return rows;
}

function random(items: number, workers: number, classes: number): CrowdColumns {
  const rng = makeRng('urn');
  return crowd(
    workers,
    classes,
    Array.from({ length: items }, (_, i) =>
      Array.from({ length: rng.int(6) }, () => {
        const right = rng.uniform() < 0.7;
        return [rng.int(workers), right ? i % classes : rng.int(classes)] as const;
      }),
    ),
  );
}

function evidence(urn: Urn, answers: CrowdColumns): Float64Array {
  const rows = new Float64Array(answers.items * answers.classes);
  for (let i = 0; i < answers.items; i++) urn.evidence(answers, i, rows, i * answers.classes);
  return rows;
}

const close = (got: ArrayLike<number>, want: ArrayLike<number>, within: number): void => {
  expect(got.length).toBe(want.length);
  for (let x = 0; x < want.length; x++) expect(Math.abs(got[x]! - want[x]!), `entry ${x}`).toBeLessThan(within);
};

describe('lnGamma', () => {
  it('known values, and the recurrence', () => {
    close([lnGamma(0.5), lnGamma(5.02), lnGamma(1)], [0.572364942925, 3.20822, 0], 1e-6);
    expect(lnGamma(0.5)).toBeCloseTo(Math.log(Math.PI) / 2, 13);
    for (const x of [1e-6, 0.02, 0.9, 3.3, 7.99, 8, 41, 1e6]) {
      expect(Math.abs(lnGamma(x + 1) - lnGamma(x) - Math.log(x))).toBeLessThan(1e-13 * Math.max(1, lnGamma(x + 1)));
    }
  });
});

describe('urn', () => {
  it('an item without answers is ρ, and rows of the confusion sum to 1', () => {
    const answers = random(60, 5, 3);
    const urn = Urn.fit(answers, shares(answers));
    const rows = evidence(urn, answers);
    for (let i = 0; i < 60; i++) {
      if (answers.start[i] === answers.start[i + 1]) close(rows.subarray(i * 3, i * 3 + 3), urn.shares, 1e-12);
    }
    for (let k = 0; k < 3; k++) {
      expect(urn.confusion.subarray(k * 3, k * 3 + 3).reduce((a, b) => a + b)).toBeCloseTo(1, 12);
    }
  });

  it('independent answers of equal workers are products of the confusion, and κ → ∞ goes there', () => {
    // Every worker answers every item alike, so that all weights are 1.
    const answers = crowd(
      4,
      3,
      Array.from({ length: 30 }, (_, i) =>
        Array.from({ length: 1 + (i % 4) }, (__, j) => [(i + j) % 4, i % 3] as const),
      ),
    );
    for (let j = 0; j < 4; j++) answers.worker.fill(0);
    const labels = shares(answers);
    const urn = Urn.fit(answers, labels, Infinity);
    const want = new Float64Array(90);
    for (let i = 0; i < 30; i++) {
      let total = 0;
      for (let k = 0; k < 3; k++) {
        let p = urn.shares[k]!;
        for (let a = answers.start[i]!; a < answers.start[i + 1]!; a++) p *= urn.confusion[k * 3 + answers.label[a]!]!;
        total += want[i * 3 + k] = p;
      }
      for (let k = 0; k < 3; k++) want[i * 3 + k]! /= total;
    }
    close(evidence(urn, answers), want, 1e-9);
    close(evidence(Urn.fit(answers, labels, 1e8), answers), want, 1e-6);
  });

  it('the same answer again says more, but never more than a bound; independent answers know none', () => {
    const base = random(80, 6, 2);
    const said = (times: number, dependence: number): number => {
      const byItem = Array.from({ length: 80 }, (_, i) =>
        Array.from({ length: base.start[i + 1]! - base.start[i]! }, (__, n) => {
          const a = base.start[i]! + n;
          return [base.worker[a]!, base.label[a]!] as const;
        }),
      );
      const urn = Urn.fit(base, shares(base), dependence);
      byItem[0] = Array.from({ length: times }, (_, n) => [n % 6, 1] as const);
      const row = new Float64Array(2);
      urn.evidence(crowd(6, 2, byItem), 0, row, 0);
      return row[1]!;
    };
    const rising = [0, 1, 2, 5, 20, 200, 100_000].map((n) => said(n, 5));
    rising.slice(1).forEach((p, n) => expect(p).toBeGreaterThan(rising[n]!));
    // The odds grow like n^(A_11 - A_01), which κ bounds: not like an exponential.
    expect(said(200, 5)).toBeLessThan(1 - 1e-6);
    expect(said(200, Infinity)).toBeGreaterThan(1 - 1e-12);
  });

  it('what an item says of its workers can be taken away again', () => {
    const answers = random(40, 5, 3);
    const labels = shares(answers);
    const urn = Urn.fit(answers, labels);
    const before = evidence(urn, answers);
    for (const sign of [1, -1] as const) for (let i = 0; i < 40; i++) urn.count(answers, i, labels, i * 3, sign);
    close(evidence(urn, answers), before, 1e-12);
    urn.count({ ...answers, workers: 9 }, 0, labels, 0, 1);
    const again = new Urn(structuredClone(urn.snapshot()));
    close(evidence(again, answers), evidence(urn, answers), 1e-15);
  });
});
