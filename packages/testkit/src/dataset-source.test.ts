import { KNOWN, datasetSourceMutants } from './dataset-source.mutants.js';
import { datasetSourceLaws, describeDatasetSource, type DatasetSourceSubject } from './dataset-source.js';
import { describeSuite } from './mutants.js';
import { referenceSource } from './reference/dataset-source.js';

describeDatasetSource('reference', () => referenceSource());

const references: Record<string, DatasetSourceSubject> = {
  'a source of features': { make: () => referenceSource(), capabilities: {} },
  'a source of which the test knows something': { make: () => referenceSource(), capabilities: { knows: KNOWN } },
  'a source of labels only': { make: () => referenceSource({ features: false }), capabilities: {} },
  'a source that is asked for classes': { make: () => referenceSource(), capabilities: { classes: ['x', 4] } },
};

describeSuite('DatasetSource', datasetSourceLaws, references, datasetSourceMutants);
