import { defineComponent, type Sampler } from '@quorate/core';
import { drawnHits } from './sampler-drawn-hits.js';
import { hitOptions, type HitOptions } from './sampler-options.js';

/**
 * HITs of items drawn uniformly from the open ones, for workers drawn uniformly [Liao21]. A worker to whom every open item
 * is closed (answered already, or `may` rules it out) is passed over.
 */
export function randomSampler(options: HitOptions): Sampler {
  return drawnHits(options, ({ request, candidates, size, add }, rng) => {
    for (const worker of rng.permutation(request.annotations.workers)) {
      if (size() < 1) break;
      const items = candidates.drawFor(worker, size(), rng);
      if (items.length > 0) add({ worker, items });
    }
  });
}

export default defineComponent({
  kind: 'sampler',
  name: 'random',
  summary: 'open items drawn at random, for workers drawn at random',
  options: hitOptions,
  create: randomSampler,
});
