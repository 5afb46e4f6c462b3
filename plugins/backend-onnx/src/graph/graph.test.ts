import { isQuorateError, makeRng, type LearnerBackend, type MlpParams, type NetworkGraph } from '@quorate/core';
import { afterAll, describe, expect, it } from 'vitest';
import { openOnnx } from '../onnx.js';
import { openOnnxWasm } from '../onnx-wasm.js';
import { Graph } from '../onnx-graph.js';
import { bytesOf, randomTraining } from '../training.fixture.js';

const [D, K] = [5, 3];
const rng = makeRng('graphs');
const random = (n: number, scale = 0.6): Float32Array => Float32Array.from({ length: n }, () => scale * rng.normal());

/** A network out of what `make` adds to a graph; the value that it returns is the output. */
function network(make: (graph: Graph, x: string) => string, [inputs, classes] = [D, K]): NetworkGraph {
  const graph = new Graph('mine');
  const logits = make(graph, graph.input('x', 'float', ['rows', inputs]));
  graph.op('Identity', [logits], {}, 'logits');
  graph.output('logits', 'float', ['rows', classes]);
  return { name: 'mine.onnx', model: graph.model(), inputs: inputs, classes: classes };
}

const dense = (graph: Graph, x: string, from: number, to: number): string =>
  graph.op('Gemm', [x, graph.tensor([from, to], random(from * to)), graph.tensor([to], random(to))]);
/** A layer, something in its middle, and a layer. */
const around = (middle: (graph: Graph, hidden: string) => string, [width, then] = [4, 4]): NetworkGraph =>
  network((graph, x) => dense(graph, middle(graph, dense(graph, x, D, width)), then, K));
const op = (type: string, attributes: Parameters<Graph['op']>[2] = {}): NetworkGraph =>
  around((graph, h) => graph.op(type, [h], attributes));
const positive = (graph: Graph, h: string): string =>
  graph.op('Add', [graph.op('Mul', [h, h]), graph.constant('float', 0.5)]);
const scalar = (graph: Graph, value: number): string => graph.constant('float', value);

const networks: Readonly<Record<string, () => NetworkGraph>> = {
  ...Object.fromEntries(
    [
      'Relu',
      'Tanh',
      'Sigmoid',
      'Softplus',
      'Softsign',
      'Erf',
      'Exp',
      'Neg',
      'Abs',
      'Identity',
      'Dropout',
      'Flatten',
    ].map((type) => [type, () => op(type)]),
  ),
  LeakyRelu: () => op('LeakyRelu', { alpha: { float: 0.2 } }),
  Elu: () => op('Elu', { alpha: { float: 1.5 } }),
  Selu: () => op('Selu'),
  Gelu: () => op('Gelu'),
  Softmax: () => op('Softmax', { axis: -1 }),
  LogSoftmax: () => op('LogSoftmax', { axis: -1 }),
  Log: () => around((graph, h) => graph.op('Log', [positive(graph, h)])),
  Sqrt: () => around((graph, h) => graph.op('Sqrt', [positive(graph, h)])),
  Reciprocal: () => around((graph, h) => graph.op('Reciprocal', [positive(graph, h)])),
  Pow: () => around((graph, h) => graph.op('Pow', [h, scalar(graph, 3)])),
  Clip: () => around((graph, h) => graph.op('Clip', [h, scalar(graph, -0.7), scalar(graph, 0.9)])),
  'Clip from below': () => around((graph, h) => graph.op('Clip', [h, scalar(graph, -0.3)])),
  'Add, a skip connection': () => around((graph, h) => graph.op('Add', [h, graph.op('Tanh', [dense(graph, h, 4, 4)])])),
  'Sub of a value and itself squared': () => around((graph, h) => graph.op('Sub', [h, graph.op('Mul', [h, h])])),
  'Mul with a trained row': () => around((graph, h) => graph.op('Mul', [graph.tensor([1, 4], random(4)), h])),
  'Mul with one trained number': () => around((graph, h) => graph.op('Mul', [h, graph.tensor([1], random(1, 2))])),
  Div: () => around((graph, h) => graph.op('Div', [dense(graph, h, 4, 4), positive(graph, h)])),
  'Div by a column': () =>
    around((graph, h) =>
      graph.op('Div', [h, graph.op('ReduceSum', [positive(graph, h), graph.constant('int64', [1])], { keepdims: 1 })]),
    ),
  ReduceMean: () =>
    around((graph, h) => graph.op('Sub', [h, graph.op('ReduceMean', [h], { axes: [-1], keepdims: 1 })])),
  LayerNormalization: () =>
    around((graph, h) =>
      graph.op('LayerNormalization', [h, graph.tensor([4], random(4, 1)), graph.tensor([4], random(4))], {
        axis: -1,
        epsilon: { float: 1e-3 },
      }),
    ),
  Concat: () => around((graph, h) => graph.op('Concat', [h, graph.op('Tanh', [h]), 'x'], { axis: 1 }), [4, 8 + D]),
  'MatMul and Add': () =>
    around((graph, h) =>
      graph.op('Add', [graph.op('MatMul', [h, graph.tensor([4, 4], random(16))]), graph.tensor([4], random(4))]),
    ),
  'Gemm with transposed weights and factors': () =>
    around((graph, h) =>
      graph.op('Gemm', [h, graph.tensor([4, 4], random(16)), graph.tensor([1, 4], random(4))], {
        transB: 1,
        alpha: { float: 0.5 },
        beta: { float: 2 },
      }),
    ),
  'Transpose of weights': () =>
    around((graph, h) =>
      graph.op('MatMul', [h, graph.op('Transpose', [graph.tensor([4, 4], random(16))], { perm: [1, 0] })]),
    ),
  'weights used twice': () =>
    around((graph, h) => {
      const weights = graph.tensor([4, 4], random(16));
      return graph.op('MatMul', [graph.op('Tanh', [graph.op('MatMul', [h, weights])]), weights]);
    }),
};

