import type { MlpParams, Rng } from '@quorate/core';
import { countClasses, type Examples } from './examples.js';

/** Weights and biases uniform in ±1/√(inputs of the layer), as torch's linear layers start. */
export function initialParams(layers: readonly number[], rng: Rng): MlpParams {
  const weights: Float32Array[] = [];
  const biases: Float32Array[] = [];
  for (let l = 1; l < layers.length; l++) {
    const bound = 1 / Math.sqrt(layers[l - 1]!);
    weights.push(uniform(layers[l - 1]! * layers[l]!, bound, rng));
    biases.push(uniform(layers[l]!, bound, rng));
  }
  return { weights, biases };
}

function uniform(length: number, bound: number, rng: Rng): Float32Array {
  const values = new Float32Array(length);
  for (let x = 0; x < length; x++) values[x] = bound * (2 * rng.uniform() - 1);
  return values;
}

/**
 * `count` draws with replacement out of the training examples, classes alike: an example of class k is drawn with
 * probability proportional to its weight / number of training examples of k.
 * @returns positions in `train`.
 */
export function drawBalanced(examples: Examples, train: Int32Array, count: number, rng: Rng): Int32Array {
  const counts = countClasses(examples, train);
  const weights = new Float64Array(train.length);
  for (let x = 0; x < train.length; x++) {
    const at = train[x]!;
    weights[x] = examples.weights[at]! / counts[examples.labels[at]!]!;
  }
  return rng.draw(weights, count);
}
