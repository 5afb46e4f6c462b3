import { defineComponent, type Calibrator } from '@quorate/core';
import { softmax } from '@quorate/core/numbers';
import { z } from 'zod';

const options = z.strictObject({
  sharpest: z.number().min(1).default(1).describe('most by which logits may be multiplied; 1 only ever softens'),
});

const HALVINGS = 50;

/**
 * Makes a model's probabilities honest. THE MAP BELOW IS YOURS TO CHANGE.
 *
 * What `fit` receives: n rows that the model did not train on, K classes
 * - `logits[i * K + k]` scores before the softmax
 * - `labels[i]` the class of row i
 * and returns a function that turns such logits into probabilities, in place.
 *
 * What must hold: rows sum to 1, without NaN for any finite logits; the same rows give the same map; their order does not
 * matter, and classes are treated alike; nothing that it received is written to.
 */
export default defineComponent({
  kind: 'calibrator',
  name: 'my_part',
  summary: 'one temperature for all logits, never above a given sharpness',
  options,
  create: ({ sharpest }): Calibrator => ({
    fit: ({ logits, labels, classes: K }) => {
      const row = new Float64Array(K);
      /** Slope of the negative log-likelihood in the scale; it grows with the scale. */
      const slope = (scale: number): number => {
        let sum = 0;
        labels.forEach((label, i) => {
          for (let k = 0; k < K; k++) row[k] = scale * logits[i * K + k]!;
          softmax(row);
          for (let k = 0; k < K; k++) sum += row[k]! * (logits[i * K + k]! - logits[i * K + label]!);
        });
        return sum;
      };
      let [low, high] = [0, sharpest];
      for (let turn = 0; turn < HALVINGS; turn++) {
        const middle = (low + high) / 2;
        if (slope(middle) > 0) high = middle;
        else low = middle;
      }
      return (values, classes) => {
        for (let x = 0; x < values.length; x++) values[x]! *= low;
        for (let start = 0; start < values.length; start += classes) softmax(values, start, classes);
      };
    },
  }),
});