async function losses(backend: LearnerBackend, params: MlpParams, data: Parameters<LearnerBackend['predict']>[1]) {
  const out = new Float32Array(data.rows.length * K);
  await backend.predict(params, data, out);
  let loss = 0;
  data.rows.forEach((_, i) => {
    const row = out.subarray(i * K, (i + 1) * K);
    loss += Math.log(row.reduce((sum, z) => sum + Math.exp(z), 0)) - row[data.labels![i]!]!;
  });
  return loss / data.rows.length;
}

const backends = {
  onnx: () => openOnnx({ threads: 1, providers: ['cpu'] }),
  'onnx-wasm': () => openOnnxWasm({ threads: 1 }),
};

describe.each(Object.entries(backends))('a network of the user on %s', (which, open) => {
  const opened = open();
  afterAll(async () => (await opened).dispose());

  /**
   * After one step from moments of zero Adam has moved each weight by rate · g / (|g| + ε): the sign of the gradient. A
   * second step from the same weights but on another minibatch mixes two gradients, so that their sizes show, too: with
   * gradients g and h, the second move is rate · m / √v with m ~ 0.9 g + h and v ~ 0.999 g² + h².
   */
  it.each(Object.keys(networks).slice(0, which === 'onnx' ? Infinity : 3))(
    '%s: gradients are those of finite differences',
    async (name) => {
      const backend = await opened;
      const start = await backend.openGraph(networks[name]!());
      const { data } = randomTraining({ layers: [D, K], rows: 12, batchSize: 6, steps: 0 });
      const rate = 1e-6;
      const spec = { layers: [D, K], learningRate: rate, weightDecay: 0 };
      const halves = [0, 6].map((from) => ({
        ...data,
        rows: data.rows.slice(from, from + 6),
        labels: data.labels.slice(from, from + 6),
      }));
      const batches = Int32Array.from({ length: 12 }, (_, at) => at);
      const moves: Float32Array[][] = [];
      let before = start.weights;
      await backend.fit(spec, data, start, batches, 6, {
        every: 1,
        onChunk: (_, params) => {
          moves.push(params.weights.map((w, p) => w.map((x, at) => (before[p]![at]! - x) / rate)));
          before = params.weights;
        },
      });
      expect(moves).toHaveLength(2);
      let compared = 0;
      for (const [p, weights] of start.weights.entries()) {
        for (let at = 0; at < weights.length; at += 1 + (weights.length >> 3)) {
          const gradients: number[] = [];
          for (const half of halves) {
            const at2 = async (step: number): Promise<number> => {
              const moved = start.weights.map((w) => w.slice());
              moved[p]![at]! += step;
              return losses(backend, { ...start, weights: moved }, half);
            };
            gradients.push(((await at2(0.02)) - (await at2(-0.02))) / 0.04);
          }
          const [g, h] = gradients as [number, number];
          if (Math.abs(g) < 0.01 || Math.abs(h) < 0.01) continue;
          compared++;
          expect(Math.sign(moves[0]![p]![at]!), `${name}: sign of weight ${p}.${at}`).toBe(Math.sign(g));
          const [m, v] = [(0.9 * g + h) / 1.9, (0.999 * g * g + h * h) / 1.999];
          expect(Math.abs(moves[1]![p]![at]! - m / Math.sqrt(v)), `${name}: weight ${p}.${at}`).toBeLessThan(0.2);
        }
      }
      expect(compared).toBeGreaterThan(2);
    },
  );

  it('a perceptron as a graph trains as it does in layers: labels, targets, in chunks', async () => {
    const backend = await opened;
    const training = randomTraining({ layers: [D, 6, K], rows: 40, batchSize: 16, steps: 12 });
    const { weights, biases } = training.start;
    const perceptron = network((graph, x) => {
      const [a, b] = [0, 1].map((l) => [[D, 6, K].slice(l, l + 2), weights[l]!, biases[l]!] as const);
      const layer = (from: string, [shape, w, c]: NonNullable<typeof a>): string =>
        graph.op('Gemm', [from, graph.tensor(shape, w), graph.tensor([c.length], c)]);
      // As PyTorch and Keras export classifiers: with the softmax that the loss has already.
      return graph.op('Softmax', [layer(graph.op('Tanh', [layer(x, a!)]), b!)], { axis: -1 });
    });
    const start = await backend.openGraph(perceptron);
    const flatten = ({ weights: w, biases: b }: MlpParams): number[] =>
      b.length > 0 ? w.flatMap((one, l) => [...one, ...b[l]!]) : w.flatMap((one) => [...one]);
    const targets = {
      probability: Float32Array.from({ length: 40 * K }, (_, x) => (x % K === 0 ? 0.5 : 0.25)),
      crossEntropy: Float32Array.from({ length: 40 }, (_, i) => i % 2),
      squared: Float32Array.from({ length: 40 }, (_, i) => (i + 1) % 2),
    };
    const { labels, ...rows } = training.data;
    for (const data of [training.data, { ...rows, targets }]) {
      const spec = { ...training.spec, layers: [D, K] };
      const run = (from: MlpParams, every?: number): Promise<MlpParams> =>
        backend.fit({ ...spec, layers: from.graph ? [D, K] : [D, 6, K] }, data, from, training.batches, 16, {
          every: every ?? 100,
          onChunk: () => true,
        });
      const [got, want] = [await run(start), await run(training.start)];
      flatten(want).forEach((x, at) => expect(flatten(got)[at]).toBeCloseTo(x, 5));
      expect(bytesOf(await run(start, 5))).toBe(bytesOf(got));
      expect(await losses(backend, got, { ...rows, labels })).toBeCloseTo(
        await losses(backend, want, { ...rows, labels }),
        4,
      );
    }
    expect(flatten(await backend.openGraph(perceptron))).toEqual(flatten(training.start));
  });
});

