import { describeLearner, learnerLaws, type LearnerSubject } from './learner.js';
import { learnerMutants } from './learner.mutants.js';
import { describeSuite } from './mutants.js';
import { centroidLearner, constantLearner, silentLearner } from './reference/learner.js';

describeLearner('reference', () => centroidLearner());

const references: Record<string, LearnerSubject> = {
  'class means': { make: () => centroidLearner(), capabilities: {} },
  'a constant learner': { make: () => constantLearner(), capabilities: {} },
  'a silent learner': { make: () => silentLearner(), capabilities: { silent: true } },
};

describeSuite('Learner', learnerLaws, references, learnerMutants);
