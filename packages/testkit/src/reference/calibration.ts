import { type Calibration } from '@quorate/core';
import { bayesRisk, normalizeRows } from '@quorate/core/numbers';

/**
 * Powers of what was inferred, times how often known items are of each class beside how often that was believed of them:
 *
 *     q_i(k) ∝ (y_i(k) + 0.01)^½ (1 + #known of class k) / (1 + Σ_known y(k))
 */
export function referenceCalibration(): Calibration {
  return {
    calibrates: true,
    meaning: 'softened',
    minGain: 0,
    answersPerPrototype: 0,
    calibrate: ({ annotations: { classes: K }, beliefs, known }) => {
      const factor = new Float64Array(K);
      for (let k = 0; k < K; k++) {
        let [said, believed] = [1, 1];
        known.item.forEach((item, g) => {
          if (known.label[g] === k) said++;
          believed += beliefs.posterior[item * K + k]!;
        });
        factor[k] = said / believed;
      }
      const posterior = beliefs.posterior.map((p, x) => Math.sqrt(p + 0.01) * factor[x % K]!);
      normalizeRows(posterior, K);
      const risk = new Float64Array(beliefs.risk.length);
      bayesRisk(posterior, K, risk);
      return { posterior, risk, sure: null, gain: null, accuracy: null };
    },
  };
}
