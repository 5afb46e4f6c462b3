import type { Part } from '@quorate/core';
import { describe, expect, it } from 'vitest';
import { aggregatorLaws } from './aggregator.js';
import { answerFormatLaws } from './answer-format.js';
import type { PartSetup } from './setup.js';
import { calibratorLaws } from './calibrator.js';
import { datasetSourceLaws } from './dataset-source.js';
import { letterSubjects } from './feature-extractor.mutants.js';
import { featureExtractorLaws } from './feature-extractor.js';
import { checkLaw, type Law } from './law.js';
import { learnerLaws } from './learner.js';
import { metricLaws } from './metric.js';
import { optimizerLaws } from './optimizer.js';
import * as reference from './reference/index.js';
import { samplerLaws } from './sampler.js';
import { stoppingRuleLaws } from './stopping-rule.js';
import { trainingSetSelectorLaws } from './training-set-selector.js';
import { workerModelLaws } from './worker-model.js';
import { workerSimulatorLaws } from './worker-simulator.js';

const CASE_MS = 500;

function atOnce(): never {
  for (;;);
}
async function afterAnAwait(): Promise<never> {
  await new Promise((resolve) => setTimeout(resolve, 1));
  for (;;);
}
const neverSettles = (): Promise<never> => new Promise(() => undefined);

/** The message of a suite's first law about a part of which one method is replaced. */
async function verdict<P extends Part, C extends object>(
  laws: readonly Law<{ make: (setup: PartSetup) => P; capabilities: C }>[],
  make: (setup: PartSetup) => P,
  method: keyof P,
  stuck: () => unknown,
  capabilities = {} as C,
): Promise<string> {
  const subject = {
    make: (setup: PartSetup): P => Object.assign(make(setup), { [method]: stuck }),
    capabilities: { ...capabilities, caseMs: CASE_MS },
  };
  return checkLaw(laws[0]!, subject).then(
    () => 'accepted',
    (thrown: unknown) => String(thrown),
  );
}

const optimizer = ({ dataset, knowledge }: PartSetup) =>
  reference.referenceOptimizer({
    dataset,
    aggregator: reference.referenceMajority(),
    workerModel: reference.referenceWorkerModel(dataset.classes.length, knowledge),
    learner: reference.silentLearner(),
  });
const model = ({ dataset, knowledge }: PartSetup) => reference.referenceWorkerModel(dataset.classes.length, knowledge);
const simulator = ({ truth, dataset }: PartSetup) => reference.referenceSimulator(truth!, dataset.classes.length);
const metric = ({ truth }: PartSetup) => reference.referenceMetric(truth);

describe('an endless loop is stopped, and the function that it is in is named', () => {
  it.each<[string, () => Promise<string>]>([
    ['Aggregator.aggregate', () => verdict(aggregatorLaws, reference.referenceAggregator, 'aggregate', atOnce)],
    ['WorkerModel.update', () => verdict(workerModelLaws, model, 'update', atOnce)],
    ['StoppingRule.stop', () => verdict(stoppingRuleLaws, () => reference.referenceRule(), 'stop', atOnce)],
    ['Metric.measure', () => verdict(metricLaws, metric, 'measure', atOnce)],
    ['Calibrator.fit', () => verdict(calibratorLaws, reference.referenceCalibrator, 'fit', atOnce)],
    [
      'TrainingSetSelector.select',
      () => verdict(trainingSetSelectorLaws, reference.referenceSelector, 'select', atOnce),
    ],
    ['Learner.fitPredict', () => verdict(learnerLaws, reference.centroidLearner, 'fitPredict', atOnce)],
    ['WorkerSimulator.answer', () => verdict(workerSimulatorLaws, simulator, 'answer', atOnce)],
    ['DatasetSource.load', () => verdict(datasetSourceLaws, () => reference.referenceSource(), 'load', atOnce)],
  ])('%s', async (_method, message) => {
    expect(await message()).toMatch(/^Hung: an endless loop: (.*called by )?atOnce \(.*termination\.test\.ts:\d+\)/);
  });

  it.each<[string, () => Promise<string>]>([
    ['Learner.fitPredict', () => verdict(learnerLaws, reference.centroidLearner, 'fitPredict', afterAnAwait)],
    ['WorkerSimulator.answer', () => verdict(workerSimulatorLaws, simulator, 'answer', afterAnAwait)],
    ['DatasetSource.load', () => verdict(datasetSourceLaws, () => reference.referenceSource(), 'load', afterAnAwait)],
    ['Optimizer.step', () => verdict(optimizerLaws, optimizer, 'step', afterAnAwait)],
    [
      'FeatureExtractor.extract',
      () => verdict(featureExtractorLaws, reference.referenceExtractor, 'extract', afterAnAwait, letterSubjects),
    ],
  ])('%s, after an await', async (_method, message) => {
    expect(await message()).toMatch(/^Hung: an endless loop: afterAnAwait \(.*termination\.test\.ts:\d+\)/);
  });

  it('AnswerFormat.read, after an await', async () => {
    const said = await Promise.all(
      answerFormatLaws.slice(0, 1).map((law) => {
        const make = () => ({ ...reference.referenceFormat(), read: afterAnAwait });
        return checkLaw(law, { make, capabilities: { caseMs: CASE_MS } }).catch(String);
      }),
    );
    expect(said).toEqual([expect.stringContaining('an endless loop: afterAnAwait')]);
  });

  it('Sampler.plan, interrupted sooner', async () => {
    const message = await verdict(samplerLaws, () => reference.referenceSampler(), 'plan', atOnce);
    expect(message).toMatch(/an endless loop: atOnce .* did not return within/);
  });

  it('shows the case and how to repeat it', async () => {
    const message = await verdict(metricLaws, metric, 'measure', atOnce);
    expect(message).toMatch(/counterexample \(case 1, not shrunk\): \{.*\n {2}again with QUORATE_TEST_SEED=\d+ npx/);
  });
});

describe('a promise that never settles is given up', () => {
  it.each<[string, () => Promise<string>]>([
    ['Learner.fitPredict', () => verdict(learnerLaws, reference.centroidLearner, 'fitPredict', neverSettles)],
    ['WorkerSimulator.answer', () => verdict(workerSimulatorLaws, simulator, 'answer', neverSettles)],
    ['DatasetSource.load', () => verdict(datasetSourceLaws, () => reference.referenceSource(), 'load', neverSettles)],
  ])('%s', async (_method, message) => {
    expect(await message()).toContain(`a promise did not settle within ${CASE_MS} ms`);
  });
});
