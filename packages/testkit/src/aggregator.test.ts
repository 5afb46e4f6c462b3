import { aggregatorLaws, describeAggregator } from './aggregator.js';
import { aggregatorMutants } from './aggregator.mutants.js';
import { describeSuite } from './mutants.js';
import { referenceAggregator, referenceMajority, referenceWeighted } from './reference/aggregator.js';

describeAggregator('reference', () => referenceAggregator(), { exact: true });

describeSuite(
  'Aggregator',
  aggregatorLaws,
  {
    'the posterior': { make: () => referenceAggregator(), capabilities: { exact: true } },
    'vote shares': { make: () => referenceMajority(), capabilities: {} },
    'weighted votes': { make: () => referenceWeighted(), capabilities: { infers: true, absorbs: true } },
  },
  aggregatorMutants,
);
