import { logSumExp, softmax } from '@quorate/core/numbers';
import { type Calibrator } from '@quorate/core';

/** Temperature scaling: softmax(logits / T), T of a grid that gives the held-out rows the least negative log-likelihood. */
export function referenceCalibrator(): Calibrator {
  return {
    fit: ({ logits, labels, classes: K }) => {
      let best = Infinity;
      let temperature = 1;
      const row = new Float64Array(K);
      for (let step = -20; step <= 20; step++) {
        const T = 2 ** (step / 5);
        const losses = Array.from(labels, (label, i) => {
          for (let k = 0; k < K; k++) row[k] = logits[i * K + k]! / T;
          return logSumExp(row) - row[label]!;
        });
        // Summed from the smallest up, so that the order of the rows does not matter.
        const loss = losses.sort((a, b) => a - b).reduce((sum, x) => sum + x, 0);
        if (loss < best) [best, temperature] = [loss, T];
      }
      return (given, classes) => {
        for (let start = 0; start < given.length; start += classes) {
          for (let k = 0; k < classes; k++) given[start + k]! /= temperature;
          softmax(given, start, classes);
        }
      };
    },
  };
}
