import { describeLearner, learnerLaws, type LearnerSubject } from './learner.js';
import { learnerMutants } from './learner.mutants.js';
import { describeSuite } from './mutants.js';
import { leavingOut } from './learner.mutants.js';
import { centroidLearner, constantLearner, rememberingLearner, silentLearner } from './reference/learner.js';

describeLearner('reference', () => centroidLearner());

const references: Record<string, LearnerSubject> = {
  'class means': { make: () => centroidLearner(), capabilities: {} },
  'class means, said again when asked': { make: () => rememberingLearner(), capabilities: {} },
  'a constant learner': {
    make: () => constantLearner(),
    capabilities: { withoutSanity: 'it says the same of every item' },
  },
  'class means that leave the item out': { make: leavingOut, capabilities: {} },
  'a silent learner': { make: () => silentLearner(), capabilities: { silent: true } },
};

describeSuite('Learner', learnerLaws, references, learnerMutants);
