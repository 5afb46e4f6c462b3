import { makeRng, type Dataset } from '@quorate/core';
import type { Truth } from '@quorate/core/truth';
import { referenceAggregator, referenceOptimizer, referenceSampler, referenceSimulator } from '@quorate/testkit';
import { referenceWorkerModel, silentLearner } from '@quorate/testkit';
import { noAudits } from '../audit/audits.js';
import { Journal } from './journal.js';
import type { Parts } from './parts.js';
import type { Setting } from './setting.js';

/** Six tasks of two classes, five workers who are right nine times out of ten; parts may be replaced. */
export function smallRun(
  replaced: Partial<Parts> = {},
  changed: Partial<Setting> = {},
): { parts: Parts; setting: Setting; journal: Journal; truth: Truth } {
  const dataset: Dataset = {
    taskIds: ['t0', 't1', 't2', 't3', 't4', 't5'],
    classes: ['cat', 'dog'],
    features: null,
    prototypes: { ids: [], classOf: new Int32Array(0) },
  };
  const truth = { classOf: Int32Array.of(0, 1, 0, 1, 0, 1) };
  const workers = referenceSimulator(truth, 2, 5, 0.9);
  const parts: Parts = {
    sampler: referenceSampler(),
    workers,
    optimizer: referenceOptimizer({
      dataset,
      aggregator: referenceAggregator(),
      workerModel: referenceWorkerModel(2, workers.knowledge),
      learner: silentLearner(),
    }),
    stoppingRules: [],
    metrics: new Map(),
    calibration: null,
    prototypeAnswers: null,
    audits: noAudits,
    ...replaced,
  };
  const setting: Setting = {
    dataset,
    truth,
    names: new Map([['sampler', 'sampler "odd" of a-plugin']]),
    riskThreshold: 0.1,
    budget: Infinity,
    rng: makeRng(1),
    onPhase: () => undefined,
    ...changed,
  };
  return { parts, setting, journal: new Journal(dataset, workers.workerIds), truth };
}
