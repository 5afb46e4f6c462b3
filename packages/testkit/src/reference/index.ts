import type { Kind, PartOf } from '@quorate/core';
import type { Make } from '../build.js';
import { referenceAggregator } from './aggregator.js';
import { silentLearner } from './learner.js';
import { referenceSampler } from './sampler.js';
import { referenceWorkerModel } from './worker-model.js';

export * from './aggregator.js';
export * from './learner.js';
export * from './sampler.js';
export * from './worker-model.js';

/** A tiny correct part of every kind that a component may inject. */
export const referenceParts: { readonly [K in Kind]?: Make<PartOf[K]> } = {
  sampler: () => referenceSampler(),
  aggregator: () => referenceAggregator(),
  learner: () => silentLearner(),
  workerModel: ({ dataset, knowledge }) => referenceWorkerModel(dataset.classes.length, knowledge),
};
