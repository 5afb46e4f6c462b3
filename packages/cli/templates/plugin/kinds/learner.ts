import { defineComponent, T, type Dataset, type Learner } from '@quorate/core';
import { softmax } from '@quorate/core/numbers';
import { z } from 'zod';

const options = z.strictObject({
  sharpness: z.number().positive().default(1).describe('how fast belief falls with the distance to a class'),
});

/**
 * Learns classes from fixed features. THE MODEL BELOW IS YOURS TO CHANGE.
 *
 * What `fitPredict` receives: N items (i), then P prototypes, D feature columns, K classes
 * - `dataset.features.data[row * D + d]` rows 0..N-1 are the items, rows N..N+P-1 the prototypes; never write to it
 * - `dataset.prototypes.classOf[p]` the class of prototype p
 * - `posterior[i * K + k]`, `risk[i]` what is believed of the items so far; `annotations` the answers themselves
 * - `rng` the only source of chance
 *
 * What must hold (the test tries one class missing, one item, duplicate rows, constant columns, two prototypes, noise):
 * N rows of K probabilities that sum to 1, without NaN; the same stream gives the same rows; nothing that was received is
 * written to. `includesOwnAnswers` is true when an item's own annotations may have shaped its row. A learner that
 * remembers anything from step to step has `snapshot` and `restore`. It may be asynchronous, or return null when it has
 * nothing to say.
 */
export default defineComponent({
  kind: 'learner',
  name: 'my_part',
  summary: 'the nearest class mean, softened',
  options,
  needs: () => ['features'],
  inject: [T.Dataset],
  create: ({ sharpness }, dataset: Dataset): Learner => ({
    fitPredict: ({ posterior, risk, riskThreshold }) => {
      const { data, columns: D } = dataset.features!;
      const [N, K] = [dataset.taskIds.length, dataset.classes.length];
      const means = new Float64Array(K * D);
      const weight = new Float64Array(K).fill(1e-9);
      const learn = (row: number, k: number, by: number): void => {
        weight[k]! += by;
        for (let d = 0; d < D; d++) means[k * D + d]! += by * data[row * D + d]!;
      };
      dataset.prototypes.classOf.forEach((k, p) => learn(N + p, k, 1));
      for (let i = 0; i < N; i++) {
        if (risk[i]! <= riskThreshold) for (let k = 0; k < K; k++) learn(i, k, posterior[i * K + k]!);
      }
      const probability = new Float32Array(N * K);
      const logits = new Float64Array(K);
      for (let i = 0; i < N; i++) {
        for (let k = 0; k < K; k++) {
          let distance = 0;
          for (let d = 0; d < D; d++) distance += (data[i * D + d]! - means[k * D + d]! / weight[k]!) ** 2;
          logits[k] = -sharpness * Math.min(distance / D, 1e6);
        }
        softmax(logits);
        probability.set(logits, i * K);
      }
      return { probability, includesOwnAnswers: true };
    },
  }),
});
