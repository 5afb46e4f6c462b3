import { learnerBackendMutants } from './learner-backend.mutants.js';
import { describeLearnerBackend, learnerBackendLaws } from './learner-backend.js';
import { describeSuite } from './mutants.js';
import { referenceBackend } from './reference/learner-backend.js';

describeLearnerBackend('reference', () => referenceBackend());

describeSuite(
  'LearnerBackend',
  learnerBackendLaws,
  { 'plain TypeScript': { make: () => referenceBackend(), capabilities: {} } },
  learnerBackendMutants,
);
