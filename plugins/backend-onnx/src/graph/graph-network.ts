import { Graph } from '../onnx-graph.js';
import type { Differentiable, Parameter } from '../training-graph.js';
import { elementwise } from './elementwise.js';
import { matrices } from './matrices.js';
import { numbersOf, sizesOf, unfit, type ForwardModel, type Node, type Numbers } from './read-model.js';
import { ROWS, shapeText, type Emitted, type Operator, type Value } from './value.js';

const operators: Readonly<Record<string, Operator>> = { ...elementwise, ...matrices };

interface Step extends Emitted {
  readonly inputs: readonly Value[];
}

/**
 * A network of any form that can be trained on rows of features: a forward pass out of operators of which each has a
 * gradient here. The initializers that are floats with at least one axis are its weights; single numbers and nodes of type
 * Constant stay as they are. A softmax at the end is left out: what is before it are the logits.
 */
export class GraphNetwork implements Differentiable {
  readonly parameters: readonly (Parameter & { readonly shape: readonly number[] })[];
  /** The numbers of each parameter in the model. */
  readonly start: readonly Float32Array[];
  readonly #nodes: readonly Node[];
  readonly #logits: string;
  readonly #trained = new Map<string, string>();

  /** Throws DATA_INVALID for a network that cannot be trained, with the operator that is to blame. */
  constructor(
    private readonly name: string,
    private readonly model: ForwardModel,
    private readonly columns: number,
    classes: number,
  ) {
    const makers = new Map(model.nodes.flatMap((node) => node.output.map((output) => [output, node] as const)));
    let logits = model.output.name;
    for (let last = makers.get(logits); last && endings.has(last.opType); last = makers.get(logits))
      logits = last.input[0]!;
    this.#logits = logits;
    const needed = new Set<Node>();
    const names = new Set<string>();
    const visit = (value: string): void => {
      names.add(value);
      const node = makers.get(value);
      if (!node || needed.has(node)) return;
      needed.add(node);
      node.input.forEach(visit);
    };
    visit(logits);
    this.#nodes = model.nodes.filter((node) => needed.has(node));
    const used = [...model.initializers].filter(
      ([key, { shape, isFloat }]) => isFloat && shape.length > 0 && names.has(key),
    );
    used.forEach(([key], p) => this.#trained.set(key, `p${p}`));
    this.parameters = used.map(([, { shape }], p) => ({ name: `p${p}`, shape }));
    this.start = used.map(([, { data }]) => data);
    this.#check(classes);
  }

  /** Adds all nodes to a graph that nobody needs: what does not fit throws. */
  #check(classes: number): void {
    const sizes = sizesOf(this.model.input);
    const [width, rank] = [sizes?.at(-1) ?? null, sizes?.length ?? 2];
    if (rank !== 2 || (width !== null && width !== this.columns)) {
      const got = `[${sizes?.map((size) => size ?? 'rows').join(', ') ?? ''}]`;
      throw unfit(this.name, `an input of ${this.columns} features a row`, got, 'Make the network for these features.');
    }
    const { logits, backward } = this.#emit(new Graph('check'), 'x');
    if (logits.shape.join() !== [ROWS, classes].join()) {
      const fix = 'Make the last layer as wide as there are classes.';
      throw unfit(this.name, `logits of shape [rows, ${classes}]`, shapeText(logits.shape), fix);
    }
    const moved = new Set<string>();
    backward('delta', (parameter) => moved.add(parameter));
    if (moved.size < this.parameters.length || moved.size === 0) {
      const still = [...this.#trained].find(([, p]) => !moved.has(p))?.[0];
      const got = still === undefined ? 'none' : `"${still}", which the logits do not depend on smoothly`;
      throw unfit(this.name, 'weights to train', got, 'Keep the weights in the file as initializers.');
    }
  }

  forward(graph: Graph, x: string): ReturnType<Differentiable['forward']> {
    const { logits, backward } = this.#emit(graph, x);
    return {
      logits: logits.name,
      backward: (delta, gradient) =>
        backward(delta, (parameter, value) =>
          gradient(parameter, graph.op('Add', [value, graph.op('Mul', [parameter, 'decay'])])),
        ),
    };
  }

  #emit(
    graph: Graph,
    x: string,
  ): { logits: Value; backward: (delta: string, gradient: (parameter: string, value: string) => void) => void } {
    const values = new Map<string, Value>([
      [this.model.input.name, { name: x, shape: [ROWS, this.columns], trained: false }],
    ]);
    const steps: Step[] = [];
    for (const node of this.#nodes) {
      if (node.opType === 'Constant') {
        values.set(node.output[0]!, this.#constant(graph, numbersOfConstant(this.name, node)));
        continue;
      }
      const given = node.input.slice(0, node.input.findLastIndex((name) => name !== '') + 1);
      const inputs = given.map((name) => this.#input(graph, values, `operator ${node.opType}`, name));
      const refuse = (expected: string, got: string): never => {
        const where = `${this.name}, operator ${node.opType}${node.name ? ` "${node.name}"` : ''}`;
        throw unfit(where, expected, got, 'Take it out of the network, or write it with other operators.');
      };
      const operator = node.domain === '' || node.domain === 'ai.onnx' ? operators[node.opType] : undefined;
      if (!operator) throw this.#unknown(node);
      if (inputs.length < (twoInputs.has(node.opType) ? 2 : 1)) refuse('its inputs', `${inputs.length} of them`);
      const emitted = operator({ graph, node, inputs, refuse });
      const trained = inputs.some((one) => one.trained);
      values.set(node.output[0]!, { name: emitted.name, shape: emitted.shape, trained });
      if (trained) steps.push({ ...emitted, inputs });
    }
    const logits = values.get(this.#logits) ?? this.#input(graph, values, 'output', this.#logits);
    return { logits, backward: (delta, gradient) => this.#backward(graph, steps, logits, delta, gradient) };
  }

  #backward(
    graph: Graph,
    steps: readonly Step[],
    logits: Value,
    delta: string,
    gradient: (parameter: string, value: string) => void,
  ): void {
    const deltas = new Map([[logits.name, delta]]);
    for (const { name, inputs, backward } of [...steps].reverse()) {
      const own = deltas.get(name);
      if (own === undefined) continue;
      inputs.forEach((input, at) => {
        // What passes its input on has one name with it, and one gradient.
        if (!input.trained || input.name === name) return;
        const more = backward(own, at);
        const before = deltas.get(input.name);
        deltas.set(input.name, before === undefined ? more : graph.op('Add', [before, more]));
      });
    }
    for (const { name } of this.parameters) if (deltas.has(name)) gradient(name, deltas.get(name)!);
  }

  #input(graph: Graph, values: Map<string, Value>, user: string, name: string): Value {
    const known = values.get(name);
    if (known) return known;
    if (name === '') return { name, shape: [], trained: false };
    const numbers = this.model.initializers.get(name);
    if (!numbers) {
      const where = `${this.name}, ${user}`;
      throw unfit(where, 'inputs that the graph has', `"${name}"`, 'Export the network again as ONNX.');
    }
    const trained = this.#trained.get(name);
    const value =
      trained === undefined ? this.#constant(graph, numbers) : { name: trained, shape: numbers.shape, trained: true };
    values.set(name, value);
    return value;
  }

  #constant(graph: Graph, numbers: Numbers): Value {
    const { shape, data } = numbers;
    return { name: graph.tensor(shape, data), shape, trained: false, numbers };
  }

  #unknown({ opType, domain }: Node): Error {
    const known = Object.keys(operators).sort().join(', ');
    const instead = opType === 'BatchNormalization' ? ' (LayerNormalization in place of BatchNormalization)' : '';
    const got = domain === '' || domain === 'ai.onnx' ? opType : `${domain}.${opType}`;
    return unfit(
      this.name,
      `operators that can be trained here: Constant, ${known}`,
      got,
      `Build the network out of these${instead}.`,
    );
  }
}

const twoInputs = new Set(['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Gemm', 'MatMul', 'LayerNormalization']);

/** Left out at the end: the learner has its own. */
const endings = new Set(['Softmax', 'LogSoftmax', 'Identity']);

function numbersOfConstant(model: string, { attribute }: Node): Numbers {
  const [given] = attribute;
  if (given?.t) return numbersOf(model, given.t);
  if (given?.name === 'value_float') return { shape: [], data: Float32Array.of(given.f), isFloat: true };
  if (given?.name === 'value_int') return { shape: [], data: Float32Array.of(given.i), isFloat: false };
  const list = given ? (given.name === 'value_ints' ? given.ints : given.floats) : [];
  return { shape: [list.length], data: Float32Array.from(list), isFloat: given?.name === 'value_floats' };
}
