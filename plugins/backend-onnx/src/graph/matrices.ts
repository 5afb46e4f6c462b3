import {
  ROWS,
  attributeOf,
  broadcast,
  floatOf,
  intOf,
  reshape,
  shapeText,
  sumTo,
  type Operator,
  type Site,
  type Value,
} from './value.js';

/** Y = α A' B' + β C, with A' and B' transposed where the attributes say so. */
const gemm: Operator = (site) => {
  const { graph } = site;
  const [a, b, c] = site.inputs as [Value, Value, Value | undefined];
  const [transA, transB] = [intOf(site, 'transA', 0), intOf(site, 'transB', 0)];
  const [alpha, beta] = [floatOf(site, 'alpha', 1), floatOf(site, 'beta', 1)];
  if (a.shape.length !== 2 || b.shape.length !== 2) site.refuse('matrices', shapesText(site));
  const [n, inner] = transA ? [a.shape[1]!, a.shape[0]!] : [a.shape[0]!, a.shape[1]!];
  const [other, m] = transB ? [b.shape[1]!, b.shape[0]!] : [b.shape[0]!, b.shape[1]!];
  if (inner !== other || inner === ROWS || m === ROWS) site.refuse('matrices that fit', shapesText(site));
  const scaled = (value: string, factor: number): string =>
    factor === 1 ? value : graph.op('Mul', [value, graph.constant('float', factor)]);
  const product = scaled(graph.op('Gemm', [a.name, b.name], { transA, transB }), alpha);
  const shape = [n, m];
  if (c && broadcast(site, shape, c.shape).join() !== shape.join()) site.refuse('matrices that fit', shapesText(site));
  const backward = (delta: string, input: number): string => {
    if (input === 2) return sumTo(graph, scaled(delta, beta), shape, c!.shape);
    const d = scaled(delta, alpha);
    if (input === 0)
      return transA
        ? graph.op('Gemm', [b.name, d], { transA: transB, transB: 1 })
        : graph.op('Gemm', [d, b.name], { transB: 1 - transB });
    return transB
      ? graph.op('Gemm', [d, a.name], { transA: 1, transB: transA })
      : graph.op('Gemm', [a.name, d], { transA: 1 - transA });
  };
  return { name: c ? graph.op('Add', [product, scaled(c.name, beta)]) : product, shape, backward };
};

const shapesText = ({ inputs }: Site): string => inputs.map(({ shape }) => shapeText(shape)).join(' and ');

/** Whether an attribute or input names the last axis of a value, and no other. */
function isLastAxis(site: Site, value: Value, otherwise: number): boolean {
  const axes = attributeOf(site, 'axes')?.ints ?? [intOf(site, 'axis', otherwise)];
  return axes.length === 1 && [-1, value.shape.length - 1].includes(axes[0]!);
}

/** Sum or mean of each row. */
const reduce =
  (type: 'ReduceSum' | 'ReduceMean'): Operator =>
  (site) => {
    const { graph } = site;
    const [x, given] = site.inputs as [Value, Value | undefined];
    const axes = given?.numbers ? [...given.numbers.data] : attributeOf(site, 'axes')?.ints;
    const last = x.shape.length - 1;
    if (axes?.length !== 1 || ![-1, last].includes(axes[0]!) || last < 1)
      return site.refuse('the last axis alone', axes ? `axes ${axes.join(', ')}` : 'all axes');
    const keepdims = intOf(site, 'keepdims', 1);
    const lead = x.shape.slice(0, -1);
    const sum = graph.op('ReduceSum', [x.name, graph.constant('int64', [last])], { keepdims });
    const factor = graph.constant('float', type === 'ReduceMean' ? 1 / x.shape[last]! : 1);
    const backward = (delta: string): string => {
      const d = keepdims ? delta : reshape(graph, delta, [...lead, 1]);
      return graph.op('Expand', [graph.op('Mul', [d, factor]), graph.op('Shape', [x.name])]);
    };
    return { name: graph.op('Mul', [sum, factor]), shape: keepdims ? [...lead, 1] : lead, backward };
  };

const sumOfRows = (site: Site, value: string, axis: number): string =>
  site.graph.op('ReduceSum', [value, site.graph.constant('int64', [axis])], { keepdims: 1 });

