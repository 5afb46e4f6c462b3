import { argmax } from './matrix.js';

/** How sure a posterior should have been: flatter where `power` < 1, and wrong at random with probability `mix`. */
export interface Recalibration {
  /** τ > 0; 1 leaves the posterior as it is. */
  readonly power: number;
  /** e in 0..1; 0 leaves it as it is. */
  readonly mix: number;
}

/**
 * Recalibrates class probabilities, row by row:
 *
 *     q'_k = (1-e) q_k^τ / Σ_c q_c^τ + e / K
 *
 * The order of the classes within a row stays. A row of zeros says nothing and stays as it is.
 *
 * @param posterior N×K row-major, rows sum to 1 (or 0). @param out Of the same length; may be `posterior` itself.
 */
export function recalibrate(
  posterior: Float64Array,
  classes: number,
  { power, mix }: Recalibration,
  out: Float64Array,
): void {
  for (let start = 0; start < posterior.length; start += classes) {
    const top = posterior[start + argmax(posterior, start, classes)]!;
    let sum = 0;
    for (let x = start; x < start + classes; x++) sum += out[x] = top > 0 ? (posterior[x]! / top) ** power : 0;
    if (top > 0) for (let x = start; x < start + classes; x++) out[x] = ((1 - mix) * out[x]!) / sum + mix / classes;
  }
}
