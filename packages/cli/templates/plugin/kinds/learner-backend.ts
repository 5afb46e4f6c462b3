import { defineComponent, type Activation, type LearnerBackend, type MlpParams, type Rows } from '@quorate/core';
import { multiplyMatrices, softmax } from '@quorate/core/numbers';
import { z } from 'zod';

const options = z.strictObject({});

/** Each nonlinearity, and its slope out of its own value. */
const nonlinearities: Readonly<Record<Activation, readonly [(h: number) => number, (y: number) => number]>> = {
  tanh: [Math.tanh, (y) => 1 - y * y],
  relu: [(h) => Math.max(0, h), (y) => (y > 0 ? 1 : 0)],
  sigmoid: [(h) => 1 / (1 + Math.exp(-h)), (y) => y * (1 - y)],
};

/** A layer in double precision: weights [in][out] and biases, behind each other. */
interface Layer {
  readonly from: number;
  readonly to: number;
  readonly values: Float64Array;
  readonly nonlinearity: (typeof nonlinearities)[Activation] | null;
}

/**
 * Where a learner computes. THE LOOPS BELOW ARE YOURS TO REPLACE: by a library, native code, a GPU, ...
 *
 * - `fit` trains a network from the weights `start`: one step of Adam (0.9, 0.999, 1e-8; the weight decay is added to the
 *   gradient) for each `batchSize` positions of `batches`, which point into `data.rows`, which point into `features`
 * - `predict` writes logits, a row for each of `data.rows`; `product` multiplies two matrices
 *
 * What must hold: the same arguments give the same bytes, close to those of the reference backend; arguments are not
 * written to; `onChunk` sees the weights after every `every` steps and after the last, returns false to end the fit, or
 * rows to go on with; `dispose` may be called twice. A backend that cannot start here throws BACKEND_UNAVAILABLE out of
 * `create`, with the cause and the remedy, and imports there what may not be installed.
 */
export default defineComponent({
  kind: 'learnerBackend',
  name: 'my_part',
  summary: 'plain loops, one row at a time',
  options,
  create: (): LearnerBackend => ({
    name: 'my_part',
    fit: async (spec, given, start, batches, batchSize, watch) => {
      const layers = layersOf(start, given.columns);
      const empty = (): Float64Array[] => layers.map(({ values }) => new Float64Array(values.length));
      const [gradients, first, second] = [empty(), empty(), empty()];
      const steps = batches.length / batchSize;
      let data = given;
      for (let step = 1; step <= steps; step++) {
        for (const gradient of gradients) gradient.fill(0);
        for (const at of batches.subarray((step - 1) * batchSize, step * batchSize)) {
          const outputs = forward(layers, data, at);
          backward(layers, outputs, slopeOf(outputs.at(-1)!, data, at), batchSize, gradients);
        }
        layers.forEach(({ values }, l) => {
          const [gradient, m, v] = [gradients[l]!, first[l]!, second[l]!];
          for (let x = 0; x < values.length; x++) {
            const g = gradient[x]! + spec.weightDecay * values[x]!;
            m[x] = 0.9 * m[x]! + 0.1 * g;
            v[x] = 0.999 * v[x]! + 0.001 * g * g;
            const size = Math.sqrt(v[x]! / (1 - 0.999 ** step)) + 1e-8;
            values[x]! -= (spec.learningRate * m[x]!) / (1 - 0.9 ** step) / size;
          }
        });
        if (!watch || (step % watch.every !== 0 && step < steps)) continue;
        const next = await watch.onChunk(step, paramsOf(layers, start));
        if (next === false) break;
        if (typeof next === 'object') data = next;
      }
      return paramsOf(layers, start);
    },
    predict: async (params, data, out) => {
      const layers = layersOf(params, data.columns);
      data.rows.forEach((_, at) => {
        const logits = forward(layers, data, at).at(-1)!;
        out.set(logits, at * logits.length);
      });
    },
    product: async (left, right, out, transpose) => multiplyMatrices(left, right, out, transpose),
    dispose: async () => undefined,
  }),
});

function layersOf({ weights, biases, activations }: MlpParams, columns: number): Layer[] {
  return weights.map((matrix, l) => {
    const [from, to] = [biases[l - 1]?.length ?? columns, biases[l]!.length];
    const nonlinearity = l < weights.length - 1 ? nonlinearities[activations?.[l] ?? 'tanh'] : null;
    return { from, to, values: Float64Array.of(...matrix, ...biases[l]!), nonlinearity };
  });
}

function paramsOf(layers: readonly Layer[], { activations }: MlpParams): MlpParams {
  return {
    weights: layers.map(({ values, from, to }) => Float32Array.from(values.subarray(0, from * to))),
    biases: layers.map(({ values, from, to }) => Float32Array.from(values.subarray(from * to))),
    ...(activations ? { activations } : {}),
  };
}

/** The row at a position, then what every layer makes of it. */
function forward(layers: readonly Layer[], { features, columns, rows }: Rows, at: number): Float64Array[] {
  const outputs = [Float64Array.from(features.subarray(rows[at]! * columns, (rows[at]! + 1) * columns))];
  for (const { from, to, values, nonlinearity } of layers) {
    const input = outputs.at(-1)!;
    const out = values.slice(from * to);
    for (let x = 0; x < from; x++) for (let y = 0; y < to; y++) out[y]! += input[x]! * values[x * to + y]!;
    outputs.push(nonlinearity ? out.map(nonlinearity[0]) : out);
  }
  return outputs;
}

/** Gradient of a row's loss in its logits; `Targets` has the formula of the loss. */
function slopeOf(logits: Float64Array, { labels, targets }: Rows, at: number): Float64Array {
  const p = logits.slice();
  softmax(p);
  if (!targets) return p.map((x, k) => x - (k === labels![at] ? 1 : 0));
  const K = p.length;
  const miss = p.map((x, k) => x - targets.probability[at * K + k]!);
  const mean = miss.reduce((sum, e, k) => sum + p[k]! * e, 0);
  return miss.map((e, k) => targets.crossEntropy[at]! * e + 2 * targets.squared[at]! * p[k]! * (e - mean));
}

/** Adds a row's share of the mean gradient to `gradients`. */
function backward(
  layers: readonly Layer[],
  outputs: readonly Float64Array[],
  slope: Float64Array,
  batchSize: number,
  gradients: readonly Float64Array[],
): void {
  let delta = slope;
  for (let l = layers.length - 1; l >= 0; l--) {
    const [{ from, to, values }, input, gradient] = [layers[l]!, outputs[l]!, gradients[l]!];
    const below = new Float64Array(from);
    for (let y = 0; y < to; y++) gradient[from * to + y]! += delta[y]! / batchSize;
    for (let x = 0; x < from; x++) {
      for (let y = 0; y < to; y++) {
        gradient[x * to + y]! += (input[x]! * delta[y]!) / batchSize;
        below[x]! += values[x * to + y]! * delta[y]!;
      }
    }
    const nonlinearity = layers[l - 1]?.nonlinearity;
    delta = nonlinearity ? below.map((d, x) => d * nonlinearity[1](input[x]!)) : below;
  }
}
