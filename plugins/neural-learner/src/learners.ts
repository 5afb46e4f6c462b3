import {
  defineComponent,
  QuorateError,
  T,
  type Calibrator,
  type Dataset,
  type Files,
  type LearnerBackend,
  type TrainingSetSelector,
} from '@quorate/core';
import { z } from 'zod';
import { openNetwork, withoutFeatures, type GivenNetwork } from './given-network.js';
import { NeuralLearner, type HiddenLayer } from './neural-learner.js';
import { networkOptions, type NetworkOptions } from './options.js';

const inject = [T.TrainingSetSelector, T.Calibrator, T.LearnerBackend, T.Dataset, T.Files] as const;
const needs = (): readonly ['features'] => ['features'];

export const mlp = defineComponent({
  kind: 'learner',
  name: 'mlp',
  summary: 'a network with hidden tanh layers on the features, trained at every step',
  options: z.strictObject({
    layers: z
      .array(
        z.strictObject({
          units: z.int().min(1).describe('width of the layer'),
          activation: z.enum(['tanh', 'relu', 'sigmoid']).default('tanh').describe('nonlinearity of the layer'),
        }),
      )
      .min(1)
      .nullable()
      .default(null)
      .describe('hidden layers one by one, in place of hiddenLayers and hiddenSize'),
    graph: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .describe(
        'a network of your own in place of all of these: an .onnx file with its forward pass, or a module that makes one (buildGraph)',
      ),
    hiddenLayers: z.int().min(1).default(1).describe('hidden layers, each of hiddenSize; none: the learner softmax'),
    hiddenSize: z.int().min(1).default(64).describe('units of a hidden layer'),
    ...networkOptions,
  }),
  needs,
  inject: [...inject, T.Rng],
  create: async ({ layers, graph, hiddenLayers, hiddenSize, ...options }, ...parts) => {
    const usual = Array.from({ length: hiddenLayers }, () => ({ units: hiddenSize, activation: 'tanh' as const }));
    const [selector, calibrator, backend, dataset, files, rng] = parts;
    if (graph === null) return create(options, layers ?? usual, selector, calibrator, backend, dataset, files);
    if (layers !== null) {
      throw new QuorateError('CONFIG_INVALID', {
        where: 'learner',
        expected: 'layers or a graph',
        got: 'both',
        fix: 'Leave out learner.layers, or learner.graph.',
      });
    }
    const network = await openNetwork(graph, { backend, dataset, files, rng });
    return create(options, network, selector, calibrator, backend, dataset, files);
  },
});

export const softmaxRegression = defineComponent({
  kind: 'learner',
  name: 'softmax',
  summary: 'softmax regression on the features, trained at every step',
  options: z.strictObject(networkOptions),
  needs,
  inject,
  create: (options, ...parts) => create(options, [], ...parts),
});

function create(
  options: NetworkOptions,
  form: readonly HiddenLayer[] | GivenNetwork,
  selector: TrainingSetSelector,
  calibrator: Calibrator,
  backend: LearnerBackend,
  dataset: Dataset,
  files: Files,
): NeuralLearner {
  const { features } = dataset;
  if (features) return new NeuralLearner(options, form, { selector, calibrator, backend, dataset, features, files });
  throw withoutFeatures();
}
