import { makeRng } from '@quorate/core';
import { describe, expect, it } from 'vitest';
import { AuditTest, tooManyErrors } from './audit-test.js';

/**
 * P(an audit of M wrong labels among N ever comes to a look (S, t) that `stops`), exactly: the paths of the
 * hypergeometric urn, step by step.
 */
function everStops(N: number, M: number, stops: (errors: number, audits: number) => boolean): number {
  let paths = new Float64Array(N + 2);
  paths[0] = 1;
  let stopped = 0;
  for (let t = 0; t <= N; t++) {
    const next = new Float64Array(N + 2);
    for (let S = 0; S <= t; S++) {
      const p = paths[S]!;
      if (p === 0) continue;
      if (stops(S, t)) {
        stopped += p;
        continue;
      }
      if (t === N) continue;
      const wrong = (M - S) / (N - t);
      next[S + 1]! += p * wrong;
      next[S]! += p * (1 - wrong);
    }
    paths = next;
  }
  return stopped;
}

/** The evidence as it is defined: one factor an audit, in the order in which the answers come. */
function byDefinition(N: number, m: number, wrong: readonly boolean[]): number {
  const bets = [...new Set(Array.from({ length: 40 }, (_, x) => Math.round(((m - 1) * x) / 39)))];
  const weight = bets.map(() => 1 / bets.length);
  let underNull = 1;
  let S = 0;
  for (const [s, is] of wrong.entries()) {
    const chance = (M: number): number => Math.min(1, Math.max(0, (M - S) / (N - s)));
    bets.forEach((g, x) => (weight[x]! *= is ? chance(g) : 1 - chance(g)));
    underNull *= is ? chance(m) : 1 - chance(m);
    if (is) S++;
    if (S >= m) return 0;
  }
  return weight.reduce((sum, w) => sum + w, 0) / underNull;
}

describe('the evidence', () => {
  it('is what the definition gives, audit by audit, in whatever order right and wrong come', () => {
    const rng = makeRng('evidence');
    for (const [N, m] of [
      [8, 3],
      [60, 4],
      [60, 45],
      [500, 26],
    ] as const) {
      const test = new AuditTest(N);
      for (let run = 0; run < 20; run++) {
        const share = rng.uniform();
        const wrong = Array.from({ length: 1 + rng.int(N - m) }, () => rng.uniform() < share * 0.2);
        const errors = wrong.filter(Boolean).length;
        const expected = byDefinition(N, m, wrong);
        expect(test.logEvidence(m, errors, wrong.length)).toBeCloseTo(Math.log(expected), 8);
      }
    }
  });

  it('is a supermartingale from 1 on for every number of errors that the null allows', () => {
    for (const N of [1, 2, 7, 25]) {
      const test = new AuditTest(N);
      for (let m = 1; m <= N; m++) {
        expect(test.logEvidence(m, 0, 0)).toBeCloseTo(0, 10);
        for (let M = m; M <= N; M++) {
          for (let t = 0; t < N; t++) {
            for (let S = Math.max(0, t - (N - M)); S <= Math.min(t, M); S++) {
              const now = Math.exp(test.logEvidence(m, S, t));
              const wrong = (M - S) / (N - t);
              const then =
                (wrong > 0 ? wrong * Math.exp(test.logEvidence(m, S + 1, t + 1)) : 0) +
                (wrong < 1 ? (1 - wrong) * Math.exp(test.logEvidence(m, S, t + 1)) : 0);
              expect(then).toBeLessThanOrEqual(now * (1 + 1e-9) + 1e-12);
            }
          }
        }
      }
    }
  });

  it('certifies falsely with probability delta at most, exactly, for every number of errors that is too many', () => {
    for (const [N, maxError] of [
      [1, 0.5],
      [12, 0.05],
      [40, 0.1],
      [40, 0.5],
      [120, 0.05],
    ] as const) {
      const test = new AuditTest(N);
      const m = tooManyErrors(N, maxError);
      for (const delta of [0.01, 0.05, 0.2, 0.5]) {
        for (let M = m; M <= N; M++) {
          const certifies = (S: number, t: number): boolean => test.logEvidence(m, S, t) >= -Math.log(delta);
          expect(everStops(N, M, certifies)).toBeLessThanOrEqual(delta + 1e-12);
        }
      }
    }
  });

  it('is final where the audits decide: everything right, or too much wrong', () => {
    const test = new AuditTest(20);
    expect(test.logEvidence(1, 0, 20)).toBe(Infinity);
    expect(test.logEvidence(3, 2, 20)).toBe(Infinity);
    expect(test.logEvidence(3, 3, 4)).toBe(-Infinity);
    expect(test.logEvidence(20, 0, 1)).toBe(Infinity);
  });

  it('stays finite and exact for a million labels', () => {
    const test = new AuditTest(1_000_000);
    const m = tooManyErrors(1_000_000, 0.05);
    const evidence = test.logEvidence(m, 0, 90);
    // Without errors, at ratio N/t = 11,000, drawing with replacement is the same to four digits.
    const bets = Array.from({ length: 40 }, (_, x) => (1 - (0.05 * x) / 39) ** 90);
    expect(evidence).toBeCloseTo(Math.log(bets.reduce((a, b) => a + b) / 40) - 90 * Math.log(0.95), 3);
    expect(test.bound(0, 90, 0.05)).toBeGreaterThan(0);
  });
});

