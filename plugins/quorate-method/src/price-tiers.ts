import type { Hit, SampleRequest } from '@quorate/core';
import { ExpectedGain, meanConfusion } from '@quorate/core/numbers';

/** Workers whose answers cost the same. */
export interface Tier {
  readonly price: number;
  readonly workers: ReadonlySet<number>;
  /** μ over them, K×K `[true][observed]`: what they know of each class counts for the tasks that may be of it. */
  readonly mean: Float64Array;
  /** Answers so far, with those that the plan in hand asks for. */
  answers: number;
}

/** Answers before which nobody knows what a tier is worth: it is asked first. */
const UNKNOWN = 20;
/** A price of 0 in the denominator: such answers are worth more than any that cost something. */
const LEAST_PRICE = 1e-9;

/** Null where all workers cost the same. */
export function tiersOf({ prices, confusions, annotations }: SampleRequest): readonly Tier[] | null {
  if (!prices) return null;
  const byPrice = new Map<number, number[]>();
  for (let j = 0; j < confusions.workers; j++) {
    const one = byPrice.get(prices[j]!);
    if (one) one.push(j);
    else byPrice.set(prices[j]!, [j]);
  }
  if (byPrice.size < 2) return null;
  return [...byPrice].map(([price, workers]) => ({
    price,
    workers: new Set(workers),
    mean: meanConfusion(confusions, workers),
    answers: workers.reduce((sum, j) => sum + annotations.perWorker[j]!, 0),
  }));
}

/**
 * What the answers of a HIT gain per price: the mean over its items of max(gain_1, gain_2 / 2), as the tier's workers answer. A
 * tier of which fewer than 20 answers are known is worth more than any other, the one with the fewest first.
 */
export function worthOf(hit: Hit, tier: Tier, { posterior, confusions: { classes } }: SampleRequest): number {
  if (tier.answers < UNKNOWN) return 1e12 / (1 + tier.answers);
  const gain = new ExpectedGain(tier.mean, classes);
  let sum = 0;
  for (const item of hit.items) sum += Math.max(gain.of(item, posterior), gain.ofTwo(item, posterior) / 2);
  return sum / hit.items.length / Math.max(tier.price, LEAST_PRICE);
}
