import type { Activation, MlpParams, MlpSpec } from '@quorate/core';
import type { Tensor2D, Tf } from './tf.js';

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/**
 * What Adam carries from step to step, one tensor per layer. The bias is the last row of a layer's matrix,
 * [in + 1][out], and every input has a last column of ones: half as many tensors, and no sums for the biases' gradients.
 */
export type AdamState = {
  theta: Tensor2D[];
  /** First and second moments of the gradient, before the correction of their bias. */
  mean: Tensor2D[];
  square: Tensor2D[];
};

/** Copies weights into tensors. The caller disposes of them. */
export function upload(tf: Tf, { weights, biases }: MlpParams): Tensor2D[] {
  return weights.map((matrix, l) => {
    const bias = biases[l]!;
    const both = new Float32Array(matrix.length + bias.length);
    both.set(matrix);
    both.set(bias, matrix.length);
    return tf.tensor2d(both, [both.length / bias.length, bias.length]);
  });
}

/** Copies tensors of `upload`'s form into weights. */
export async function download(theta: readonly Tensor2D[]): Promise<MlpParams> {
  const flat = await Promise.all(theta.map((tensor) => tensor.data<'float32'>()));
  const split = theta.map(({ shape: [rows, to] }) => (rows - 1) * to);
  return {
    weights: flat.map((both, l) => both.slice(0, split[l])),
    biases: flat.map((both, l) => both.slice(split[l])),
  };
}

/** Adam before its first step. */
export function initialState(tf: Tf, start: MlpParams): AdamState {
  const theta = upload(tf, start);
  return {
    theta,
    mean: theta.map((tensor) => tf.zerosLike(tensor)),
    square: theta.map((tensor) => tf.zerosLike(tensor)),
  };
}

/** Nonlinearities of the hidden layers; left out: tanh. */
export type Activations = readonly Activation[] | undefined;

/** σ(x W₁) of every hidden layer; x is n×(D+1), each result n×width, without the column of ones. */
function hiddenLayers(tf: Tf, theta: readonly Tensor2D[], activations: Activations, x: Tensor2D): Tensor2D[] {
  const hidden: Tensor2D[] = [];
  let input = x;
  for (const [l, matrix] of theta.slice(0, -1).entries()) {
    hidden.push(tf[activations?.[l] ?? 'tanh'](tf.matMul<Tensor2D>(input, matrix)));
    input = withOnes(tf, hidden.at(-1)!);
  }
  return hidden;
}

/** σ' out of the value h of σ. */
function slopeOf(tf: Tf, activation: Activation, h: Tensor2D): Tensor2D {
  if (activation === 'relu') return tf.step(h);
  return activation === 'sigmoid' ? tf.mul(h, tf.sub(1, h)) : tf.sub(1, tf.square(h));
}

function withOnes(tf: Tf, x: Tensor2D): Tensor2D {
  return tf.pad(
    x,
    [
      [0, 0],
      [0, 1],
    ],
    1,
  );
}

/** Logits n×K of the rows of x, n×(D+1) with ones in the last column. */
export function logits(tf: Tf, theta: readonly Tensor2D[], activations: Activations, x: Tensor2D): Tensor2D {
  const last = hiddenLayers(tf, theta, activations, x).at(-1);
  return tf.matMul(last ? withOnes(tf, last) : x, theta.at(-1)!);
}

/**
 * ∇θ of the mean loss of a minibatch, by hand; for labels, −(1/n) Σ ln softmax(logits)[label]:
 *
 *     δ_L = (softmax(z_L) − onehot) / n,   ∇θ_l = aₗᵀ δ_l,   δ_{l−1} = (δ_l W_lᵀ) ∘ σ'(h_{l−1}),   W = θ without biases
 *
 * Transposes are explicit and there is no automatic differentiation: matMul's transposing flags, which its gradients use
 * too, are ten times slower on WebAssembly.
 *
 * @param slope δ_L of softmax(z_L), both n×K.
 */
export function gradients(
  tf: Tf,
  theta: readonly Tensor2D[],
  activations: Activations,
  x: Tensor2D,
  slope: (probability: Tensor2D) => Tensor2D,
): Tensor2D[] {
  const hidden = hiddenLayers(tf, theta, activations, x);
  const inputs = [x, ...hidden.map((h) => withOnes(tf, h))];
  const found: Tensor2D[] = [];
  let delta = slope(tf.softmax(tf.matMul(inputs.at(-1)!, theta.at(-1)!)));
  for (let l = theta.length - 1; l >= 0; l--) {
    // (δᵀa)ᵀ and not aᵀδ: the features are by far the largest tensor, and stay as they are.
    found.unshift(tf.transpose(tf.matMul(tf.transpose(delta), inputs[l]!)));
    if (l === 0) break;
    const h = hidden[l - 1]!;
    const matrix = tf.slice(theta[l]!, [0, 0], [h.shape[1], -1]);
    delta = tf.mul(tf.matMul(delta, tf.transpose(matrix)), slopeOf(tf, activations?.[l - 1] ?? 'tanh', h));
  }
  return found;
}

/**
 * One step of Adam [KingmaBa15], with L2 added to the gradient g before the moments:
 *
 *     g ← g + λθ,  m ← β₁m + (1−β₁)g,  v ← β₂v + (1−β₂)g²,  θ ← θ − η (m / (1−β₁ᵗ)) / (√(v / (1−β₂ᵗ)) + ε)
 *
 * where both corrections are moved into the rate and into ε.
 *
 * @param step t, from 1. @returns new tensors; the old ones are the caller's to dispose of.
 */
export function adamStep(
  tf: Tf,
  { learningRate, weightDecay }: MlpSpec,
  state: AdamState,
  gradient: readonly Tensor2D[],
  step: number,
): AdamState {
  const root = Math.sqrt(1 - BETA2 ** step);
  const rate = (learningRate * root) / (1 - BETA1 ** step);
  const theta: Tensor2D[] = [];
  const mean: Tensor2D[] = [];
  const square: Tensor2D[] = [];
  gradient.forEach((slope, l) => {
    const old = state.theta[l]!;
    const g = weightDecay === 0 ? slope : tf.add<Tensor2D>(slope, tf.mul(old, weightDecay));
    const m = tf.add<Tensor2D>(tf.mul(state.mean[l]!, BETA1), tf.mul(g, 1 - BETA1));
    const v = tf.add<Tensor2D>(tf.mul(state.square[l]!, BETA2), tf.mul(tf.square(g), 1 - BETA2));
    const change = tf.div(tf.mul(m, rate), tf.add(tf.sqrt(v), EPSILON * root));
    theta.push(tf.sub(old, change));
    mean.push(m);
    square.push(v);
  });
  return { theta, mean, square };
}
