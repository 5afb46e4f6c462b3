import { definePlugin } from '@quorate/core';
import aggregator from './aggregator.js';
import answerFormat from './answer-format.js';
import calibration from './calibration.js';
import calibrator from './calibrator.js';
import datasetSource from './dataset-source.js';
import featureExtractor from './feature-extractor.js';
import learner from './learner.js';
import learnerBackend from './learner-backend.js';
import metric from './metric.js';
import optimizer from './optimizer.js';
import sampler from './sampler.js';
import stoppingRule from './stopping-rule.js';
import trainingSetSelector from './training-set-selector.js';
import workerModel from './worker-model.js';
import workerSimulator from './worker-simulator.js';

/** All templates in one plugin, so that their tests run here as they will in a generated package, which has its own. */
export default definePlugin({
  name: 'quorate-plugin-templates',
  apiVersion: '^0.1.0',
  components: [
    aggregator,
    answerFormat,
    calibration,
    calibrator,
    datasetSource,
    featureExtractor,
    learner,
    learnerBackend,
    metric,
    optimizer,
    sampler,
    stoppingRule,
    trainingSetSelector,
    workerModel,
    workerSimulator,
  ],
});
