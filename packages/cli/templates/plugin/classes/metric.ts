import { defineComponent, T, type Metric, type MetricRequest } from '@quorate/core';
import { inject, injectable } from 'inversify';
import { z } from 'zod';

@injectable()
class OwnMetric implements Metric {
  readonly #atLeast: number;

  constructor(@inject(Options) { atLeast }: z.output<typeof options>) {
    this.#atLeast = atLeast;
  }

  measure({ annotations, beliefs }: MetricRequest): number | null {
    let sum = 0;
    let count = 0;
    for (let i = 0; i < annotations.items; i++) {
      if (annotations.perItem[i]! < this.#atLeast) continue;
      sum += beliefs.risk[i]!;
      count++;
    }
    return count === 0 ? null : sum / count;
  }
}