it.each(Object.keys(networks).filter((name) => name !== 'Gelu'))(
  '%s: predicts what ONNX Runtime itself makes of the model',
  async (name) => {
    const backend = await openOnnx({ threads: 1, providers: ['cpu'] });
    const one = networks[name]!();
    const { data } = randomTraining({ layers: [D, K], rows: 9, batchSize: 1, steps: 0 });
    const rows = Int32Array.from({ length: 18 }, (_, i) => i);
    const out = new Float32Array(18 * K);
    await backend.predict(await backend.openGraph(one), { ...data, rows }, out);
    const { InferenceSession, Tensor } = await import('onnxruntime-node');
    const session = await InferenceSession.create(one.model, { logSeverityLevel: 4 });
    const { logits } = await session.run({ x: new Tensor('float32', data.features, [18, D]) });
    out.forEach((z, at) => expect(z).toBeCloseTo((logits!.data as Float32Array)[at]!, 4));
    await backend.dispose();
  },
);

it.each(['none', 'tanh'])('Gelu with approximate=%s is within its definition', async (approximate) => {
  const backend = await openOnnx({ threads: 1, providers: ['cpu'] });
  const model = network(
    (graph, x) => graph.op('Mul', [graph.op('Gelu', [x], { approximate }), graph.tensor([1], Float32Array.of(1))]),
    [1, 1],
  );
  const out = new Float32Array(3);
  const data = { features: Float32Array.of(-1, 0.5, 2), columns: 1, rows: Int32Array.of(0, 1, 2) };
  await backend.predict(await backend.openGraph(model), data, out);
  const want = [-0.158655, 0.345731, 1.9545];
  out.forEach((y, at) => expect(Math.abs(y - want[at]!)).toBeLessThan(approximate === 'tanh' ? 1e-3 : 1e-5));
  await backend.dispose();
});

