import {
  defineComponent,
  type Activation,
  type FitWatch,
  type LearnerBackend,
  type MlpParams,
  type MlpSpec,
  type Rows,
  type Targets,
} from '@quorate/core';
import { softmax, multiplyMatrices } from '@quorate/core/numbers';
import { z } from 'zod';
import { backwardInput, backwardWeights, forwardLayer } from './dense-layer.js';

const [BETA1, BETA2, EPSILON] = [0.9, 0.999, 1e-8];
const PREDICTED_AT_ONCE = 256;

/** Each nonlinearity, and its slope out of its own value. */
const activate: Readonly<Record<Activation, readonly [(h: number) => number, (value: number) => number]>> = {
  tanh: [Math.tanh, (y) => 1 - y * y],
  relu: [(h) => (h > 0 ? h : 0), (y) => (y > 0 ? 1 : 0)],
  sigmoid: [(h) => 1 / (1 + Math.exp(-h)), (y) => y * (1 - y)],
};

/** Weights and biases alternately, with gradients and Adam's moments, in double precision. */
class Network {
  readonly tensors: readonly Float64Array[];
  readonly gradients: readonly Float64Array[];
  readonly #first: readonly Float64Array[];
  readonly #second: readonly Float64Array[];
  readonly #activations: Pick<MlpParams, 'activations'>;
  /** Input, hidden layers after their nonlinearity, logits: each rows×width. */
  readonly #layers: readonly Float64Array[];
  readonly #deltas: readonly Float64Array[];

