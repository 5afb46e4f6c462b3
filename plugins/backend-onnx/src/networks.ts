import type { Activation, MlpParams, NetworkGraph } from '@quorate/core';
import { GraphNetwork } from './graph/graph-network.js';
import { readModel } from './graph/read-model.js';
import { perceptron } from './perceptron-graphs.js';
import type { Differentiable } from './training-graph.js';

/** What the backend has to know of a network's form: its graphs, and its weights as tensors. */
export interface Network {
  /** Equal for networks that have their graphs in common. */
  readonly key: string;
  readonly form: Differentiable;
  /** The weights by the names of the form's parameters, in their order. */
  tensors(params: MlpParams, columns: number): readonly Tensor[];
  /** The reverse: what is returned to the caller out of the values of the parameters. */
  params(values: readonly Float32Array[]): MlpParams;
  /** Most numbers of a row in any layer, about. */
  width(params: MlpParams, columns: number): number;
}

interface Tensor {
  readonly name: string;
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

/** The networks of a backend: perceptrons by their nonlinearities, and graphs of users. */
export class Networks {
  readonly #graphs = new WeakMap<NetworkGraph, { readonly network: Network; readonly start: MlpParams }>();
  #count = 0;

  of(params: MlpParams): Network {
    return params.graph ? this.#opened(params.graph).network : layered(params);
  }

  open(graph: NetworkGraph): MlpParams {
    return this.#opened(graph).start;
  }

  #opened(graph: NetworkGraph): { readonly network: Network; readonly start: MlpParams } {
    let opened = this.#graphs.get(graph);
    if (!opened) {
      const form = new GraphNetwork(graph.name, readModel(graph.name, graph.model), graph.inputs, graph.classes);
      opened = { network: ofGraph(`graph${this.#count++}`, form, graph), start: paramsOf(form.start, graph) };
      this.#graphs.set(graph, opened);
    }
    return opened;
  }
}

const paramsOf = (weights: readonly Float32Array[], graph: NetworkGraph): MlpParams => ({ weights, biases: [], graph });

function ofGraph(key: string, form: GraphNetwork, graph: NetworkGraph): Network {
  return {
    key,
    form,
    tensors: ({ weights }) => form.parameters.map(({ name, shape }, p) => ({ name, data: weights[p]!, shape })),
    params: (values) => paramsOf(values, graph),
    width: ({ weights }, columns) => Math.max(columns, ...weights.map((w) => Math.ceil(w.length / columns))),
  };
}

function layered({ weights, activations }: MlpParams): Network {
  const all: readonly Activation[] = activations ?? Array.from({ length: weights.length - 1 }, () => 'tanh' as const);
  return {
    key: all.join('-'),
    form: perceptron(all),
    tensors: ({ weights, biases }, columns) =>
      weights.flatMap((w, l) => {
        const [from, to] = [biases[l - 1]?.length ?? columns, biases[l]!.length];
        return [
          { name: `w${l}`, data: w, shape: [from, to] },
          { name: `b${l}`, data: biases[l]!, shape: [to] },
        ];
      }),
    params: (values) => ({
      weights: values.filter((_, t) => t % 2 === 0),
      biases: values.filter((_, t) => t % 2 === 1),
      ...(activations ? { activations } : {}),
    }),
    width: ({ biases }, columns) => Math.max(columns, ...biases.map((b) => b.length)),
  };
}
