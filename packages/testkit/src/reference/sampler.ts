import { hasAnswered, type Hit, type Sampler } from '@quorate/core';

export interface ReferenceSamplerOptions {
  readonly hitSize?: number;
  readonly hitsPerStep?: number;
  readonly maxAnnotationsPerItem?: number;
  readonly allowRepeats?: boolean;
}

/** Gives open items, lowest index first, to the first workers that may be asked about any. */
export function referenceSampler(options: ReferenceSamplerOptions = {}): Sampler {
  const { hitSize = 2, hitsPerStep = 2, maxAnnotationsPerItem: cap = Infinity, allowRepeats = false } = options;
  return {
    annotationsPerStep: hitSize * hitsPerStep,
    plan: ({ annotations, risk, riskThreshold, budgetLeft, may }) => {
      const load = annotations.perItem.slice();
      const plan: Hit[] = [];
      let left = budgetLeft;
      for (let worker = 0; worker < annotations.workers && plan.length < hitsPerStep; worker++) {
        const items: number[] = [];
        for (let i = 0; i < annotations.items && items.length < Math.min(hitSize, left); i++) {
          if (risk[i]! <= riskThreshold || load[i]! >= cap) continue;
          if (may(worker, i) && (allowRepeats || !hasAnswered(annotations, i, worker))) items.push(i);
        }
        for (const i of items) load[i]!++;
        left -= items.length;
        if (items.length > 0) plan.push({ worker, items: Int32Array.from(items) });
      }
      return plan;
    },
  };
}
