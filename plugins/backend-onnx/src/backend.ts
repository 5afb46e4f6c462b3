import { setImmediate } from 'node:timers/promises';
import { productInBlocks, type BlockProduct } from '@quorate/core/numbers';
import {
  type FitWatch,
  type LearnerBackend,
  type MlpParams,
  type MlpSpec,
  type NetworkGraph,
  type Rows,
} from '@quorate/core';
import type { InferenceSession, Tensor } from 'onnxruntime-common';
import { block, inPlace, packed, type Minibatches } from './minibatches.js';
import { Networks, type Network } from './networks.js';
import { productModel } from './product-graph.js';
import type { Engine } from './runtime.js';
import { adamScales, predictionModel, stateOf, trainingModel } from './training-graph.js';

/** Most numbers that one native call takes as a copy: 64 MB of float32. */
const COPIED_NUMBERS = 1 << 24;
/** Most numbers of one layer's activations in a block of rows that are predicted together: 4 MB, which stays in the cache. */
const BLOCK_NUMBERS = 1 << 20;

type Feeds = Record<string, Tensor>;

/**
 * Trains and predicts by ONNX graphs for each number of layers and each network of a user's own, multiplies by one for each
 * transposition; all other sizes are free. A fit is one native call, or one for each chunk that is watched, with the weights and Adam's moments handed from
 * call to call.
 */
export class OnnxBackend implements LearnerBackend {
  readonly #sessions = new Map<string, Promise<InferenceSession>>();
  readonly #networks = new Networks();

  /**
   * @param copiesInputs True where ONNX Runtime cannot read JavaScript's memory (WebAssembly, GPUs): it is then given
   * only the rows that it needs, a bounded number at a time.
   */
  constructor(
    readonly name: string,
    private readonly engine: Engine,
    private readonly copiesInputs: boolean,
  ) {}

  /** Makes the smallest session, so that what cannot work fails before the run starts. */
  async start(): Promise<this> {
    await this.#predictor(this.#networks.of({ weights: [new Float32Array(1)], biases: [new Float32Array(1)] }));
    return this;
  }

  async openGraph(graph: NetworkGraph): Promise<MlpParams> {
    return this.#networks.open(graph);
  }

  async fit(
    spec: MlpSpec,
    given: Rows,
    start: MlpParams,
    batches: Int32Array,
    batchSize: number,
    watch?: FitWatch,
  ): Promise<MlpParams> {
    const network = this.#networks.of(start);
    const steps = Math.floor(batches.length / batchSize);
    if (steps === 0) return start;
    let data = given;
    const most = this.copiesInputs ? Math.max(1, Math.floor(COPIED_NUMBERS / (batchSize * data.columns))) : steps;
    const scratch = this.copiesInputs ? new Float32Array(Math.min(most, steps) * batchSize * data.columns) : null;
    let state = this.#initialState(network, start, spec.layers[0]!);
    for (let done = 0; done < steps;) {
      const watched = watch ? Math.min(steps, done + watch.every - (done % watch.every)) : steps;
      const end = Math.min(watched, done + most);
      const positions = batches.subarray(done * batchSize, end * batchSize);
      const minibatches = scratch ? packed(data, positions, scratch) : inPlace(data, positions);
      const soft = data.targets !== undefined;
      const session = await this.#session(`train/${network.key}/${soft}`, () => trainingModel(network.form, soft));
      const wanted = this.#wantedFeeds(spec, data, positions, minibatches.labels, batchSize);
      const feeds = this.#trainingFeeds(spec, minibatches, batchSize, done);
      const outputs = await run(session, { ...feeds, ...wanted, ...state });
      state = Object.fromEntries(stateOf(network.form).map(({ name }) => [`${name}°`, outputs[`${name}'`]!]));
      done = end;
      const next =
        watch && done === watched ? await watch.onChunk(done, network.params(weightsOf(network, state))) : true;
      if (next === false) break;
      if (typeof next === 'object') data = next;
    }
    return network.params(weightsOf(network, state));
  }

