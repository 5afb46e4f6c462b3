import { lnGamma } from '@quorate/core/numbers';

/** ψ(x) = d ln Γ(x) / dx for x > 0, by recurrence to x >= 6 and the asymptotic series; error below 1e-12. */
export function digamma(x: number): number {
  let shift = 0;
  for (; x < 6; x++) shift -= 1 / x;
  const f = 1 / (x * x);
  const series = f * (1 / 12 - f * (1 / 120 - f * (1 / 252 - f * (1 / 240 - f * (1 / 132 - f * (691 / 32760))))));
  return shift + Math.log(x) - 0.5 / x - series;
}

/**
 * Kullback-Leibler divergence of Dirichlet(a) from the symmetric Dirichlet(b, ..., b), in nats, >= 0:
 *
 *     ln Γ(Σa) − Σ ln Γ(a_k) − ln Γ(Kb) + K ln Γ(b) + Σ (a_k − b) (ψ(a_k) − ψ(Σa))
 *
 * @param a Parameters, > 0, length K. A Beta distribution is K = 2.
 */
export function dirichletDivergence(a: ArrayLike<number>, b: number): number {
  const K = a.length;
  let total = 0;
  for (let k = 0; k < K; k++) total += a[k]!;
  const mean = digamma(total);
  let sum = lnGamma(total) - lnGamma(K * b) + K * lnGamma(b);
  for (let k = 0; k < K; k++) sum += (a[k]! - b) * (digamma(a[k]!) - mean) - lnGamma(a[k]!);
  return sum;
}
