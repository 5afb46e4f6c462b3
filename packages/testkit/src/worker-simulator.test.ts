import type { WorkerSimulator } from '@quorate/core';
import type { PartSetup } from './setup.js';
import { describeSuite } from './mutants.js';
import { referenceSimulator } from './reference/worker-simulator.js';
import { workerSimulatorMutants } from './worker-simulator.mutants.js';
import { describeWorkerSimulator, workerSimulatorLaws } from './worker-simulator.js';

const make = ({ truth, dataset }: PartSetup): WorkerSimulator => referenceSimulator(truth!, dataset.classes.length);

describeWorkerSimulator('reference', make);
describeWorkerSimulator('reference with named classes', make, { classes: ['cat', 'dog', 7] });

describeSuite(
  'WorkerSimulator',
  workerSimulatorLaws,
  { 'flat workers': { make, capabilities: {} } },
  workerSimulatorMutants,
);
