import { defineComponent, type Calibration } from '@quorate/core';
import { bayesRisk } from '@quorate/core/numbers';
import { z } from 'zod';

const options = z.strictObject({
  right: z.number().positive().default(19).describe('items that are taken to have been believed rightly before'),
  wrong: z.number().positive().default(1).describe('items that are taken to have been believed wrongly before'),
});

/**
 * Makes confidence honest before it is delivered. THE CORRECTION BELOW IS YOURS TO CHANGE.
 *
 * What `calibrate` receives: N items (i), K classes (k)
 * - `beliefs.posterior[i * K + k]`, `beliefs.risk[i]` as inferred, with the workers and what the learner says
 * - `known` items whose class an expert has said: `item[g]`, `label[g]`
 * - `prototypes` what workers said of prototypes, or null; `prototypeClass[p]` the class of each; `annotations`
 * and returns the posterior and risk to deliver; `sure`, `gain` and `accuracy` are null where it does not know them.
 *
 * What must hold: rows sum to 1 and risk is 1 - their maximum; no memory is shared with what it received, nothing of
 * which is written to; the same request gives the same result, whatever came before; renumbering items, workers or
 * classes renumbers the result; the more known items are of a class, the more probable it becomes; never certain.
 */
export default defineComponent({
  kind: 'calibration',
  name: 'my_part',
  summary: 'how often known items were of each class that was believed, from a cautious start',
  options,
  create: ({ right, wrong }): Calibration => ({
    calibrates: true,
    meaning: 'confidence as known items support it',
    minGain: 0,
    answersPerPrototype: 0,
    calibrate: ({ annotations: { items: N, classes: K }, beliefs, known }) => {
      // truly[b * K + k]: how much says that an item which is believed to be b is k.
      const truly = new Float64Array(K * K).fill(wrong / Math.max(1, K - 1));
      for (let b = 0; b < K; b++) truly[b * K + b] = right;
      known.item.forEach((i, g) => {
        for (let b = 0; b < K; b++) truly[b * K + known.label[g]!]! += beliefs.posterior[i * K + b]!;
      });
      const posterior = new Float64Array(N * K);
      for (let b = 0; b < K; b++) {
        const total = truly.subarray(b * K, (b + 1) * K).reduce((sum, count) => sum + count, 0);
        for (let i = 0; i < N; i++) {
          const share = beliefs.posterior[i * K + b]! / total;
          for (let k = 0; k < K; k++) posterior[i * K + k]! += share * truly[b * K + k]!;
        }
      }
      const risk = new Float64Array(N);
      bayesRisk(posterior, K, risk);
      return { posterior, risk, sure: null, gain: null, accuracy: null };
    },
  }),
});
