import { definePlugin } from '@quorate/core';
import aggregator from './aggregator.js';
import datasetSource from './dataset-source.js';
import learner from './learner.js';
import metric from './metric.js';
import optimizer from './optimizer.js';
import sampler from './sampler.js';
import stoppingRule from './stopping-rule.js';
import workerModel from './worker-model.js';
import workerSimulator from './worker-simulator.js';

/** All templates in one plugin, so that their tests run here as they will in a generated package, which has its own. */
export default definePlugin({
  name: 'quorate-plugin-templates',
  apiVersion: '^0.1.0',
  components: [
    aggregator,
    datasetSource,
    learner,
    metric,
    optimizer,
    sampler,
    stoppingRule,
    workerModel,
    workerSimulator,
  ],
});
