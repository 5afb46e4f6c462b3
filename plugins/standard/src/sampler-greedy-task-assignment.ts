import { checkHitOptions, defineComponent, type Hit, type Rng, type SampleRequest, type Sampler } from '@quorate/core';
import { z } from 'zod';
import { Candidates } from './sampler-candidates.js';
import { hitOptions } from './sampler-options.js';

const options = z.strictObject({
  ...hitOptions.shape,
  maxAnnotationsPerWorker: z.int().min(1).default(2000).describe('a worker is given no HIT that would pass this'),
});
export type GreedyOptions = z.output<typeof options>;

/** What decides between workers of equal confidence. */
const NOISE = 1e-8;

/**
 * HITs of items drawn as `random` draws them, each for the worker who should be best at it [Liao21]:
 *
 *     j* = arg max_j  mean_{i in HIT} Σ_k y_i(k) P_j(k | k)        over workers without a HIT in this plan and with room
 *
 * for as many annotations as the HIT has items. Fewer HITs where fewer workers have room. Items that j* has answered
 * (without repeats) or may not be asked about are replaced by others.
 */
export class GreedyTaskAssignment implements Sampler {
  readonly annotationsPerStep: number;
  readonly #options: GreedyOptions;
  readonly #candidates: Candidates;

  constructor(options: GreedyOptions) {
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
    const confidences = new Confidences(request);
    /** Workers who have a HIT of this plan, or who can answer nothing that is open. */
    const spent = new Uint8Array(request.annotations.workers);
    let left = fillHits === 'shrink' ? Math.min(request.budgetLeft, candidates.open) : request.budgetLeft;
    while (plan.length < hitsPerStep && left >= 1) {
      const size = Math.min(hitSize, Math.floor(left));
      const drawn = candidates.draw(size, rng);
      if (drawn.length === 0) break;
      confidences.measure(drawn, rng);
      let items = drawn;
      let worker = this.#best(confidences, spent, request, drawn.length);
      while (worker >= 0) {
        spent[worker] = 1;
        items = candidates.drawFor(worker, drawn.length, rng, drawn);
        if (items.length > 0) break;
        worker = this.#best(confidences, spent, request, drawn.length);
      }
      if (worker < 0) break;
      candidates.take(items);
      left -= items.length;
      plan.push({ worker, items });
    }
    return plan;
  }

  /** The most confident worker with room for `size` annotations, -1 when there is none. */
  #best({ ofWorker }: Confidences, spent: Uint8Array, { annotations }: SampleRequest, size: number): number {
    const most = this.#options.maxAnnotationsPerWorker - size;
    let best = -1;
    for (let j = 0; j < spent.length; j++) {
      if (spent[j] === 1 || annotations.perWorker[j]! > most) continue;
      if (best < 0 || ofWorker[j]! > ofWorker[best]!) best = j;
    }
    return best;
  }
}

/** How often each worker should be right on a HIT. O(W·K) a plan, O(size·K + W·K) a HIT. */
class Confidences {
  readonly ofWorker: Float64Array;
  readonly #posterior: Float64Array;
  /** P_j(k | k), W×K row-major. */
  readonly #skill: Float64Array;
  /** Mean of the HIT's rows of the posterior, length K. */
  readonly #belief: Float64Array;

  constructor(request: SampleRequest) {
    const { workers: W, classes: K } = request.annotations;
    this.ofWorker = new Float64Array(W);
    this.#posterior = request.posterior;
    this.#belief = new Float64Array(K);
    this.#skill = new Float64Array(W * K);
    for (let j = 0; j < W; j++) for (let k = 0; k < K; k++) this.#skill[j * K + k] = request.skill(j, k);
  }

  /** mean_i Σ_k y_i(k) P_j(k | k) = Σ_k (mean_i y_i(k)) P_j(k | k), and noise that breaks ties. */
  measure(items: Int32Array, rng: Rng): void {
    const belief = this.#belief.fill(0);
    const K = belief.length;
    for (const i of items) for (let k = 0; k < K; k++) belief[k]! += this.#posterior[i * K + k]! / items.length;
    for (let j = 0; j < this.ofWorker.length; j++) {
      let confidence = NOISE * rng.uniform();
      for (let k = 0; k < K; k++) confidence += belief[k]! * this.#skill[j * K + k]!;
      this.ofWorker[j] = confidence;
    }
  }
}

export default defineComponent({
  kind: 'sampler',
  name: 'greedy_task_assignment',
  summary: 'open items drawn at random, for the workers who should be best at them',
  options,
  create: (options) => new GreedyTaskAssignment(options),
});
