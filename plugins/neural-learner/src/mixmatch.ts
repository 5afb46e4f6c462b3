import type { Features, LearnerBackend, MixMatch, MlpParams, Rng, Rows } from '@quorate/core';
import { drawBeta } from './beta.js';
import { columnDeviations } from './column-deviations.js';
import type { Examples } from './examples.js';
import { scaledSoftmax } from './scaled-softmax.js';

export interface MixedMinibatchesRequest {
  readonly backend: LearnerBackend;
  readonly features: Features;
  readonly examples: Examples;
  readonly mixMatch: MixMatch;
  /** Positions in the examples of the labelled rows, minibatch after minibatch. */
  readonly labelled: Int32Array;
  readonly batchSize: number;
  /** Minibatches until the unlabelled rows have their full weight. */
  readonly steps: number;
  readonly rng: Rng;
}

/**
 * The minibatches of MixMatch [Berthelot19], one after the other, in one and the same memory: `batchSize` labelled rows,
 * then `mu` times as many unlabelled ones with the sharpened guesses of the network as it is, each mixed with another row
 * of the minibatch.
 */
export class MixedMinibatches {
  /** n, rows of a minibatch. */
  readonly size: number;
  readonly #request: MixedMinibatchesRequest;
  /** Rows and targets before and after mixing; n×D, n×K. */
  readonly #rows: Int32Array;
  readonly #targets: Float32Array;
  readonly #mixed: Rows & { readonly targets: NonNullable<Rows['targets']> };
  /** Standard deviations of the noise on each column; null without noise. */
  readonly #noise: Float32Array | null;
  #step = 0;

  constructor(request: MixedMinibatchesRequest) {
    const { features, examples, mixMatch, batchSize } = request;
    const K = examples.classes;
    const unlabelled = mixMatch.unlabelled.length > 0 ? mixMatch.mu * batchSize : 0;
    const n = batchSize + unlabelled;
    this.size = n;
    this.#request = request;
    this.#rows = new Int32Array(n);
    this.#targets = new Float32Array(n * K);
    // The fit takes the mean over all n rows, MixMatch one mean for each kind of row.
    const crossEntropy = new Float32Array(n).fill(n / batchSize, 0, batchSize);
    this.#mixed = {
      features: new Float32Array(n * features.columns),
      columns: features.columns,
      rows: Int32Array.from({ length: n }, (_, i) => i),
      targets: { probability: new Float32Array(n * K), crossEntropy, squared: new Float32Array(n) },
    };
    this.#noise = mixMatch.noise > 0 ? columnDeviations(features).map((s) => s * mixMatch.noise) : null;
  }

  /** The next minibatch, guessed with `params`. It overwrites the one before. */
  async next(params: MlpParams): Promise<Rows> {
    this.#label();
    await this.#guess(params);
    this.#mix();
    this.#step++;
    this.#weigh();
    return this.#mixed;
  }

  /** The guesses of an untrained network are worth nothing: the weight of the unlabelled rows grows in proportion. */
  #weigh(): void {
    const { examples, mixMatch, batchSize, steps } = this.#request;
    const weight = mixMatch.weight * Math.min(1, this.#step / steps);
    this.#mixed.targets.squared.fill((weight * this.size) / ((this.size - batchSize) * examples.classes), batchSize);
  }

  #label(): void {
    const { examples, labelled, batchSize } = this.#request;
    const K = examples.classes;
    this.#targets.fill(0, 0, batchSize * K);
    for (let b = 0; b < batchSize; b++) {
      const at = labelled[this.#step * batchSize + b]!;
      this.#rows[b] = examples.rows[at]!;
      this.#targets[b * K + examples.labels[at]!] = 1;
    }
  }

  async #guess(params: MlpParams): Promise<void> {
    const { backend, features, examples, mixMatch, batchSize, rng } = this.#request;
    const { unlabelled, temperature } = mixMatch;
    if (unlabelled.length === 0) return;
    for (let i = batchSize; i < this.size; i++) this.#rows[i] = unlabelled[rng.int(unlabelled.length)]!;
    const rows = this.#rows.subarray(batchSize);
    const guesses = this.#targets.subarray(batchSize * examples.classes);
    await backend.predict(params, { features: features.data, columns: features.columns, rows }, guesses);
    scaledSoftmax(guesses, examples.classes, 1 / temperature);
  }

  #mix(): void {
    const { features, examples, mixMatch, rng } = this.#request;
    const { columns: D, data } = features;
    const K = examples.classes;
    const out = this.#mixed;
    const partner = rng.permutation(this.size);
    for (let i = 0; i < this.size; i++) {
      const l = drawBeta(mixMatch.alpha, rng);
      const share = Math.max(l, 1 - l);
      blend(data, this.#rows[i]! * D, this.#rows[partner[i]!]! * D, share, out.features, i * D, D);
      blend(this.#targets, i * K, partner[i]! * K, share, out.targets.probability, i * K, K);
      if (this.#noise) for (let d = 0; d < D; d++) out.features[i * D + d]! += this.#noise[d]! * rng.normal();
    }
  }
}

/** out = share · one + (1 - share) · two, of `length` numbers from the given places on. */
function blend(
  from: Float32Array,
  one: number,
  two: number,
  share: number,
  out: Float32Array,
  to: number,
  length: number,
): void {
  const rest = 1 - share;
  if (rest === 0) out.set(from.subarray(one, one + length), to);
  else for (let x = 0; x < length; x++) out[to + x] = share * from[one + x]! + rest * from[two + x]!;
}