  product(...operands: Parameters<LearnerBackend['product']>): Promise<void> {
    return productInBlocks(this.#multiply, operands);
  }

  readonly #multiply: BlockProduct = async (left, right, out, transposed) => {
    const session = await this.#session(`product/${transposed}`, () => productModel(transposed));
    const feeds = {
      left: this.#float(left.data, [left.rows, left.columns]),
      right: this.#float(right.data, [right.rows, right.columns]),
    };
    if (this.copiesInputs) return out.set((await run(session, feeds))['product']!.data as Float32Array);
    const rows = transposed === 'left' ? left.columns : left.rows;
    await run(session, feeds, { product: this.#float(out, [rows, out.length / rows]) });
  };

  async predict(params: MlpParams, data: Rows, out: Float32Array): Promise<void> {
    const { columns } = data;
    const network = this.#networks.of(params);
    const session = await this.#predictor(network);
    const feeds: Feeds = {};
    for (const { name, data, shape } of network.tensors(params, columns)) feeds[name] = this.#float(data, shape);
    const rows = Math.max(1, Math.floor(BLOCK_NUMBERS / network.width(params, columns)));
    let copy: Float32Array | undefined;
    const scratch = (): Float32Array => (copy ??= new Float32Array(Math.min(rows, data.rows.length) * columns));
    for (let at = 0; at < data.rows.length; at += rows) {
      const end = Math.min(data.rows.length, at + rows);
      feeds['x'] = this.#float(block(data, at, end, scratch), [end - at, columns]);
      const { logits } = await run(session, feeds);
      const values = logits!.data as Float32Array;
      out.set(values, (at * values.length) / (end - at));
    }
  }

  /** Frees the sessions; a later call makes new ones. */
  async dispose(): Promise<void> {
    const sessions = [...this.#sessions.values()];
    this.#sessions.clear();
    for (const session of sessions) await (await session).release();
  }

  #predictor({ key, form }: Network): Promise<InferenceSession> {
    return this.#session(`predict/${key}`, () => predictionModel(form));
  }

  #session(key: string, model: () => Uint8Array): Promise<InferenceSession> {
    let session = this.#sessions.get(key);
    if (!session) {
      session = this.engine.session(model());
      this.#sessions.set(key, session);
      // Whoever asked is told; the next one may try again.
      session.catch(() => this.#sessions.delete(key));
    }
    return session;
  }

  #initialState(network: Network, start: MlpParams, columns: number): Feeds {
    const state: Feeds = {};
    for (const { name, data, shape } of network.tensors(start, columns)) {
      state[`${name}°`] = this.#float(data, shape);
      for (const moment of ['moment1', 'moment2']) {
        state[`${name}.${moment}°`] = this.#float(new Float32Array(data.length), shape);
      }
    }
    return state;
  }

  /** What the graph trains towards: labels, or targets by position. */
  #wantedFeeds(
    { layers }: MlpSpec,
    { targets }: Rows,
    positions: Int32Array,
    labels: Int32Array | null,
    batchSize: number,
  ): Feeds {
    const { Tensor } = this.engine.runtime;
    const classes = layers.at(-1)!;
    const shape = [positions.length / batchSize, batchSize];
    if (!targets) {
      return {
        labels: new Tensor('int32', labels!, shape),
        classes: new Tensor('int32', Int32Array.of(classes), []),
      };
    }
    const { probability, crossEntropy, squared } = targets;
    return {
      positions: new Tensor('int32', positions, shape),
      targets: this.#float(probability, [probability.length / classes, classes]),
      crossEntropy: this.#float(crossEntropy, [crossEntropy.length, 1]),
      squared: this.#float(squared, [squared.length, 1]),
    };
  }

  #trainingFeeds(spec: MlpSpec, { features, rows }: Minibatches, batchSize: number, done: number): Feeds {
    const { Tensor } = this.engine.runtime;
    const columns = spec.layers[0]!;
    const steps = rows.length / batchSize;
    const { rate, epsilon } = adamScales(done, steps, spec.learningRate);
    const scalar = (value: number): Tensor => this.#float(Float32Array.of(value), []);
    return {
      steps: new Tensor('int64', BigInt64Array.of(BigInt(steps)), []),
      features: this.#float(features, [features.length / columns, columns]),
      rows: new Tensor('int32', rows, [steps, batchSize]),
      share: scalar(1 / batchSize),
      decay: scalar(spec.weightDecay),
      rate: this.#float(rate, [steps]),
      epsilon: this.#float(epsilon, [steps]),
    };
  }

  #float(data: Float32Array, shape: readonly number[]): Tensor {
    return new this.engine.runtime.Tensor('float32', data, shape);
  }
}

/**
 * A call blocks the process; before it, timers and the terminal have their turn.
 * @param into Outputs to write to; without it the call makes its own.
 */
async function run(session: InferenceSession, feeds: Feeds, into?: Feeds): ReturnType<InferenceSession['run']> {
  await setImmediate();
  return into ? session.run(feeds, into) : session.run(feeds);
}

/** The weights of a state: tensors that no later call writes to. */
function weightsOf({ form }: Network, state: Feeds): Float32Array[] {
  return form.parameters.map(({ name }) => state[`${name}°`]!.data as Float32Array);
}
