import {
  checkHitOptions,
  defineComponent,
  hasAnswered,
  hitShape,
  type Hit,
  type Rng,
  type SampleRequest,
  type Sampler,
} from '@quorate/core';
import { ExpectedGain, meanConfusion } from '@quorate/core/numbers';
import { z } from 'zod';
import { tiersOf, worthOf, type Tier } from './price-tiers.js';

const options = z.strictObject({
  ...hitShape,
  minGain: z
    .number()
    .min(0)
    .max(1)
    .default(0.02)
    .describe('an annotated item of which further answers are each expected to gain less is given up'),
  minAnnotationsPerClass: z
    .int()
    .min(0)
    .default(5)
    .describe('annotations, as a multiple of the number of classes, before which nothing is taken for done'),
  fillHits: z
    .enum(['reopen', 'shrink'])
    .default('shrink')
    .describe('fewer open items than a HIT holds: fill up with the riskiest of the others, or ask for less'),
  fillFrom: z
    .number()
    .min(0)
    .max(1)
    .default(0.25)
    .describe('a HIT is filled up with items of at least this share of the risk threshold; 0: with any'),
  fillRatio: z
    .number()
    .min(0)
    .default(1)
    .describe('a plan is filled up with at most so many items for each open one, so that the last HITs are small'),
});
export type ExpectedGainOptions = z.output<typeof options>;

/** What decides between items of equal gain. */
const NOISE = 1e-9;

/**
 * HITs of the open items of which one more answer is expected to gain most (`ExpectedGain`), for random workers. An item
 * is asked about once a plan.
 *
 *     open_i  ⇔  R_i > τ  and  n_i < cap  and not given up,      given up  ⇔  n_i > 0 and gain_i < minGain
 *
 * gain_i is that of one more answer or, where that is below minGain and the cap leaves room for two, half of what two are
 * expected to gain together, if that is more.
 *
 * Fewer than minAnnotationsPerClass · K annotations are too few to believe that all is done: a plan then holds at least
 * one HIT, of the riskiest items where none is open. No worker is asked twice about one item,
 * nor about one that `may` rules out for them.
 *
 * Where workers have different prices, those of one price are a tier with a mean matrix of its own: a HIT goes to the tier for
 * which its gain per price is greatest, each HIT of a plan with what is left.
 */
export class ExpectedGainSampler implements Sampler {
  readonly annotationsPerStep: number;
  readonly #options: ExpectedGainOptions;

  constructor(options: ExpectedGainOptions) {
    this.#options = options;
    this.annotationsPerStep = options.hitSize * options.hitsPerStep;
  }

  check(run: { readonly items: number; readonly workers: number }): void {
    checkHitOptions(this.#options, run);
  }

  plan(request: SampleRequest, rng: Rng): readonly Hit[] {
    const tiers = tiersOf(request);
    return tiers ? this.#planByPrice(request, tiers, rng) : this.#planForAll(request, rng);
  }

  /** Whom to ask is decided by what their answers gain per price; what to ask them by what these gain. */
  #planByPrice(request: SampleRequest, tiers: readonly Tier[], rng: Rng): readonly Hit[] {
    const { hitSize, hitsPerStep } = this.#options;
    const small = { ...request, budgetLeft: Math.min(request.budgetLeft, hitSize) };
    const plan: Hit[] = [];
    const taken = new Set<number>();
    const busy = new Set<number>();
    for (let left = request.budgetLeft; plan.length < hitsPerStep && left >= 1;) {
      const offers = tiers.flatMap((tier) => {
        const may = (worker: number, item: number): boolean =>
          tier.workers.has(worker) && !busy.has(worker) && !taken.has(item) && request.may(worker, item);
        const asked = { ...small, budgetLeft: Math.min(small.budgetLeft, left), may };
        const [hit] = this.#planForAll(asked, rng, tier.mean, 1);
        return hit ? [{ hit, tier, worth: worthOf(hit, tier, request) }] : [];
      });
      if (offers.length === 0) break;
      const { hit, tier } = offers.reduce((best, one) => (one.worth > best.worth ? one : best));
      plan.push(hit);
      left -= hit.items.length;
      tier.answers += hit.items.length;
      busy.add(hit.worker);
      for (const item of hit.items) taken.add(item);
    }
    return plan;
  }

