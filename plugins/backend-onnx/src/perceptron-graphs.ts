import type { Activation } from '@quorate/core';
import type { Graph } from './onnx-graph.js';
import type { Differentiable, Parameter } from './training-graph.js';

/** Shape of a parameter and of its moments in names of sizes: `[in, out]` of a layer's weights, `[out]` of its biases. */
const parametersOf = (depth: number): Parameter[] =>
  Array.from({ length: depth }, (_, l) => [
    { name: `w${l}`, shape: [`width${l}`, `width${l + 1}`] },
    { name: `b${l}`, shape: [`width${l + 1}`] },
  ]).flat();

const operators: Readonly<Record<Activation, string>> = { tanh: 'Tanh', relu: 'Relu', sigmoid: 'Sigmoid' };

/** The slope of a nonlinearity out of its value h. */
function slopeOf(graph: Graph, activation: Activation, h: string): string {
  if (activation === 'relu') return graph.op('Sign', [h]);
  if (activation === 'sigmoid') return graph.op('Mul', [h, graph.op('Sub', [graph.constant('float', 1), h])]);
  return graph.op('Sub', [graph.constant('float', 1), graph.op('Mul', [h, h])]);
}

/**
 * A perceptron D → nonlinearity → ... → K of any sizes, with weights `w0`, `b0`, `w1`, ...
 *
 * @param activations One for each hidden layer.
 */
export function perceptron(activations: readonly Activation[]): Differentiable {
  const depth = activations.length + 1;
  return {
    parameters: parametersOf(depth),
    forward: (graph, x) => {
      /** Values of every layer: the input, the hidden ones, the logits. */
      const values = [x];
      for (let l = 0; l < depth; l++) {
        const sum = graph.op('Gemm', [values[l]!, `w${l}`, `b${l}`]);
        values.push(l < depth - 1 ? graph.op(operators[activations[l]!], [sum]) : sum);
      }
      const backward: ReturnType<Differentiable['forward']>['backward'] = (top, gradient) => {
        const firstAxis = graph.constant('int64', [0]);
        /** dL / d(input of the layer's nonlinearity), rows×out, from the last layer down. */
        let delta = top;
        for (let l = depth - 1; l >= 0; l--) {
          const [weight, bias] = [`w${l}`, `b${l}`];
          const below = values[l]!;
          gradient(weight, graph.op('Gemm', [below, delta, graph.op('Mul', [weight, 'decay'])], { transA: 1 }));
          const biasDelta = graph.op('ReduceSum', [delta, firstAxis], { keepdims: 0 });
          gradient(bias, graph.op('Add', [biasDelta, graph.op('Mul', [bias, 'decay'])]));
          if (l === 0) break;
          const slope = slopeOf(graph, activations[l - 1]!, below);
          delta = graph.op('Mul', [graph.op('Gemm', [delta, weight], { transB: 1 }), slope]);
        }
      };
      return { logits: values[depth]!, backward };
    },
  };
}
