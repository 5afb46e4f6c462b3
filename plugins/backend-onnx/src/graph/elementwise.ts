import type { Graph } from '../onnx-graph.js';
import { broadcast, floatOf, attributeOf, sumTo, type Operator, type Site } from './value.js';

type Unary = (graph: Graph, x: string, site: Site) => { readonly y: string; readonly slope: () => string };

const constant = (graph: Graph, value: number): string => graph.constant('float', value);
const times = (graph: Graph, x: string, factor: number): string => graph.op('Mul', [x, constant(graph, factor)]);
const plus = (graph: Graph, x: string, term: number): string => graph.op('Add', [x, constant(graph, term)]);
/** 1 where x > 0, else 0. */
const isPositive = (graph: Graph, x: string): string => graph.op('Sign', [graph.op('Relu', [x])]);
/** `positive` where x > 0, else `other`. */
function choose(graph: Graph, x: string, positive: number, other: string): string {
  const at = isPositive(graph, x);
  const rest = graph.op('Mul', [graph.op('Sub', [constant(graph, 1), at]), other]);
  return graph.op('Add', [times(graph, at, positive), rest]);
}

/** y = f(x) and dy/dx, of each element. */
const unary: Readonly<Record<string, Unary>> = {
  Relu: (g, x) => {
    const y = g.op('Relu', [x]);
    return { y, slope: () => g.op('Sign', [y]) };
  },
  Tanh: (g, x) => {
    const y = g.op('Tanh', [x]);
    return { y, slope: () => g.op('Sub', [constant(g, 1), g.op('Mul', [y, y])]) };
  },
  Sigmoid: (g, x) => {
    const y = g.op('Sigmoid', [x]);
    return { y, slope: () => g.op('Mul', [y, g.op('Sub', [constant(g, 1), y])]) };
  },
  LeakyRelu: (g, x, site) => {
    const alpha = floatOf(site, 'alpha', 0.01);
    const slope = (): string => plus(g, times(g, isPositive(g, x), 1 - alpha), alpha);
    return { y: g.op('LeakyRelu', [x], { alpha: { float: alpha } }), slope };
  },
  Elu: (g, x, site) => {
    const alpha = floatOf(site, 'alpha', 1);
    const y = g.op('Elu', [x], { alpha: { float: alpha } });
    return { y, slope: () => choose(g, x, 1, plus(g, y, alpha)) };
  },
  Selu: (g, x, site) => {
    const [alpha, gamma] = [floatOf(site, 'alpha', 1.6732632423543772), floatOf(site, 'gamma', 1.0507009873554805)];
    const y = g.op('Selu', [x], { alpha: { float: alpha }, gamma: { float: gamma } });
    return { y, slope: () => choose(g, x, gamma, plus(g, y, gamma * alpha)) };
  },
  Softplus: (g, x) => ({ y: g.op('Softplus', [x]), slope: () => g.op('Sigmoid', [x]) }),
  Softsign: (g, x) => {
    const y = g.op('Softsign', [x]);
    const root = (): string => g.op('Sub', [constant(g, 1), g.op('Abs', [y])]);
    return { y, slope: () => square(g, root()) };
  },
  Gelu: (g, x, site) => {
    const form = Buffer.from(attributeOf(site, 'approximate')?.s ?? []).toString();
    return form === 'tanh' ? tanhGelu(g, x) : gelu(g, x);
  },
  Erf: (g, x) => ({ y: g.op('Erf', [x]), slope: () => bell(g, x, 1, 2 / Math.sqrt(Math.PI)) }),
  Exp: (g, x) => {
    const y = g.op('Exp', [x]);
    return { y, slope: () => y };
  },
  Log: (g, x) => ({ y: g.op('Log', [x]), slope: () => g.op('Reciprocal', [x]) }),
  Sqrt: (g, x) => {
    const y = g.op('Sqrt', [x]);
    return { y, slope: () => g.op('Div', [constant(g, 0.5), y]) };
  },
  Neg: (g, x) => ({ y: g.op('Neg', [x]), slope: () => constant(g, -1) }),
  Abs: (g, x) => ({ y: g.op('Abs', [x]), slope: () => g.op('Sign', [x]) }),
  Reciprocal: (g, x) => {
    const y = g.op('Reciprocal', [x]);
    return { y, slope: () => g.op('Neg', [square(g, y)]) };
  },
};

const square = (g: Graph, x: string): string => g.op('Mul', [x, x]);
/** factor · exp(-rate · x²) */
const bell = (g: Graph, x: string, rate: number, factor: number): string =>
  times(g, g.op('Exp', [times(g, square(g, x), -rate)]), factor);