  /** @param mean μ of those who are asked; without it, of all. */
  #planForAll(
    request: SampleRequest,
    rng: Rng,
    mean = meanConfusion(request.confusions),
    most = this.#options.hitsPerStep,
  ): readonly Hit[] {
    const { hitSize, minAnnotationsPerClass, fillHits } = this.#options;
    const { annotations } = request;
    const open = this.#open(request, mean, rng);
    const early = annotations.live < minAnnotationsPerClass * annotations.classes;
    if (open.length === 0 && !early) return [];
    const fills = fillHits === 'reopen' || open.length === 0;
    const hits = Math.min(most, Math.max(1, Math.ceil(open.length / hitSize)));
    const queue = new Queue(request, open, fills && open.length < hits * hitSize ? this.#rest(request, open) : null);
    const plan: Hit[] = [];
    let left = request.budgetLeft;
    for (const worker of rng.permutation(annotations.workers)) {
      if (plan.length === hits || left < 1) break;
      const items = queue.take(worker, Math.min(hitSize, Math.floor(left)));
      if (items.length === 0) continue;
      left -= items.length;
      plan.push({ worker, items });
    }
    return plan;
  }

  /** Open items, the most promising first. */
  #open({ annotations, posterior, risk, riskThreshold }: SampleRequest, mean: Float64Array, rng: Rng): Int32Array {
    const { maxAnnotationsPerItem: cap, minGain } = this.#options;
    const { items: N, perItem, classes: K } = annotations;
    const gain = new ExpectedGain(mean, K);
    const key = new Float64Array(N);
    const open: number[] = [];
    for (let i = 0; i < N; i++) {
      if (!(risk[i]! > riskThreshold) || perItem[i]! >= cap) continue;
      let gained = gain.of(i, posterior);
      if (perItem[i]! > 0 && gained < minGain) {
        if (perItem[i]! + 2 <= cap) gained = Math.max(gained, gain.ofTwo(i, posterior) / 2);
        if (gained < minGain) continue;
      }
      key[i] = gained + NOISE * rng.uniform();
      open.push(i);
    }
    return Int32Array.from(open).sort((a, b) => key[b]! - key[a]! || a - b);
  }

  /**
   * What HITs may be filled up with: the riskiest of the items below the cap that are not open, as many as are open
   * (`fillRatio`), lest the last steps cost much and change little. Those are left out that are right so probably that
   * answers would change next to nothing. Where nothing else is left to ask about there are no such limits.
   */
  #rest({ annotations, risk, riskThreshold }: SampleRequest, open: Int32Array): Int32Array {
    const { items: N, perItem } = annotations;
    const { fillFrom, fillRatio, maxAnnotationsPerItem: cap } = this.#options;
    const least = open.length > 0 ? fillFrom * riskThreshold : 0;
    const most = open.length > 0 ? Math.ceil(fillRatio * open.length) : N;
    const isOpen = new Uint8Array(N);
    for (const i of open) isOpen[i] = 1;
    const rest: number[] = [];
    for (let i = 0; i < N; i++) {
      if (isOpen[i] === 0 && perItem[i]! < cap && risk[i]! >= least) rest.push(i);
    }
    return Int32Array.from(rest)
      .sort((a, b) => risk[b]! - risk[a]! || a - b)
      .subarray(0, most);
  }
}

/** The items of a plan in order of preference, each given away once. */
class Queue {
  readonly #request: SampleRequest;
  readonly #open: Int32Array;
  readonly #rest: Int32Array | null;
  readonly #taken: Uint8Array;

  constructor(request: SampleRequest, open: Int32Array, rest: Int32Array | null) {
    this.#request = request;
    this.#open = open;
    this.#rest = rest;
    this.#taken = new Uint8Array(request.annotations.items);
  }

  /** Up to `size` items for the worker; none where they have answered every open one that is left. */
  take(worker: number, size: number): Int32Array {
    const items = this.#pick(this.#open, worker, size, []);
    if (this.#rest !== null && (items.length > 0 || this.#open.length === 0)) {
      this.#pick(this.#rest, worker, size, items);
    }
    return Int32Array.from(items);
  }

  #pick(from: Int32Array, worker: number, size: number, picked: number[]): number[] {
    const { annotations, may } = this.#request;
    for (let x = 0; x < from.length && picked.length < size; x++) {
      const i = from[x]!;
      if (this.#taken[i] === 1 || hasAnswered(annotations, i, worker) || !may(worker, i)) continue;
      this.#taken[i] = 1;
      picked.push(i);
    }
    return picked;
  }
}

export default defineComponent({
  kind: 'sampler',
  name: 'expected_gain',
  summary: 'the open items of which another answer is expected to gain most, for workers drawn at random',
  options,
  create: (options) => new ExpectedGainSampler(options),
});
