import { Message } from './protobuf.js';

/** Element types by their number in `TensorProto.DataType`. */
const elementTypes = { float: 1, int32: 6, int64: 7, bool: 9 } as const;
export type ElementType = keyof typeof elementTypes;

/** A number, or the name of a size that is known when the graph runs. */
export type Dimension = number | string;

/** Integers, lists of integers, texts, floats, and the bodies of loops: no operator here has others. */
export type Attribute = number | readonly number[] | string | { readonly float: number } | Graph;

const IR_VERSION = 8;
const OPSET = 17;
const attributeTypes = { float: 1, int: 2, text: 3, graph: 5, ints: 7 } as const;

/**
 * An ONNX graph under construction. Values are known by name; a graph within another sees the outer one's values, so
 * names start with the graph's own.
 *
 * Field numbers are those of onnx.proto (IR version 8).
 */
export class Graph {
  readonly #name: string;
  readonly #nodes: Message[] = [];
  readonly #initializers: Message[] = [];
  readonly #inputs: Message[] = [];
  readonly #outputs: Message[] = [];
  #values = 0;

  constructor(name: string) {
    this.#name = name;
  }

  input(name: string, type: ElementType, shape: readonly Dimension[]): string {
    this.#inputs.push(valueInfo(name, type, shape));
    return name;
  }

  output(name: string, type: ElementType, shape: readonly Dimension[]): void {
    this.#outputs.push(valueInfo(name, type, shape));
  }

  /** A constant: a scalar for a number, a vector for a list. */
  constant(type: 'float' | 'int64', value: number | readonly number[]): string {
    const list = typeof value === 'number' ? [value] : value;
    const data = type === 'float' ? Float32Array.from(list) : BigInt64Array.from(list, BigInt);
    const shape = typeof value === 'number' ? [] : [list.length];
    return this.#initializer(this.#fresh(), type, shape, new Uint8Array(data.buffer));
  }

  /** Numbers of any shape, row-major: in a network that a learner trains, the weights to start from. */
  tensor(shape: readonly number[], data: Float32Array): string {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return this.#initializer(this.#fresh(), 'float', shape, bytes);
  }

  /** Adds a node with one output, named `as` where the name matters; '' leaves an optional input out. */
  op(
    type: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    as?: string,
  ): string {
    const output = as ?? this.#fresh();
    this.node(type, inputs, [output], attributes);
    return output;
  }

  node(
    type: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): void {
    const node = new Message();
    for (const input of inputs) node.text(1, input);
    for (const output of outputs) node.text(2, output);
    node.text(4, type);
    for (const [name, value] of Object.entries(attributes)) node.message(5, attribute(name, value));
    this.#nodes.push(node);
  }

  /** The bytes of a model file with this graph. */
  model(): Uint8Array {
    const opset = new Message().text(1, '').int(2, OPSET);
    return new Message().int(1, IR_VERSION).message(7, this.message()).message(8, opset).encode();
  }

  message(): Message {
    const graph = new Message();
    for (const node of this.#nodes) graph.message(1, node);
    graph.text(2, this.#name);
    for (const initializer of this.#initializers) graph.message(5, initializer);
    for (const input of this.#inputs) graph.message(11, input);
    for (const output of this.#outputs) graph.message(12, output);
    return graph;
  }

  #initializer(name: string, type: ElementType, shape: readonly number[], bytes: Uint8Array): string {
    const tensor = new Message();
    for (const size of shape) tensor.int(1, size);
    this.#initializers.push(tensor.int(2, elementTypes[type]).text(8, name).bytes(9, bytes));
    return name;
  }

  #fresh(): string {
    return `${this.#name}/${this.#values++}`;
  }
}

function attribute(name: string, value: Attribute): Message {
  const message = new Message().text(1, name);
  if (typeof value === 'number') return message.int(3, value).int(20, attributeTypes.int);
  if (typeof value === 'string') return message.text(4, value).int(20, attributeTypes.text);
  if (value instanceof Graph) return message.message(6, value.message()).int(20, attributeTypes.graph);
  if ('float' in value) return message.float(2, value.float).int(20, attributeTypes.float);
  for (const one of value) message.int(8, one);
  return message.int(20, attributeTypes.ints);
}

function valueInfo(name: string, type: ElementType, shape: readonly Dimension[]): Message {
  const dimensions = new Message();
  for (const size of shape) {
    dimensions.message(1, typeof size === 'number' ? new Message().int(1, size) : new Message().text(2, size));
  }
  const tensor = new Message().int(1, elementTypes[type]).message(2, dimensions);
  return new Message().text(1, name).message(2, new Message().message(1, tensor));
}
