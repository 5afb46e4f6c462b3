import { defineComponent, type Rng, type SampleRequest, type Sampler } from '@quorate/core';
import { z } from 'zod';
import { drawnHits } from './sampler-drawn-hits.js';
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
export function greedyTaskAssignment(options: GreedyOptions): Sampler {
  return drawnHits(options, ({ request, candidates, size, add }, rng) => {
    const { perWorker, workers } = request.annotations;
    const confidences = new Confidences(request);
    /** Workers who have a HIT of this plan, or who can answer nothing that is open. */
    const spent = new Uint8Array(workers);
    while (size() >= 1) {
      const drawn = candidates.draw(size(), rng);
      if (drawn.length === 0) break;
      confidences.measure(drawn, rng);
      const most = options.maxAnnotationsPerWorker - drawn.length;
      const next = (): number => mostConfident(confidences, (j) => spent[j] === 0 && perWorker[j]! <= most);
      let worker = next();
      let items = drawn;
      for (; worker >= 0; worker = next()) {
        spent[worker] = 1;
        items = candidates.drawFor(worker, drawn.length, rng, drawn);
        if (items.length > 0) break;
      }
      if (worker < 0) break;
      add({ worker, items });
    }
  });
}

/** The most confident worker who may be taken, -1 when there is none; the first of equals. */
function mostConfident({ ofWorker }: Confidences, may: (worker: number) => boolean): number {
  let best = -1;
  for (let j = 0; j < ofWorker.length; j++) if (may(j) && (best < 0 || ofWorker[j]! > ofWorker[best]!)) best = j;
  return best;
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
  create: greedyTaskAssignment,
});
