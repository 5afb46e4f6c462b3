import { defineComponent, type AggregateRequest } from '@quorate/core';
import { z } from 'zod';

/**
 * Vote shares, y_i(k) = #{a of item i: z_a = k} / n_i. Workers and prior are ignored; an item without annotations gets a
 * row of zeros, and so the risk 1.
 */
export function voteShares({ annotations, rows, posterior }: AggregateRequest): void {
  const { items, classes: K, annotated, annotatedCount, firstOfItem, nextOfItem, perItem, label } = annotations;
  const count = rows === 'all' ? items : annotatedCount;
  for (let n = 0; n < count; n++) {
    const item = rows === 'all' ? n : annotated[n]!;
    const start = item * K;
    posterior.fill(0, start, start + K);
    for (let a = firstOfItem[item]!; a >= 0; a = nextOfItem[a]!) posterior[start + label[a]!]!++;
    const votes = perItem[item]!;
    if (votes > 1) for (let x = start; x < start + K; x++) posterior[x]! /= votes;
  }
}

export default defineComponent({
  kind: 'aggregator',
  name: 'majority_vote',
  summary: 'shares of the votes; knows neither workers nor learner',
  options: z.strictObject({}),
  create: () => ({ emptyRows: true, aggregate: voteShares }),
});