describe('a network that cannot be trained is refused', () => {
  const refusal = async (graph: NetworkGraph): Promise<string> => {
    const backend = await openOnnx({ threads: 1, providers: ['cpu'] });
    const thrown: unknown = await backend.openGraph(graph).catch((error: unknown) => error);
    await backend.dispose();
    if (!isQuorateError(thrown)) throw thrown;
    expect(thrown.code).toBe('DATA_INVALID');
    return thrown.message;
  };
  const good = networks['Relu']!();

  it.each<[string, () => NetworkGraph, RegExp]>([
    ['an operator without a gradient, by its name', () => op('Conv'), /Constant, Abs.*got Conv\. /],
    ['batch normalization', () => op('BatchNormalization'), /LayerNormalization in place of/],
    ['shapes that do not fit', () => around((graph, h) => dense(graph, h, 7, 4)), /Gemm.*\[rows, 4\] and \[7, 4\]/],
    ['other features', () => ({ ...good, inputs: 6 }), /an input of 6 features a row, got \[rows, 5\]/],
    ['other classes', () => ({ ...good, classes: 4 }), /\[rows, 4\], got \[rows, 3\]/],
    ['no weights', () => network((graph, x) => graph.op('Tanh', [x]), [3, 3]), /weights to train, got none/],
    ['what is no model', () => ({ ...good, model: Buffer.from('PK\u0003\u0004 nothing') }), /an ONNX model/],
    ['half of one', () => ({ ...good, model: good.model.subarray(0, good.model.length >> 1) }), /an ONNX model/],
    ['an empty file', () => ({ ...good, model: new Uint8Array() }), /an ONNX model with a graph, got none/],
    ['all columns at once', () => around((graph, h) => graph.op('ReduceMean', [h], { keepdims: 1 })), /the last axis/],
  ])('%s', async (_, make, message) => expect(await refusal(make())).toMatch(message));

  it('and no damaged one ends in anything but a mistake to fix, or in a network', async () => {
    const backend = await openOnnx({ threads: 1, providers: ['cpu'] });
    const mutations = makeRng('damaged models');
    for (let n = 0; n < 300; n++) {
      const model = Buffer.from(good.model);
      for (let m = 1 + mutations.int(4); m > 0; m--) model[mutations.int(model.length)] = mutations.int(256);
      await backend.openGraph({ ...good, model }).catch((thrown: unknown) => {
        if (!isQuorateError(thrown)) throw thrown;
      });
    }
    await backend.dispose();
  });
});
