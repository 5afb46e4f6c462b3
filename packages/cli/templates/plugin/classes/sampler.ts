import { defineComponent, hasAnswered, T, type Hit, type Rng, type Sampler, type SampleRequest } from '@quorate/core';
import { inject, injectable } from 'inversify';
import { z } from 'zod';

@injectable()
class OwnSampler implements Sampler {
  readonly annotationsPerStep: number;
  readonly #cap: number;

  constructor(@inject(Options) { hitSize, maxAnnotationsPerItem }: z.output<typeof options>) {
    this.annotationsPerStep = hitSize;
    this.#cap = maxAnnotationsPerItem;
  }

  plan({ annotations, risk, riskThreshold, budgetLeft, may }: SampleRequest, rng: Rng): readonly Hit[] {
    const isOpen = (i: number): boolean => risk[i]! > riskThreshold && annotations.perItem[i]! < this.#cap;
    const open = [...risk.keys()].filter(isOpen).sort((a, b) => risk[b]! - risk[a]! || a - b);
    for (const worker of rng.permutation(annotations.workers)) {
      const askable = open.filter((i) => may(worker, i) && !hasAnswered(annotations, i, worker));
      const items = askable.slice(0, Math.min(this.annotationsPerStep, budgetLeft));
      if (items.length > 0) return [{ worker, items: Int32Array.from(items) }];
    }
    return [];
  }
}
