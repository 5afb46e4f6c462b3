import { defineComponent, T, type AggregateRequest, type Aggregator } from '@quorate/core';
import { inject, injectable } from 'inversify';
import { z } from 'zod';

@injectable()
class OwnAggregator implements Aggregator {
  readonly emptyRows = false;
  readonly #smoothing: number;

  constructor(@inject(Options) { smoothing }: z.output<typeof options>) {
    this.#smoothing = smoothing;
  }

  aggregate({ annotations, prior, gold, rows, posterior }: AggregateRequest): void {
    const { items, classes: K, firstOfItem, nextOfItem, label, annotated, annotatedCount } = annotations;
    const votes = new Float64Array(K);
    const infer = (i: number): void => {
      votes.fill(this.#smoothing);
      for (let a = firstOfItem[i]!; a >= 0; a = nextOfItem[a]!) votes[label[a]!]!++;
      const known = gold?.[i] ?? -1;
      let sum = 0;
      for (let k = 0; k < K; k++) {
        if (prior) votes[k]! *= prior[i * K + k]! + 1e-8;
        if (known >= 0) votes[k] = k === known ? 1 : 0;
        sum += votes[k]!;
      }
      for (let k = 0; k < K; k++) posterior[i * K + k] = votes[k]! / sum;
    };
    if (rows === 'all') for (let i = 0; i < items; i++) infer(i);
    else for (let x = 0; x < annotatedCount; x++) infer(annotated[x]!);
  }
}
