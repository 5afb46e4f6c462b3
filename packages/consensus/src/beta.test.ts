import { describe, expect, it } from 'vitest';
import { lnGamma } from '@quorate/core/numbers';
import { betaCdf, betaQuantile, binomialAtLeast, binomialAtMost, holm } from './beta.js';

describe('beta and binomial', () => {
  it('ln Γ of known points', () => {
    expect(lnGamma(0.5)).toBeCloseTo(0.5 * Math.log(Math.PI), 13);
    let factorial = 0;
    for (let n = 1; n < 60; n++) {
      expect(lnGamma(n)).toBeCloseTo(factorial, 11);
      factorial += Math.log(n);
    }
    expect(lnGamma(1e6)).toBeCloseTo(12815504.569148, 5);
  });

  it('the beta CDF is the integral of its density', () => {
    for (const [a, b] of [
      [0.5, 0.5],
      [1, 3],
      [2.5, 4],
      [30, 12.5],
    ] as const) {
      const norm = lnGamma(a + b) - lnGamma(a) - lnGamma(b);
      let sum = 0;
      const steps = 200_000;
      // Midpoints in t with x = sin²(t): the density's poles at 0 and 1 are gone.
      for (let s = 0; s < steps; s++) {
        const t = ((s + 0.5) / steps) * (Math.PI / 2);
        const [x, y] = [Math.sin(t) ** 2, Math.cos(t) ** 2];
        const density = Math.exp(norm + (a - 0.5) * Math.log(x) + (b - 0.5) * Math.log(y)) * 2;
        sum += (density * Math.PI) / 2 / steps;
        if (s % 20_000 === 0 && s > 0) expect(betaCdf(x, a, b)).toBeCloseTo(sum, 4);
      }
      expect(sum).toBeCloseTo(1, 6);
    }
  });

  it('quantiles undo the CDF', () => {
    for (const [a, b] of [
      [0.5, 0.5],
      [3, 0.5],
      [400, 2000],
      [5e6, 5e6],
      [0.5, 1e7],
      [1e6, 0.5],
    ] as const) {
      for (const p of [0.025, 0.5, 0.975]) expect(betaCdf(betaQuantile(p, a, b), a, b)).toBeCloseTo(p, 6);
    }
  });

  it('binomial tails are sums of binomial terms', () => {
    const [n, p] = [17, 0.3];
    let below = 0;
    let term = (1 - p) ** n;
    for (let x = 0; x <= n; x++) {
      expect(binomialAtLeast(x, n, p)).toBeCloseTo(1 - below, 12);
      below += term;
      expect(binomialAtMost(x, n, p)).toBeCloseTo(below, 12);
      term *= ((n - x) / (x + 1)) * (p / (1 - p));
    }
  });

  it('Holm steps down, and counts the hypotheses that are not listed', () => {
    expect(holm([0.01, 0.04, 0.03, 0.005], 0.05)).toEqual([true, false, false, true]);
    expect(holm([0.01, 0.005], 0.05, 100)).toEqual([false, false]);
    expect(holm([], 0.05)).toEqual([]);
  });
});
