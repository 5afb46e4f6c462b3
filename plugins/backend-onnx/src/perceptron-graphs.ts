import type { Activation } from '@quorate/core';
import { Graph } from './onnx-graph.js';

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/** Names of the state of a training: `w0 b0 w1 b1 ...`, and of each its two moments. */
export const parameterNames = (depth: number): string[] =>
  Array.from({ length: depth }, (_, l) => [`w${l}`, `b${l}`]).flat();
export const stateNames = (depth: number): string[] =>
  parameterNames(depth).flatMap((name) => [name, `${name}.moment1`, `${name}.moment2`]);

/** Shape of a parameter and of its moments in names of sizes: `[in, out]` of a layer's weights, `[out]` of its biases. */
const shapeOf = (name: string): string[] => {
  const layer = Number.parseInt(name.slice(1), 10);
  return name.startsWith('w') ? [`width${layer}`, `width${layer + 1}`] : [`width${layer + 1}`];
};

const operators: Readonly<Record<Activation, string>> = { tanh: 'Tanh', relu: 'Relu', sigmoid: 'Sigmoid' };

/** The slope of a nonlinearity out of its value h. */
function slopeOf(graph: Graph, activation: Activation, h: string): string {
  if (activation === 'relu') return graph.op('Sign', [h]);
  if (activation === 'sigmoid') return graph.op('Mul', [h, graph.op('Sub', [graph.constant('float', 1), h])]);
  return graph.op('Sub', [graph.constant('float', 1), graph.op('Mul', [h, h])]);
}

/** Values of every layer: the input, the hidden ones, the logits. `activations`: one for each hidden layer. */
function forward(graph: Graph, activations: readonly Activation[], x: string): string[] {
  const depth = activations.length + 1;
  const values = [x];
  for (let l = 0; l < depth; l++) {
    const sum = graph.op('Gemm', [values[l]!, `w${l}`, `b${l}`]);
    values.push(l < depth - 1 ? graph.op(operators[activations[l]!], [sum]) : sum);
  }
  return values;
}

/**
 * Logits of a perceptron with these nonlinearities in its hidden layers.
 *
 * `x` rows×D, `w0`, `b0`, ... → `logits` rows×K.
 */
export function predictionModel(activations: readonly Activation[]): Uint8Array {
  const depth = activations.length + 1;
  const graph = new Graph('predict');
  const x = graph.input('x', 'float', ['rows', 'width0']);
  for (const name of parameterNames(depth)) graph.input(name, 'float', shapeOf(name));
  graph.op('Identity', [forward(graph, activations, x).at(-1)!], {}, 'logits');
  graph.output('logits', 'float', ['rows', `width${depth}`]);
  return graph.model();
}

/**
 * Some steps of Adam on the mean cross entropy of minibatches, as one loop.
 *
 * Inputs: `steps` (int64), `features` n×D, `rows` and `labels` steps×batch (rows of `features`), `classes` (K), `share`
 * (1 / batch), `decay` (of L2, added to the gradients of weights and biases before the moments), `rate` and `epsilon`
 * (per step, of `adamScales`), and the state. Outputs: the state, names followed by `'`.
 *
 * With `soft`, in place of `labels` and `classes`: `targets` m×K, `crossEntropy` and `squared` m×1, and `positions`
 * steps×batch (rows of those three).
 *
 * The moments are kept without the factors 1 - β: M = β₁M + g, V = β₂V + g². The factors are in the scales.
 */
export function trainingModel(activations: readonly Activation[], soft: boolean): Uint8Array {
  const depth = activations.length + 1;
  const graph = new Graph('train');
  const steps = graph.input('steps', 'int64', []);
  graph.input('features', 'float', ['n', 'width0']);
  graph.input('rows', 'int32', ['steps', 'batch']);
  if (soft) {
    graph.input('positions', 'int32', ['steps', 'batch']);
    graph.input('targets', 'float', ['m', `width${depth}`]);
    for (const name of ['crossEntropy', 'squared']) graph.input(name, 'float', ['m', 1]);
  } else {
    graph.input('labels', 'int32', ['steps', 'batch']);
    graph.input('classes', 'int32', []);
  }
  for (const name of ['share', 'decay']) graph.input(name, 'float', []);
  for (const name of ['rate', 'epsilon']) graph.input(name, 'float', ['steps']);
  const state = stateNames(depth);
  for (const name of state) graph.input(`${name}°`, 'float', shapeOf(name));
  graph.node(
    'Loop',
    [steps, '', ...state.map((name) => `${name}°`)],
    state.map((name) => `${name}'`),
    {
      body: trainingStep(activations, soft),
    },
  );
  for (const name of state) graph.output(`${name}'`, 'float', shapeOf(name));
  return graph.model();
}

