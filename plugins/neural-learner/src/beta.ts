import type { Rng } from '@quorate/core';

/** A draw from Beta(alpha, alpha), alpha >= 0; the limit for 0 is a coin: 0 or 1. */
export function drawBeta(alpha: number, rng: Rng): number {
  if (alpha === 0) return rng.int(2);
  // x / (x + y) of two gamma variates, by their logarithms: those of a small alpha are too small for a number.
  return 1 / (1 + Math.exp(logGammaVariate(alpha, rng) - logGammaVariate(alpha, rng)));
}

/**
 * The logarithm of a draw from Gamma(shape, 1), shape > 0. By rejection [Marsaglia and Tsang 2000] for shape + 1, times
 * u^(1/shape), which is right for every shape.
 */
function logGammaVariate(shape: number, rng: Rng): number {
  const d = shape + 2 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = rng.normal();
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    const u = 1 - rng.uniform();
    if (Math.log(u) < (x * x) / 2 + d - d * v + d * Math.log(v)) {
      return Math.log(d * v) + Math.log(1 - rng.uniform()) / shape;
    }
  }
}
