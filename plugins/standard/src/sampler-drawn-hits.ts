import { checkHitOptions, type Hit, type Rng, type SampleRequest, type Sampler } from '@quorate/core';
import { Candidates } from './sampler-candidates.js';
import type { HitOptions } from './sampler-options.js';

/** A plan in the making. */
export interface Draft {
  readonly request: SampleRequest;
  readonly candidates: Candidates;
  /** Items of the next HIT; 0 where the plan is complete. */
  readonly size: () => number;
  readonly add: (hit: Hit) => void;
}

/**
 * A sampler whose HITs are drawn from `Candidates`. A plan begins while an item is open. Then, with `fillHits: 'shrink'`,
 * it asks for no more annotations than items are open, so the last HIT is smaller; with `'reopen'` it has all its HITs,
 * filled up with the riskiest finished items below the cap. `assign` says whom each HIT is for.
 */
export function drawnHits(options: HitOptions, assign: (draft: Draft, rng: Rng) => void): Sampler {
  const { hitSize, hitsPerStep, fillHits } = options;
  const candidates = new Candidates(options);
  return {
    annotationsPerStep: hitSize * hitsPerStep,
    check: (run) => checkHitOptions(options, run),
    plan: (request, rng) => {
      checkHitOptions(options, request.annotations);
      candidates.gather(request);
      const plan: Hit[] = [];
      if (candidates.open === 0) return plan;
      let left = fillHits === 'shrink' ? Math.min(request.budgetLeft, candidates.open) : request.budgetLeft;
      const size = (): number => (plan.length === hitsPerStep ? 0 : Math.min(hitSize, Math.floor(left)));
      const add = (hit: Hit): void => {
        candidates.take(hit.items);
        left -= hit.items.length;
        plan.push(hit);
      };
      assign({ request, candidates, size, add }, rng);
      return plan;
    },
  };
}
