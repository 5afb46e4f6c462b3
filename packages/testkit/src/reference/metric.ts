import { argmax, type Metric } from '@quorate/core';
import type { Truth } from '@quorate/core/truth';

/** Share of the items at or below the risk threshold whose most probable class is the true one. */
export function referenceMetric(truth: Truth | null): Metric {
  return {
    measure: ({ annotations: { items, classes: K }, beliefs: { posterior, risk }, riskThreshold }) => {
      if (!truth) return null;
      let valid = 0;
      let right = 0;
      for (let i = 0; i < items; i++) {
        if (risk[i]! > riskThreshold) continue;
        valid++;
        if (argmax(posterior, i * K, K) === truth.classOf[i]) right++;
      }
      return valid === 0 ? null : right / valid;
    },
  };
}
