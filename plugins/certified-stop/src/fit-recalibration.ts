import { recalibrate, type Recalibration } from '@quorate/core/numbers';
import { type Audit } from '@quorate/core';

const POWERS = [0.15, 0.25, 0.4, 0.55, 0.7, 0.85, 1, 1.2];
const MIXES = [0, 0.01, 0.02, 0.04, 0.07, 0.1, 0.15, 0.2, 0.3];

/**
 * The recalibration that explains the expert's answers y_a best, with a prior for leaving the posterior q as it is:
 *
 *     (τ, e) = argmax  Σ_a ln q'_a(y_a; τ, e) - (ln τ / 0.7)² / 2 - 5 e         over a grid of 8 × 9
 *
 * A statement about q, to report: it is not to be fed back to whatever inferred q. Ties go to the smaller τ, then e.
 *
 * @param posterior q, N×K row-major, as it was inferred. @param audits None: (1, 0).
 */
export function fitRecalibration(posterior: Float64Array, classes: number, audits: readonly Audit[]): Recalibration {
  const rows = new Float64Array(audits.length * classes);
  audits.forEach(({ item }, a) => rows.set(posterior.subarray(item * classes, (item + 1) * classes), a * classes));
  let best: Recalibration = { power: 1, mix: 0 };
  let bestValue = -Infinity;
  const powered = new Float64Array(rows.length);
  for (const power of POWERS) {
    recalibrate(rows, classes, { power, mix: 0 }, powered);
    for (const mix of MIXES) {
      let value = -((Math.log(power) / 0.7) ** 2) / 2 - 5 * mix;
      for (let a = 0; a < audits.length; a++) {
        value += Math.log((1 - mix) * powered[a * classes + audits[a]!.label]! + mix / classes);
      }
      if (value > bestValue) [best, bestValue] = [{ power, mix }, value];
    }
  }
  return best;
}
