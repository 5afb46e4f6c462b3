const HALF_LOG_TWO_PI = 0.9189385332046727;

/**
 * ln Γ(x), natural log, x > 0; relative error below 1e-13: Stirling's series from 7 on, reached by
 * Γ(x) = Γ(x+7) / (x (x+1) … (x+6)).
 */
export function lnGamma(x: number): number {
  let product = 1;
  if (x < 7) {
    // Factors in pairs, the first with the last: u, u + 5 and u + 8.
    const u = x * (x + 6);
    product = u * (u + 5) * (u + 8) * (x + 3);
    x += 7;
  }
  const r = 1 / (x * x);
  const series =
    (1 / 12 - r * (1 / 360 - r * (1 / 1260 - r * (1 / 1680 - r * (1 / 1188 - r * (691 / 360360 - r / 156)))))) / x;
  return (x - 0.5) * Math.log(x) - x + HALF_LOG_TWO_PI + series - Math.log(product);
}
