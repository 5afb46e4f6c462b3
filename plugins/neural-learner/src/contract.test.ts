import {
  buildComponent,
  describeCalibrator,
  describeLearner,
  describeLearnerBackend,
  describePlugin,
  describeTrainingSetSelector,
} from '@quorate/testkit';
import reference, { referenceBackend } from './backend-reference.js';
import none from './calibrator-none.js';
import temperature from './calibrator-temperature.js';
import plugin from './index.js';
import { mlp, softmaxRegression } from './learners.js';
import { annotated, mixmatch, pseudolabel } from './selectors.js';

describePlugin(plugin);
describeLearnerBackend('reference', buildComponent(reference));
describeCalibrator('temperature', buildComponent(temperature));
describeCalibrator('temperature (released)', buildComponent(temperature, { options: { optimizer: 'released' } }));
describeCalibrator('none', buildComponent(none));
describeTrainingSetSelector('annotated', buildComponent(annotated));
describeTrainingSetSelector('pseudolabel', buildComponent(pseudolabel));
describeTrainingSetSelector('mixmatch', buildComponent(mixmatch));

const provide = {
  learnerBackend: () => referenceBackend,
  calibrator: buildComponent(temperature),
  trainingSetSelector: buildComponent(annotated),
};
const quick = { steps: 20, batchSize: 16, hiddenSize: 4, learningRatePerRoot: 0.01 };
const { hiddenSize: _, ...noHidden } = quick;
const learner = (options: object, more: object = {}) =>
  buildComponent(mlp, { options: { ...quick, ...options }, provide: { ...provide, ...more } });

describeLearner('mlp of improved_lean', learner({}));
describeLearner('mlp of efficient_annotation', learner({}, { trainingSetSelector: buildComponent(pseudolabel) }));
describeLearner('mlp of lean', learner({ validation: 'folds', scope: 'local' }));
describeLearner(
  'mlp, MixMatch with noise',
  learner({}, { trainingSetSelector: buildComponent(mixmatch, { options: { mu: 2, noise: 0.1 } }) }),
  { withoutSanity: 'MixMatch needs more than the few steps that it is tested with' },
);
describeLearner('mlp, held-out scores', learner({ validation: 'folds', outOfFold: true }));
describeLearner(
  'mlp, two hidden layers, hold-out',
  learner({ validation: 'holdout', scope: 'local', hiddenLayers: 2 }),
);
describeLearner('softmax', buildComponent(softmaxRegression, { options: noHidden, provide }));