describe('the bound', () => {
  it('is the greatest number that is not refuted, by looking at every one', () => {
    for (const N of [1, 9, 60, 211]) {
      const test = new AuditTest(N);
      for (const delta of [0.01, 0.0375, 0.3]) {
        for (let t = 0; t <= N; t += N > 100 ? 7 : 1) {
          for (let S = 0; S <= t; S++) {
            let greatest = S;
            for (let m = S; m <= N; m++) if (m > 0 && test.logEvidence(m, S, t) < -Math.log(delta)) greatest = m;
            expect(test.bound(S, t, delta), `N=${N} S=${S} t=${t} delta=${delta}`).toBe(greatest);
          }
        }
      }
    }
  });

  it('covers at all times at once with probability 1 - delta, exactly, whatever the number of errors', () => {
    const N = 60;
    const delta = 0.05;
    const test = new AuditTest(N);
    const bounds = Array.from({ length: N + 1 }, (_, t) =>
      Array.from({ length: t + 1 }, (_, S) => test.bound(S, t, delta)),
    );
    for (let M = 0; M <= N; M++) {
      expect(everStops(N, M, (S, t) => bounds[t]![S]! < M)).toBeLessThanOrEqual(delta + 1e-12);
    }
  });

  it('is everything before the first audit, and the errors themselves after the last', () => {
    const test = new AuditTest(30);
    expect(test.bound(0, 0, 0.05)).toBe(30);
    for (let S = 0; S <= 30; S++) expect(test.bound(S, 30, 0.05)).toBe(S);
  });
});

describe('the fewest audits', () => {
  it('are the first that certify, or one more than there are labels', () => {
    for (const N of [1, 10, 80]) {
      const test = new AuditTest(N);
      for (let m = 1; m <= N; m += 3) {
        for (let S = 0; S <= 4 && S <= N; S++) {
          let first = N + 1;
          for (let t = N; t >= S; t--) if (test.logEvidence(m, S, t) >= Math.log(20)) first = t;
          expect(test.fewestAudits(m, S, 0.05), `N=${N} m=${m} S=${S}`).toBe(first);
        }
      }
    }
  });
});

it('too many errors are one more than the goal allows', () => {
  expect([tooManyErrors(5000, 0.05), tooManyErrors(10, 0.05), tooManyErrors(7, 0.99)]).toEqual([251, 1, 7]);
});
