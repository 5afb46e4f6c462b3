import type { Graph } from '../onnx-graph.js';
import type { Attribute, Node, Numbers } from './read-model.js';

/** The size of the first axis of whatever is made of the rows of features. */
export const ROWS = -1;

/** A value of a network, under the name that it has in the graph under construction. */
export interface Value {
  readonly name: string;
  /** `ROWS`, where it has it, comes first. */
  readonly shape: readonly number[];
  /** Whether a trained tensor is in it. */
  readonly trained: boolean;
  /** Of what is the same for every row and every step. */
  readonly numbers?: Numbers;
}

/** What an operator of a network became: its value, and how a gradient goes back through it. */
export interface Emitted {
  readonly shape: readonly number[];
  readonly name: string;
  /** Adds the gradient with respect to one input, in its shape, out of that with respect to the output. */
  readonly backward: (delta: string, input: number) => string;
}

/** What an operator may use. */
export interface Site {
  readonly graph: Graph;
  readonly node: Node;
  readonly inputs: readonly Value[];
  /** Refuses the operator. */
  readonly refuse: (expected: string, got: string) => never;
}

export type Operator = (site: Site) => Emitted;

export function attributeOf({ node }: Site, name: string): Attribute | undefined {
  return node.attribute.find((one) => one.name === name);
}
export const intOf = (site: Site, name: string, otherwise: number): number => attributeOf(site, name)?.i ?? otherwise;
export const floatOf = (site: Site, name: string, otherwise: number): number => attributeOf(site, name)?.f ?? otherwise;

/** The shape of two values put together element by element, as NumPy broadcasts. */
export function broadcast({ refuse }: Pick<Site, 'refuse'>, a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const [x, y] = [a[axis - rank + a.length] ?? 1, b[axis - rank + b.length] ?? 1];
    if (x !== y && x !== 1 && y !== 1) refuse('shapes that fit', `${shapeText(a)} and ${shapeText(b)}`);
    return x === 1 ? y : x;
  });
}

export const shapeText = (shape: readonly number[]): string =>
  `[${shape.map((size) => (size === ROWS ? 'rows' : size)).join(', ')}]`;

/** Adds up a gradient of shape `from` over the axes along which a value of shape `to` was repeated. */
export function sumTo(graph: Graph, delta: string, from: readonly number[], to: readonly number[]): string {
  const missing = from.length - to.length;
  const axes = [...from.keys()].filter((axis) => axis < missing || (to[axis - missing] === 1 && from[axis] !== 1));
  if (axes.length === 0) return delta;
  const sum = graph.op('ReduceSum', [delta, graph.constant('int64', axes)], { keepdims: 0 });
  return axes.length === missing ? sum : reshape(graph, sum, to);
}

export function reshape(graph: Graph, value: string, shape: readonly number[]): string {
  return graph.op('Reshape', [value, graph.constant('int64', shape)]);
}
