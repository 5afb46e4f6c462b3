import type { WorkerModel } from '@quorate/core';
import type { PartSetup } from './setup.js';
import { describeSuite } from './mutants.js';
import { referenceWorkerModel } from './reference/worker-model.js';
import { pooledWorkers, workerModelMutants } from './worker-model.mutants.js';
import { describeWorkerModel, workerModelLaws } from './worker-model.js';

const make = ({ dataset, knowledge }: PartSetup): WorkerModel =>
  referenceWorkerModel(dataset.classes.length, knowledge);

describeWorkerModel('reference', make);

describeSuite(
  'WorkerModel',
  workerModelLaws,
  {
    'soft counts': { make, capabilities: {} },
    'one matrix for all workers': { make: (setup) => pooledWorkers(setup), capabilities: { pools: true } },
  },
  workerModelMutants,
);