/** x Φ(x), and its slope Φ(x) + x φ(x). */
function gelu(g: Graph, x: string): ReturnType<Unary> {
  const share = times(g, plus(g, g.op('Erf', [times(g, x, Math.SQRT1_2)]), 1), 0.5);
  const density = (): string => bell(g, x, 0.5, 1 / Math.sqrt(2 * Math.PI));
  return { y: g.op('Mul', [x, share]), slope: () => g.op('Add', [share, g.op('Mul', [x, density()])]) };
}

/** x (1 + t) / 2 with t = tanh(c (x + 0.044715 x³)), c = √(2 / π). */
function tanhGelu(g: Graph, x: string): ReturnType<Unary> {
  const [c, cubic] = [Math.sqrt(2 / Math.PI), 0.044715];
  const inner = times(g, g.op('Mul', [x, plus(g, times(g, square(g, x), cubic), 1)]), c);
  const t = g.op('Tanh', [inner]);
  const share = times(g, plus(g, t, 1), 0.5);
  const slope = (): string => {
    const bent = g.op('Sub', [constant(g, 1), square(g, t)]);
    const rate = times(g, plus(g, times(g, square(g, x), 3 * cubic), 1), c / 2);
    return g.op('Add', [share, g.op('Mul', [x, g.op('Mul', [bent, rate])])]);
  };
  return { y: g.op('Mul', [x, share]), slope };
}

const one =
  (form: Unary): Operator =>
  (site) => {
    const [x] = site.inputs;
    const { y, slope } = form(site.graph, x!.name, site);
    return { name: y, shape: x!.shape, backward: (delta) => site.graph.op('Mul', [delta, slope()]) };
  };

type Binary = (graph: Graph, delta: string, a: string, b: string, y: string) => readonly [() => string, () => string];

/** Gradients with respect to a and b, before they are added up to the shapes of those. */
const binary: Readonly<Record<string, Binary>> = {
  Add: (_, delta) => [() => delta, () => delta],
  Sub: (g, delta) => [() => delta, () => g.op('Neg', [delta])],
  Mul: (g, delta, a, b) => [() => g.op('Mul', [delta, b]), () => g.op('Mul', [delta, a])],
  Div: (g, delta, _, b, y) => [
    () => g.op('Div', [delta, b]),
    () => g.op('Neg', [g.op('Div', [g.op('Mul', [delta, y]), b])]),
  ],
};

const two =
  (type: string, gradients: Binary): Operator =>
  (site) => {
    const { graph } = site;
    const [a, b] = site.inputs as [Site['inputs'][0], Site['inputs'][0]];
    const shape = broadcast(site, a.shape, b.shape);
    const y = graph.op(type, [a.name, b.name]);
    const backward = (delta: string, input: number): string =>
      sumTo(graph, gradients(graph, delta, a.name, b.name, y)[input]!(), shape, site.inputs[input]!.shape);
    return { name: y, shape, backward };
  };

/** x to a power that is the same for all elements and is not trained. */
const power: Operator = (site) => {
  const { graph, inputs } = site;
  const exponent = inputs[1]!.numbers?.data;
  if (exponent?.length !== 1) return site.refuse('one exponent that is a constant', 'another one');
  const [x] = inputs;
  const to = (e: number): string => graph.op('Pow', [x!.name, constant(graph, e)]);
  const backward = (delta: string): string =>
    graph.op('Mul', [delta, times(graph, to(exponent[0]! - 1), exponent[0]!)]);
  return { name: to(exponent[0]!), shape: x!.shape, backward };
};

const clip: Operator = (site) => {
  const { graph, inputs } = site;
  const [x, low, high] = inputs;
  const bound = (given: Site['inputs'][0] | undefined, attribute: string): number | undefined => {
    if (given && given.name !== '' && given.numbers?.data.length !== 1)
      return site.refuse('bounds that are constants', 'others');
    return given?.numbers?.data[0] ?? attributeOf(site, attribute)?.f;
  };
  const [least, most] = [bound(low, 'min'), bound(high, 'max')];
  const y = graph.op('Clip', [
    x!.name,
    least === undefined ? '' : constant(graph, least),
    most === undefined ? '' : constant(graph, most),
  ]);
  const backward = (delta: string): string => {
    if (least !== undefined) delta = graph.op('Mul', [delta, isPositive(graph, plus(graph, x!.name, -least))]);
    if (most === undefined) return delta;
    return graph.op('Mul', [delta, isPositive(graph, graph.op('Sub', [constant(graph, most), x!.name]))]);
  };
  return { name: y, shape: x!.shape, backward };
};

/** Operators on each element. */
export const elementwise: Readonly<Record<string, Operator>> = {
  ...Object.fromEntries(Object.entries(unary).map(([type, form]) => [type, one(form)])),
  ...Object.fromEntries(Object.entries(binary).map(([type, form]) => [type, two(type, form)])),
  Pow: power,
  Clip: clip,
};
