import { multiplyMatrices, softmax } from '@quorate/core/numbers';
import {
  type Activation,
  type FitWatch,
  type LearnerBackend,
  type MlpParams,
  type MlpSpec,
  type Rows,
} from '@quorate/core';

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/** Each nonlinearity, and its slope out of its own value. */
const activate: Readonly<Record<Activation, readonly [(h: number) => number, (value: number) => number]>> = {
  tanh: [Math.tanh, (y) => 1 - y * y],
  relu: [(h) => Math.max(0, h), (y) => (y > 0 ? 1 : 0)],
  sigmoid: [(h) => 1 / (1 + Math.exp(-h)), (y) => y * (1 - y)],
};

/** Activations of one row: the input, every hidden layer, the logits. Double precision. */
function forward(
  { weights, biases, activations }: MlpParams,
  { features, columns, rows }: Rows,
  at: number,
): Float64Array[] {
  const start = rows[at]! * columns;
  const layers = [Float64Array.from(features.subarray(start, start + columns))];
  weights.forEach((matrix, l) => {
    const [from, bias] = [layers[l]!, biases[l]!];
    const to = Float64Array.from(bias);
    for (let x = 0; x < from.length; x++) {
      for (let y = 0; y < to.length; y++) to[y]! += from[x]! * matrix[x * to.length + y]!;
    }
    layers.push(l < weights.length - 1 ? to.map(activate[activations?.[l] ?? 'tanh'][0]) : to);
  });
  return layers;
}

/** Gradient of one row's loss with respect to its logits. Double precision. */
function slope(logits: Float64Array, { labels, targets }: Rows, at: number): Float64Array {
  const p = logits.slice();
  softmax(p);
  if (!targets) return p.map((x, k) => x - (k === labels![at] ? 1 : 0));
  const miss = p.map((x, k) => x - targets.probability[at * p.length + k]!);
  const mean = miss.reduce((sum, e, k) => sum + p[k]! * e, 0);
  return miss.map((e, k) => targets.crossEntropy[at]! * e + 2 * targets.squared[at]! * p[k]! * (e - mean));
}

/** Adds the gradient of one row's loss, times `share`, to that of all weights and biases. */
function backward(
  params: MlpParams,
  layers: Float64Array[],
  slope: Float64Array,
  share: number,
  into: Float64Array[],
): void {
  let delta = slope;
  for (let l = params.weights.length - 1; l >= 0; l--) {
    const [from, matrix] = [layers[l]!, params.weights[l]!];
    const below = new Float64Array(from.length);
    for (let y = 0; y < delta.length; y++) into[2 * l + 1]![y]! += share * delta[y]!;
    for (let x = 0; x < from.length; x++) {
      for (let y = 0; y < delta.length; y++) {
        into[2 * l]![x * delta.length + y]! += share * from[x]! * delta[y]!;
        below[x]! += matrix[x * delta.length + y]! * delta[y]!;
      }
    }
    if (l === 0) break;
    const slopeAt = activate[params.activations?.[l - 1] ?? 'tanh'][1];
    delta = below.map((d, x) => d * slopeAt(from[x]!));
  }
}

function copyOf({ weights, biases, ...activations }: MlpParams): MlpParams {
  return { weights: weights.map((w) => w.slice()), biases: biases.map((b) => b.slice()), ...activations };
}

/** The contract in plain TypeScript: mean cross entropy of a minibatch, Adam, L2 added to the gradient of weights and biases. */
export function referenceBackend(): LearnerBackend {
  return {
    name: 'reference',
    fit: async (
      spec: MlpSpec,
      given: Rows,
      start: MlpParams,
      batches: Int32Array,
      batchSize: number,
      watch?: FitWatch,
    ) => {
      const params = copyOf(start);
      let data = given;
      const steps = batches.length / batchSize;
      const tensors = params.weights.flatMap((w, l) => [w, params.biases[l]!]);
      const state = tensors.map((t) => Float64Array.from(t));
      const [m, v] = [tensors.map((t) => new Float64Array(t.length)), tensors.map((t) => new Float64Array(t.length))];
      for (let step = 1; step <= steps; step++) {
        const gradient = tensors.map((t) => new Float64Array(t.length));
        for (const at of batches.subarray((step - 1) * batchSize, step * batchSize)) {
          const layers = forward(params, data, at);
          backward(params, layers, slope(layers.at(-1)!, data, at), 1 / batchSize, gradient);
        }
        tensors.forEach((tensor, t) => {
          for (let x = 0; x < tensor.length; x++) {
            const g = gradient[t]![x]! + spec.weightDecay * state[t]![x]!;
            m[t]![x] = BETA1 * m[t]![x]! + (1 - BETA1) * g;
            v[t]![x] = BETA2 * v[t]![x]! + (1 - BETA2) * g * g;
            const root = Math.sqrt(v[t]![x]! / (1 - BETA2 ** step)) + EPSILON;
            state[t]![x]! -= (spec.learningRate * m[t]![x]!) / (1 - BETA1 ** step) / root;
            tensor[x] = state[t]![x]!;
          }
        });
        const look = watch && (step % watch.every === 0 || step === steps);
        const next = look ? await watch.onChunk(step, copyOf(params)) : true;
        if (next === false) break;
        if (typeof next === 'object') data = next;
      }
      return params;
    },
    predict: async (params, data, out) => {
      for (let at = 0; at < data.rows.length; at++) {
        const logits = forward(params, data, at).at(-1)!;
        out.set(logits, at * logits.length);
      }
    },
    product: async (...args) => multiplyMatrices(...args),
    dispose: async () => undefined,
  };
}
