import { describeSuite } from './mutants.js';
import { referenceSelector } from './reference/training-set-selector.js';
import { trainingSetSelectorMutants } from './training-set-selector.mutants.js';
import { describeTrainingSetSelector, trainingSetSelectorLaws } from './training-set-selector.js';

describeTrainingSetSelector('reference', () => referenceSelector());

describeSuite(
  'TrainingSetSelector',
  trainingSetSelectorLaws,
  { 'annotated items': { make: () => referenceSelector(), capabilities: {} } },
  trainingSetSelectorMutants,
);
