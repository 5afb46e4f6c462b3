import { annotationStoreMutants } from './annotation-store.mutants.js';
import { annotationStoreLaws, describeAnnotationStore } from './annotation-store.js';
import { describeSuite } from './mutants.js';
import { referenceStore } from './reference/annotation-store.js';

describeAnnotationStore('reference', referenceStore);

describeSuite(
  'AnnotationStore',
  annotationStoreLaws,
  { 'core’s index': { make: referenceStore, capabilities: {} } },
  annotationStoreMutants,
);
