import { checkHitOptions, defineComponent, type Hit, type Rng, type SampleRequest, type Sampler } from '@quorate/core';
import { Candidates } from './sampler-candidates.js';
import { hitOptions, type HitOptions } from './sampler-options.js';

/**
 * HITs of items drawn uniformly from the open ones, for workers drawn uniformly [Liao21].
 *
 * A plan begins while an item is open. Then, with `fillHits: 'shrink'`, it asks for no more annotations than items are
 * open, so the last HIT is smaller; with `'reopen'` it has all its HITs, filled up with the riskiest finished items below
 * the cap. A worker to whom every open item is closed (answered already, or `may` rules it out) is passed over.
 */
export class RandomSampler implements Sampler {
  readonly annotationsPerStep: number;
  readonly #options: HitOptions;
  readonly #candidates: Candidates;

  constructor(options: HitOptions) {
    this.#options = options;
    this.#candidates = new Candidates(options);
    this.annotationsPerStep = options.hitSize * options.hitsPerStep;
  }

  check(run: { readonly items: number; readonly workers: number }): void {
    checkHitOptions(this.#options, run);
  }

  plan(request: SampleRequest, rng: Rng): readonly Hit[] {
    const { hitSize, hitsPerStep, fillHits } = this.#options;
    const candidates = this.#candidates;
    this.check(request.annotations);
    candidates.gather(request);
    const plan: Hit[] = [];
    if (candidates.open === 0) return plan;
    let left = fillHits === 'shrink' ? Math.min(request.budgetLeft, candidates.open) : request.budgetLeft;
    for (const worker of rng.permutation(request.annotations.workers)) {
      if (plan.length === hitsPerStep || left < 1) break;
      const size = Math.min(hitSize, Math.floor(left));
      const items = candidates.drawFor(worker, size, rng);
      if (items.length === 0) continue;
      candidates.take(items);
      left -= items.length;
      plan.push({ worker, items });
    }
    return plan;
  }
}

export default defineComponent({
  kind: 'sampler',
  name: 'random',
  summary: 'open items drawn at random, for workers drawn at random',
  options: hitOptions,
  create: (options) => new RandomSampler(options),
});
