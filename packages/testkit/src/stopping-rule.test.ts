import { describeSuite } from './mutants.js';
import { referenceRule } from './reference/stopping-rule.js';
import { stoppingRuleMutants } from './stopping-rule.mutants.js';
import { describeStoppingRule, stoppingRuleLaws } from './stopping-rule.js';

describeStoppingRule('reference', () => referenceRule());

describeSuite(
  'StoppingRule',
  stoppingRuleLaws,
  {
    patience: { make: () => referenceRule(), capabilities: {} },
    'never stops': { make: () => ({ stop: () => null }), capabilities: {} },
  },
  stoppingRuleMutants,
);
