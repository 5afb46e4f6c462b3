import type { Kind, PartOf } from '@quorate/core';
import type { Make } from '../setup.js';
import { referenceAggregator } from './aggregator.js';
import { referenceFormat } from './answer-format.js';
import { referenceCalibration } from './calibration.js';
import { referenceCalibrator } from './calibrator.js';
import { referenceSource } from './dataset-source.js';
import { referenceExtractor } from './feature-extractor.js';
import { silentLearner } from './learner.js';
import { referenceBackend } from './learner-backend.js';
import { referenceMetric } from './metric.js';
import { referenceOptimizer } from './optimizer.js';
import { referenceSampler } from './sampler.js';
import { referenceRule } from './stopping-rule.js';
import { referenceSelector } from './training-set-selector.js';
import { referenceWorkerModel } from './worker-model.js';
import { referenceSimulator } from './worker-simulator.js';

export * from './aggregator.js';
export * from './answer-format.js';
export { referenceAuditingRule } from './auditing-rule.js';
export * from './calibration.js';
export * from './calibrator.js';
export * from './dataset-source.js';
export * from './feature-extractor.js';
export * from './learner.js';
export * from './learner-backend.js';
export * from './metric.js';
export * from './optimizer.js';
export * from './sampler.js';
export * from './stopping-rule.js';
export * from './training-set-selector.js';
export * from './worker-model.js';
export * from './worker-simulator.js';

/** A tiny correct part of every kind: what a component under test gets for what it injects. */
export const referenceParts: { readonly [K in Kind]: Make<PartOf[K]> } = {
  sampler: () => referenceSampler(),
  aggregator: () => referenceAggregator(),
  learner: () => silentLearner(),
  workerModel: ({ dataset, knowledge }) => referenceWorkerModel(dataset.classes.length, knowledge),
  optimizer: ({ dataset, knowledge }) =>
    referenceOptimizer({
      dataset,
      aggregator: referenceAggregator(),
      workerModel: referenceWorkerModel(dataset.classes.length, knowledge),
      learner: silentLearner(),
    }),
  workerSimulator: ({ dataset, truth }) =>
    referenceSimulator(truth ?? { classOf: new Int32Array(dataset.taskIds.length) }, dataset.classes.length),
  datasetSource: () => referenceSource(),
  calibration: () => referenceCalibration(),
  calibrator: () => referenceCalibrator(),
  trainingSetSelector: () => referenceSelector(),
  learnerBackend: () => referenceBackend(),
  stoppingRule: () => referenceRule(),
  metric: ({ truth }) => referenceMetric(truth),
  answerFormat: () => referenceFormat(),
  featureExtractor: () => referenceExtractor(),
};