  /** @param rows Most rows at once. */
  constructor({ weights, biases, ...activations }: MlpParams, columns: number, rows: number, training: boolean) {
    this.tensors = weights.flatMap((w, l) => [Float64Array.from(w), Float64Array.from(biases[l]!)]);
    this.#activations = activations;
    const empty = (): readonly Float64Array[] => (training ? this.tensors.map((t) => new Float64Array(t.length)) : []);
    [this.gradients, this.#first, this.#second] = [empty(), empty(), empty()];
    const widths = [columns, ...biases.map((b) => b.length)];
    this.#layers = widths.map((width) => new Float64Array(width * rows));
    this.#deltas = training ? widths.map((width) => new Float64Array(width * rows)) : [];
  }

  /** @returns the logits, n×K; overwritten by the next call. */
  forward({ features, columns, rows }: Rows, at: ArrayLike<number>, n: number): Float64Array {
    const input = this.#layers[0]!;
    for (let i = 0; i < n; i++) {
      const start = rows[at[i]!]! * columns;
      for (let d = 0; d < columns; d++) input[i * columns + d] = features[start + d]!;
    }
    const last = this.#layers.length - 1;
    for (let l = 0; l < last; l++) {
      const out = this.#layers[l + 1]!;
      const bias = this.tensors[2 * l + 1]!;
      forwardLayer(this.#layers[l]!, this.tensors[2 * l]!, bias, out, n);
      const [activated] = this.#activationOf(l);
      if (l + 1 < last) for (let x = 0; x < n * bias.length; x++) out[x] = activated(out[x]!);
    }
    return this.#layers[last]!;
  }

  /** Gradient of the mean loss of the rows that `forward` saw last. */
  backward({ labels, targets }: Rows, at: ArrayLike<number>, n: number): void {
    const last = this.#layers.length - 1;
    const logits = this.#layers[last]!;
    const K = this.tensors.at(-1)!.length;
    const top = this.#deltas[last]!;
    for (let i = 0; i < n; i++) {
      softmax(logits, i * K, K);
      if (targets) lossSlope(logits, i * K, K, targets, at[i]!);
      else logits[i * K + labels![at[i]!]!]! -= 1;
      for (let x = i * K; x < (i + 1) * K; x++) top[x] = logits[x]! / n;
    }
    for (const gradient of this.gradients) gradient.fill(0);
    for (let l = last - 1; l >= 0; l--) {
      const [below, delta] = [this.#layers[l]!, this.#deltas[l + 1]!];
      backwardWeights(below, delta, this.gradients[2 * l]!, this.gradients[2 * l + 1]!, n);
      if (l === 0) break;
      const through = this.#deltas[l]!;
      backwardInput(delta, this.tensors[2 * l]!, through, n, this.tensors[2 * l + 1]!.length);
      const [, slope] = this.#activationOf(l - 1);
      for (let x = 0; x < through.length; x++) through[x]! *= slope(below[x]!);
    }
  }

  /** One step of Adam with L2 in the gradient. @param step From 1. */
  update({ learningRate, weightDecay }: MlpSpec, step: number): void {
    const [unbias1, unbias2] = [1 - BETA1 ** step, 1 - BETA2 ** step];
    for (const [t, tensor] of this.tensors.entries()) {
      const [gradient, first, second] = [this.gradients[t]!, this.#first[t]!, this.#second[t]!];
      for (let x = 0; x < tensor.length; x++) {
        const g = gradient[x]! + weightDecay * tensor[x]!;
        first[x] = BETA1 * first[x]! + (1 - BETA1) * g;
        second[x] = BETA2 * second[x]! + (1 - BETA2) * g * g;
        tensor[x]! -= (learningRate * first[x]!) / unbias1 / (Math.sqrt(second[x]! / unbias2) + EPSILON);
      }
    }
  }

  #activationOf(hidden: number): (typeof activate)[Activation] {
    return activate[this.#activations.activations?.[hidden] ?? 'tanh'];
  }

  params(): MlpParams {
    const singles = this.tensors.map((tensor) => Float32Array.from(tensor));
    return {
      weights: singles.filter((_, t) => t % 2 === 0),
      biases: singles.filter((_, t) => t % 2 === 1),
      ...this.#activations,
    };
  }
}

/**
 * Turns a row of probabilities p into the gradient of its loss with respect to the logits, with e = p - t:
 *
 *     crossEntropy · e + 2 · squared · p ∘ (e - Σ_k p_k e_k)
 */
function lossSlope(p: Float64Array, start: number, K: number, targets: Targets, row: number): void {
  const { probability: t, crossEntropy, squared } = targets;
  let mean = 0;
  for (let k = 0; k < K; k++) mean += p[start + k]! * (p[start + k]! - t[row * K + k]!);
  for (let k = 0; k < K; k++) {
    const e = p[start + k]! - t[row * K + k]!;
    p[start + k] = crossEntropy[row]! * e + 2 * squared[row]! * p[start + k]! * (e - mean);
  }
}

/** The contract in plain TypeScript: slow, without a dependency. */
export const referenceBackend: LearnerBackend = {
  name: 'reference',
  fit: async (spec, given, start, batches, batchSize, watch?: FitWatch) => {
    let data = given;
    const network = new Network(start, given.columns, batchSize, true);
    const steps = batches.length / batchSize;
    for (let step = 1; step <= steps; step++) {
      const at = batches.subarray((step - 1) * batchSize, step * batchSize);
      network.forward(data, at, batchSize);
      network.backward(data, at, batchSize);
      network.update(spec, step);
      const look = watch && (step % watch.every === 0 || step === steps);
      const next = look ? await watch.onChunk(step, network.params()) : true;
      if (next === false) break;
      if (typeof next === 'object') data = next;
    }
    return network.params();
  },
  predict: async (params, data, out) => {
    const network = new Network(params, data.columns, PREDICTED_AT_ONCE, false);
    const K = params.biases.at(-1)!.length;
    const at = new Int32Array(PREDICTED_AT_ONCE);
    for (let from = 0; from < data.rows.length; from += PREDICTED_AT_ONCE) {
      const n = Math.min(PREDICTED_AT_ONCE, data.rows.length - from);
      for (let i = 0; i < n; i++) at[i] = from + i;
      out.set(network.forward(data, at, n).subarray(0, n * K), from * K);
    }
  },
  product: async (...args) => multiplyMatrices(...args),
  dispose: async () => undefined,
};

export default defineComponent({
  kind: 'learnerBackend',
  name: 'reference',
  summary: 'plain TypeScript, without any dependency; for small data and for tests',
  options: z.strictObject({}),
  create: () => referenceBackend,
});
