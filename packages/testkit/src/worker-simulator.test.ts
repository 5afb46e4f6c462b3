import type { WorkerSimulator } from '@quorate/core';
import type { PartSetup } from './setup.js';
import { describeSuite } from './mutants.js';
import { referenceSimulator } from './reference/worker-simulator.js';
import { workerSimulatorMutants } from './worker-simulator.mutants.js';
import { describeWorkerSimulator, workerSimulatorLaws } from './worker-simulator.js';

const make = ({ truth, dataset }: PartSetup): WorkerSimulator => referenceSimulator(truth!, dataset.classes.length);

describeWorkerSimulator('reference', make);
describeWorkerSimulator('reference with named classes', make, { classes: ['cat', 'dog', 7] });

describeWorkerSimulator(
  'reference that declines every third item',
  (setup) => {
    const right = make(setup);
    return {
      ...right,
      answer: (questions, labels, rng) => {
        void right.answer(questions, labels, rng);
        for (let a = 0; a < questions.count; a++) if (questions.item[a]! % 3 === 0) labels[a] = -1;
      },
    };
  },
  { declines: true },
);

describeSuite(
  'WorkerSimulator',
  workerSimulatorLaws,
  { 'flat workers': { make, capabilities: {} } },
  workerSimulatorMutants,
);
