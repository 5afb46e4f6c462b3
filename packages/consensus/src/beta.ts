import { lnGamma } from '@quorate/core/numbers';

/**
 * Regularised incomplete beta function I_x(a, b) = P(B <= x) for B ~ Beta(a, b); a, b > 0, x in 0..1. Continued fraction
 * (DLMF 8.17.22) by Lentz's method, on the side where it converges fast.
 */
export function betaCdf(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(lnGamma(a + b) - lnGamma(a) - lnGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  return x < (a + 1) / (a + b + 2) ? (front * fraction(x, a, b)) / a : 1 - (front * fraction(1 - x, b, a)) / b;
}

function fraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  const away = (value: number): number => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let h = d;
  // About sqrt(max(a, b)) terms are needed.
  for (let m = 1; m <= 100_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    h *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    h *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return h;
}

/**
 * The x with I_x(a, b) = p, 1e-12 absolute: Newton's method, halving the bracket where it would leave it or does not get
 * nearer twice as fast.
 */
export function betaQuantile(p: number, a: number, b: number): number {
  const front = lnGamma(a + b) - lnGamma(a) - lnGamma(b);
  let [low, high] = [0, 1];
  let x = a / (a + b);
  let step = 1;
  while (high - low > 1e-12) {
    const error = betaCdf(x, a, b) - p;
    if (error < 0) low = x;
    else high = x;
    const before = step;
    step = error / Math.exp(front + (a - 1) * Math.log(x) + (b - 1) * Math.log1p(-x));
    if (Math.abs(step) <= 1e-12) return Math.min(high, Math.max(low, x - step));
    if (!(x - step > low && x - step < high && 2 * Math.abs(step) < Math.abs(before))) step = x - (low + high) / 2;
    x -= step;
  }
  return (low + high) / 2;
}

/** P(X <= x) for X ~ Binomial(n, p), continued to real x in 0..n: I_{1-p}(n - x, x + 1). */
export function binomialAtMost(x: number, n: number, p: number): number {
  return x >= n ? 1 : betaCdf(1 - p, n - x, x + 1);
}

/** P(X >= x) for X ~ Binomial(n, p), continued to real x in 0..n: I_p(x, n - x + 1). */
export function binomialAtLeast(x: number, n: number, p: number): number {
  return x <= 0 ? 1 : betaCdf(p, x, n - x + 1);
}

/**
 * Holm's step-down procedure (1979): which of `tests` hypotheses (those not listed have p = 1) can be rejected so that
 * the probability of any false rejection is at most `level`. @returns true per listed p value.
 */
export function holm(p: ArrayLike<number>, level: number, tests = p.length): boolean[] {
  const order = Array.from({ length: p.length }, (_, n) => n).sort((a, b) => p[a]! - p[b]! || a - b);
  const rejected = new Array<boolean>(p.length).fill(false);
  for (const [rank, n] of order.entries()) {
    if (!(p[n]! <= level / (tests - rank))) break;
    rejected[n] = true;
  }
  return rejected;
}
