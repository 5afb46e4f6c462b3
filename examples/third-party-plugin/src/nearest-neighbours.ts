import { argmax, defineComponent, T, type Dataset, type Learner } from '@quorate/core';
import { z } from 'zod';

const options = z.strictObject({
  neighbours: z.int().min(1).default(7).describe('labelled examples that vote on an item'),
  memory: z.int().min(1).default(500).describe('most labelled examples to search'),
});

/** Rows of the features whose class is known, and their classes. */
interface Examples {
  readonly rows: readonly number[];
  readonly classes: readonly number[];
}

/**
 * The classes of the nearest labelled examples: p(k) = (votes_k + 1/K) / (neighbours + 1), squared Euclidean distance, ties
 * to the earlier example. Examples are the prototypes, then the items that are done, in their order, up to `memory`.
 * Cost: N · memory · D per call.
 */
export default defineComponent({
  kind: 'learner',
  name: 'nearest_neighbours',
  summary: 'the classes of the nearest labelled examples',
  options,
  needs: () => ['features'],
  inject: [T.Dataset],
  create: ({ neighbours, memory }, dataset: Dataset): Learner => ({
    fitPredict: ({ posterior, risk, riskThreshold }) => {
      const [N, K] = [dataset.taskIds.length, dataset.classes.length];
      const rows = Array.from(dataset.prototypes.classOf, (_, p) => N + p);
      const classes = [...dataset.prototypes.classOf];
      for (let i = 0; i < N && rows.length < memory; i++) {
        if (risk[i]! > riskThreshold) continue;
        rows.push(i);
        classes.push(argmax(posterior.subarray(i * K, (i + 1) * K)));
      }
      const examples: Examples = { rows: rows.slice(0, memory), classes: classes.slice(0, memory) };
      const count = Math.min(neighbours, examples.rows.length);
      const probability = new Float32Array(N * K);
      for (let i = 0; i < N; i++) {
        probability.fill(1 / K / (count + 1), i * K, (i + 1) * K);
        for (const e of nearest(dataset, examples, i, count))
          probability[i * K + examples.classes[e]!]! += 1 / (count + 1);
      }
      return { probability, includesOwnAnswers: true };
    },
  }),
});

/** Indices of the `count` examples that are nearest to an item, nearest first. */
function nearest(dataset: Dataset, { rows }: Examples, item: number, count: number): readonly number[] {
  const { data, columns: D } = dataset.features!;
  const distances: number[] = [];
  const found: number[] = [];
  for (const [e, row] of rows.entries()) {
    let distance = 0;
    for (let d = 0; d < D; d++) distance += (data[item * D + d]! - data[row * D + d]!) ** 2;
    if (found.length === count && !(distance < distances[count - 1]!)) continue;
    let at = found.length === count ? count - 1 : found.length;
    for (; at > 0 && distances[at - 1]! > distance; at--) {
      distances[at] = distances[at - 1]!;
      found[at] = found[at - 1]!;
    }
    distances[at] = distance;
    found[at] = e;
  }
  return found;
}
