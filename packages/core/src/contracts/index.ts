import type { Aggregator } from './aggregator.js';
import type { AnswerFormat } from './answer-format.js';
import type { Calibration } from './calibration.js';
import type { Calibrator } from './calibrator.js';
import type { DatasetSource } from './dataset-source.js';
import type { FeatureExtractor } from './feature-extractor.js';
import type { Learner } from './learner.js';
import type { LearnerBackend } from './learner-backend.js';
import type { Metric } from './metric.js';
import type { Optimizer } from './optimizer.js';
import type { Sampler } from './sampler.js';
import type { StoppingRule } from './stopping-rule.js';
import type { TrainingSetSelector } from './training-set-selector.js';
import type { WorkerModel } from './worker-model.js';
import type { WorkerSimulator } from './worker-simulator.js';

/** Every kind of component and the contract it fulfils. */
export interface PartOf {
  datasetSource: DatasetSource;
  workerSimulator: WorkerSimulator;
  sampler: Sampler;
  aggregator: Aggregator;
  workerModel: WorkerModel;
  optimizer: Optimizer;
  learner: Learner;
  calibrator: Calibrator;
  trainingSetSelector: TrainingSetSelector;
  learnerBackend: LearnerBackend;
  stoppingRule: StoppingRule;
  metric: Metric;
  answerFormat: AnswerFormat;
  featureExtractor: FeatureExtractor;
  calibration: Calibration;
}

export type Kind = keyof PartOf;

/** The section of the configuration that chooses the part of each kind: `sampler.use=random`. */
export const sectionOf = {
  datasetSource: 'dataset',
  workerSimulator: 'workers',
  sampler: 'sampler',
  aggregator: 'aggregator',
  workerModel: 'workerModel',
  optimizer: 'optimizer',
  learner: 'learner',
  calibrator: 'calibrator',
  trainingSetSelector: 'trainingSet',
  learnerBackend: 'backend',
  stoppingRule: 'stop',
  metric: 'metrics',
  answerFormat: 'format',
  featureExtractor: 'features',
  calibration: 'honesty',
} as const satisfies Record<Kind, string>;

/** The method that a part of each kind cannot be without. */
export const methodOf = {
  datasetSource: 'load',
  workerSimulator: 'answer',
  sampler: 'plan',
  aggregator: 'aggregate',
  workerModel: 'update',
  optimizer: 'step',
  learner: 'fitPredict',
  calibrator: 'fit',
  trainingSetSelector: 'select',
  learnerBackend: 'fit',
  stoppingRule: 'stop',
  metric: 'measure',
  answerFormat: 'detect',
  featureExtractor: 'extract',
  calibration: 'calibrate',
} as const satisfies { readonly [K in Kind]: keyof PartOf[K] };

export const kinds = Object.keys(sectionOf) as readonly Kind[];

export type * from './aggregator.js';
export type * from './annotation-store.js';
export * from './answer-format.js';
export type * from './calibration.js';
export type * from './calibrator.js';
export type * from './dataset-source.js';
export * from './executor.js';
export type * from './feature-extractor.js';
export type * from './learner.js';
export type * from './learner-backend.js';
export type * from './metric.js';
export type * from './metrics-sink.js';
export type * from './optimizer.js';
export type * from './part.js';
export type * from './sampler.js';
export type * from './stopping-rule.js';
export type * from './training-set-selector.js';
export type * from './worker-model.js';
export type * from './worker-simulator.js';