/** Scale · x̂ + bias with x̂ = (x - mean) / √(variance + ε) of each row. */
const layerNormalization: Operator = (site) => {
  const { graph } = site;
  const [x, scale, bias] = site.inputs as [Value, Value, Value | undefined];
  const last = x.shape.length - 1;
  if (!isLastAxis(site, x, -1)) site.refuse('axis -1', 'another one');
  const n = graph.constant('float', 1 / x.shape[last]!);
  const meanOf = (value: string): string => graph.op('Mul', [sumOfRows(site, value, last), n]);
  const centred = graph.op('Sub', [x.name, meanOf(x.name)]);
  const variance = meanOf(graph.op('Mul', [centred, centred]));
  const epsilon = graph.constant('float', floatOf(site, 'epsilon', 1e-5));
  const inverse = graph.op('Reciprocal', [graph.op('Sqrt', [graph.op('Add', [variance, epsilon])])]);
  const normal = graph.op('Mul', [centred, inverse]);
  const scaled = graph.op('Mul', [normal, scale.name]);
  const backward = (delta: string, input: number): string => {
    if (input === 2) return sumTo(graph, delta, x.shape, bias!.shape);
    if (input === 1) return sumTo(graph, graph.op('Mul', [delta, normal]), x.shape, scale.shape);
    const d = graph.op('Mul', [delta, scale.name]);
    const along = graph.op('Mul', [normal, meanOf(graph.op('Mul', [d, normal]))]);
    return graph.op('Mul', [inverse, graph.op('Sub', [graph.op('Sub', [d, meanOf(d)]), along])]);
  };
  return { name: bias ? graph.op('Add', [scaled, bias.name]) : scaled, shape: x.shape, backward };
};

const softmax =
  (type: 'Softmax' | 'LogSoftmax'): Operator =>
  (site) => {
    const { graph } = site;
    const [x] = site.inputs as [Value];
    const last = x.shape.length - 1;
    if (!isLastAxis(site, x, -1)) site.refuse('axis -1', 'another one');
    const y = graph.op(type, [x.name], { axis: -1 });
    const backward = (delta: string): string => {
      if (type === 'LogSoftmax') {
        const share = graph.op('Mul', [graph.op('Exp', [y]), sumOfRows(site, delta, last)]);
        return graph.op('Sub', [delta, share]);
      }
      const mean = sumOfRows(site, graph.op('Mul', [delta, y]), last);
      return graph.op('Mul', [y, graph.op('Sub', [delta, mean])]);
    };
    return { name: y, shape: x.shape, backward };
  };

/** Columns side by side. */
const concat: Operator = (site) => {
  const { graph, inputs } = site;
  const [first] = inputs as [Value];
  if (inputs.some(({ shape }) => shape.length !== 2 || shape[0] !== first.shape[0]) || !isLastAxis(site, first, 0))
    site.refuse('matrices side by side (axis 1)', shapesText(site));
  const ends: number[] = [];
  for (const { shape } of inputs) ends.push((ends.at(-1) ?? 0) + shape[1]!);
  const list = (value: number): string => graph.constant('int64', [value]);
  const backward = (delta: string, input: number): string =>
    graph.op('Slice', [delta, list(ends[input - 1] ?? 0), list(ends[input]!), list(1)]);
  const name = graph.op(
    'Concat',
    inputs.map((one) => one.name),
    { axis: 1 },
  );
  return { name, shape: [first.shape[0]!, ends.at(-1)!], backward };
};

const transpose: Operator = (site) => {
  const { graph } = site;
  const [x] = site.inputs as [Value];
  const perm = attributeOf(site, 'perm')?.ints ?? [1, 0];
  if (x.shape.length !== 2 || x.shape[0] === ROWS || perm.join() !== '1,0')
    site.refuse('a matrix of weights', shapesText(site));
  const turned = (value: string): string => graph.op('Transpose', [value], { perm: [1, 0] });
  return { name: turned(x.name), shape: [x.shape[1]!, x.shape[0]!], backward: turned };
};

/** What leaves its input as it is: no augmentation is made in training, so `Dropout` among them. */
const same: Operator = ({ inputs: [x] }) => ({ name: x!.name, shape: x!.shape, backward: (delta) => delta });

/** A new shape that is the old one. */
const flat: Operator = (site) => {
  const [x, given] = site.inputs as [Value, Value | undefined];
  const wanted = given?.numbers ? [...given.numbers.data] : null;
  const isSame =
    x.shape.length === 2 &&
    (site.node.opType === 'Flatten'
      ? intOf(site, 'axis', 1) === 1
      : wanted?.length === 2 && (wanted[1] === x.shape[1] || (wanted[1] === -1 && wanted[0] !== -1)));
  return isSame ? same(site) : site.refuse(`the shape ${shapeText(x.shape)} again`, 'another one');
};

/** Operators on whole rows and matrices. */
export const matrices: Readonly<Record<string, Operator>> = {
  Gemm: gemm,
  MatMul: gemm,
  ReduceSum: reduce('ReduceSum'),
  ReduceMean: reduce('ReduceMean'),
  LayerNormalization: layerNormalization,
  Softmax: softmax('Softmax'),
  LogSoftmax: softmax('LogSoftmax'),
  Concat: concat,
  Transpose: transpose,
  Identity: same,
  Dropout: same,
  Flatten: flat,
  Reshape: flat,
};
