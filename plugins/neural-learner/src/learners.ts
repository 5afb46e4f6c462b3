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
import { NeuralLearner } from './neural-learner.js';
import { networkOptions, type NetworkOptions } from './options.js';

const inject = [T.TrainingSetSelector, T.Calibrator, T.LearnerBackend, T.Dataset, T.Files] as const;
const needs = (): readonly ['features'] => ['features'];

export const mlp = defineComponent({
  kind: 'learner',
  name: 'mlp',
  summary: 'a network with hidden tanh layers on the features, trained at every step',
  options: z.strictObject({
    hiddenLayers: z.int().min(1).default(1).describe('hidden layers, each of hiddenSize; none: the learner softmax'),
    hiddenSize: z.int().min(1).default(64).describe('units of a hidden layer'),
    ...networkOptions,
  }),
  needs,
  inject,
  create: ({ hiddenLayers, hiddenSize, ...options }, ...parts) =>
    create(options, new Array<number>(hiddenLayers).fill(hiddenSize), ...parts),
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
  hidden: readonly number[],
  selector: TrainingSetSelector,
  calibrator: Calibrator,
  backend: LearnerBackend,
  dataset: Dataset,
  files: Files,
): NeuralLearner {
  const { features } = dataset;
  if (features) return new NeuralLearner(options, hidden, { selector, calibrator, backend, dataset, features, files });
  throw new QuorateError('DATA_INVALID', {
    where: 'learner',
    expected: 'a dataset with features',
    got: 'one without',
    fix: 'Give the dataset section its features, or set learner.use=none.',
  });
}
