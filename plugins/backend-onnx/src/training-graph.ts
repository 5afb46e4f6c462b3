import { Graph, type Dimension } from './onnx-graph.js';

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/** A tensor of a network that training changes. */
export interface Parameter {
  readonly name: string;
  /** Sizes, or names of sizes that are known when the graph runs. */
  readonly shape: readonly Dimension[];
}

/** A network as a graph: its forward pass, and how gradients go back through it. */
export interface Differentiable {
  readonly parameters: readonly Parameter[];
  /** Adds the nodes that turn rows of features `x` into logits; parameters are known by their names. */
  forward(
    graph: Graph,
    x: string,
  ): {
    readonly logits: string;
    /**
     * Adds the nodes that turn the gradient with respect to the logits into that with respect to each parameter, the
     * parameter times `decay` (a value of the graph) added.
     */
    readonly backward: (delta: string, gradient: (parameter: string, value: string) => void) => void;
  };
}

/** Names of the state of a training: of each parameter itself and its two moments. */
export const stateOf = ({ parameters }: Differentiable): Parameter[] =>
  parameters.flatMap(({ name, shape }) =>
    [name, `${name}.moment1`, `${name}.moment2`].map((one) => ({ name: one, shape })),
  );

/** `x` rows×D and the parameters → `logits` rows×K. */
export function predictionModel(network: Differentiable): Uint8Array {
  const graph = new Graph('predict');
  const x = graph.input('x', 'float', ['rows', 'columns']);
  for (const { name, shape } of network.parameters) graph.input(name, 'float', shape);
  graph.op('Identity', [network.forward(graph, x).logits], {}, 'logits');
  graph.output('logits', 'float', ['rows', 'classes']);
  return graph.model();
}

/**
 * Some steps of Adam on the mean cross entropy of minibatches, as one loop.
 *
 * Inputs: `steps` (int64), `features` n×D, `rows` and `labels` steps×batch (rows of `features`), `classes` (K), `share`
 * (1 / batch), `decay` (of L2, added to the gradients of weights and biases before the moments), `rate` and `epsilon`
 * (per step, of `adamScales`), and the state, names followed by `°`. Outputs: the state, names followed by `'`.
 *
 * With `soft`, in place of `labels` and `classes`: `targets` m×K, `crossEntropy` and `squared` m×1, and `positions`
 * steps×batch (rows of those three).
 *
 * The moments are kept without the factors 1 - β: M = β₁M + g, V = β₂V + g². The factors are in the scales.
 */
export function trainingModel(network: Differentiable, soft: boolean): Uint8Array {
  const graph = new Graph('train');
  const steps = graph.input('steps', 'int64', []);
  graph.input('features', 'float', ['n', 'columns']);
  graph.input('rows', 'int32', ['steps', 'batch']);
  if (soft) {
    graph.input('positions', 'int32', ['steps', 'batch']);
    graph.input('targets', 'float', ['m', 'width']);
    for (const name of ['crossEntropy', 'squared']) graph.input(name, 'float', ['m', 1]);
  } else {
    graph.input('labels', 'int32', ['steps', 'batch']);
    graph.input('classes', 'int32', []);
  }
  for (const name of ['share', 'decay']) graph.input(name, 'float', []);
  for (const name of ['rate', 'epsilon']) graph.input(name, 'float', ['steps']);
  const state = stateOf(network);
  for (const { name, shape } of state) graph.input(`${name}°`, 'float', shape);
  graph.node(
    'Loop',
    [steps, '', ...state.map(({ name }) => `${name}°`)],
    state.map(({ name }) => `${name}'`),
    { body: trainingStep(network, state, soft) },
  );
  for (const { name, shape } of state) graph.output(`${name}'`, 'float', shape);
  return graph.model();
}

function trainingStep(network: Differentiable, state: readonly Parameter[], soft: boolean): Graph {
  const body = new Graph('step');
  const step = body.input('step', 'int64', []);
  const more = body.input('more', 'bool', []);
  for (const { name, shape } of state) body.input(name, 'float', shape);
  const x = body.op('Gather', ['features', body.op('Gather', ['rows', step])]);
  const { logits, backward } = network.forward(body, x);
  const probability = body.op('Softmax', [logits], { axis: -1 });

  body.op('Identity', [more], {}, 'more.next');
  body.output('more.next', 'bool', []);
  const slope = (soft ? targetSlope : labelSlope)(body, step, probability);
  backward(body.op('Mul', [slope, 'share']), adamUpdate(body, step));
  for (const { name, shape } of state) body.output(`${name}.next`, 'float', shape);
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