function trainingStep(activations: readonly Activation[], soft: boolean): Graph {
  const depth = activations.length + 1;
  const body = new Graph('step');
  const step = body.input('step', 'int64', []);
  const more = body.input('more', 'bool', []);
  for (const name of stateNames(depth)) body.input(name, 'float', shapeOf(name));
  const x = body.op('Gather', ['features', body.op('Gather', ['rows', step])]);
  const values = forward(body, activations, x);
  const probability = body.op('Softmax', [values[depth]!], { axis: -1 });

  body.op('Identity', [more], {}, 'more.next');
  body.output('more.next', 'bool', []);
  const firstAxis = body.constant('int64', [0]);
  const adam = adamUpdate(body, step);
  /** dL / d(input of the layer's nonlinearity), rows×out, from the last layer down. */
  let delta = body.op('Mul', [(soft ? targetSlope : labelSlope)(body, step, probability), 'share']);
  for (let l = depth - 1; l >= 0; l--) {
    const [weight, bias] = [`w${l}`, `b${l}`];
    const below = values[l]!;
    adam(weight, body.op('Gemm', [below, delta, body.op('Mul', [weight, 'decay'])], { transA: 1 }));
    const biasDelta = body.op('ReduceSum', [delta, firstAxis], { keepdims: 0 });
    adam(bias, body.op('Add', [biasDelta, body.op('Mul', [bias, 'decay'])]));
    if (l === 0) break;
    const slope = slopeOf(body, activations[l - 1]!, below);
    delta = body.op('Mul', [body.op('Gemm', [delta, weight], { transB: 1 }), slope]);
  }
  for (const name of stateNames(depth)) body.output(`${name}.next`, 'float', shapeOf(name));
  return body;
}

/** Gradient of the cross entropy of labels with respect to the logits: p - onehot. */
function labelSlope(body: Graph, step: string, probability: string): string {
  const truth = body.op('OneHot', [body.op('Gather', ['labels', step]), 'classes', body.constant('float', [0, 1])]);
  return body.op('Sub', [probability, truth]);
}

/** Gradient of the loss of targets, with e = p - t: crossEntropy · e + 2 · squared · p ∘ (e - Σ_k p_k e_k). */
function targetSlope(body: Graph, step: string, probability: string): string {
  const at = body.op('Gather', ['positions', step]);
  const of = (name: string): string => body.op('Gather', [name, at]);
  const miss = body.op('Sub', [probability, of('targets')]);
  const mean = body.op('ReduceSum', [body.op('Mul', [probability, miss]), body.constant('int64', [1])], {
    keepdims: 1,
  });
  const curved = body.op('Mul', [probability, body.op('Sub', [miss, mean])]);
  const twice = body.op('Mul', [of('squared'), body.constant('float', 2)]);
  return body.op('Add', [body.op('Mul', [of('crossEntropy'), miss]), body.op('Mul', [twice, curved])]);
}

/** Adds the nodes that turn a parameter and its gradient into the next parameter and moments. */
function adamUpdate(body: Graph, step: string): (parameter: string, gradient: string) => void {
  const [beta1, beta2] = [body.constant('float', BETA1), body.constant('float', BETA2)];
  const rate = body.op('Gather', ['rate', step]);
  const epsilon = body.op('Gather', ['epsilon', step]);
  return (parameter, gradient) => {
    const [moment1, moment2] = [`${parameter}.moment1`, `${parameter}.moment2`];
    const square = body.op('Mul', [gradient, gradient]);
    const first = body.op('Add', [body.op('Mul', [moment1, beta1]), gradient], {}, `${moment1}.next`);
    const second = body.op('Add', [body.op('Mul', [moment2, beta2]), square], {}, `${moment2}.next`);
    const root = body.op('Add', [body.op('Sqrt', [second]), epsilon]);
    const move = body.op('Div', [body.op('Mul', [first, rate]), root]);
    body.op('Sub', [parameter, move], {}, `${parameter}.next`);
  };
}

/**
 * What Adam [Kingma15, algorithm 1] multiplies by at steps `done` + 1, `done` + 2, ..., for moments kept without 1 - β:
 *
 *     rate m̂ / (√v̂ + ε) = rate[t] M / (√V + epsilon[t]),   m̂ = (1-β₁)M / (1-β₁^t),   v̂ = (1-β₂)V / (1-β₂^t)
 */
export function adamScales(
  done: number,
  steps: number,
  learningRate: number,
): { rate: Float32Array; epsilon: Float32Array } {
  const [rate, epsilon] = [new Float32Array(steps), new Float32Array(steps)];
  for (let s = 0; s < steps; s++) {
    const t = done + s + 1;
    const root = Math.sqrt((1 - BETA2) / (1 - BETA2 ** t));
    rate[s] = (learningRate * (1 - BETA1)) / (1 - BETA1 ** t) / root;
    epsilon[s] = EPSILON / root;
  }
  return { rate, epsilon };
}
