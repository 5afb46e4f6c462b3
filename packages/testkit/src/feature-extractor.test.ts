import { featureExtractorLaws, describeFeatureExtractor } from './feature-extractor.js';
import { featureExtractorMutants, letterSubjects } from './feature-extractor.mutants.js';
import { describeSuite } from './mutants.js';
import { referenceExtractor } from './reference/feature-extractor.js';

describeFeatureExtractor('reference', () => referenceExtractor(), letterSubjects);

describeSuite(
  'FeatureExtractor',
  featureExtractorLaws,
  { 'counts of letters': { make: () => referenceExtractor(), capabilities: letterSubjects } },
  featureExtractorMutants,
);
