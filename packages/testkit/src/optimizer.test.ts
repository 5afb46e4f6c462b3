import type { Optimizer } from '@quorate/core';
import type { PartSetup } from './setup.js';
import { describeSuite } from './mutants.js';
import { optimizerMutants, wholeOptimizer } from './optimizer.mutants.js';
import { describeOptimizer, optimizerLaws, type OptimizerSubject } from './optimizer.js';
import { referenceMajority } from './reference/aggregator.js';
import { silentLearner } from './reference/learner.js';
import { referenceOptimizer } from './reference/optimizer.js';
import { referenceWorkerModel } from './reference/worker-model.js';

function votes({ dataset, knowledge }: PartSetup): Optimizer {
  const workerModel = referenceWorkerModel(dataset.classes.length, knowledge);
  return referenceOptimizer({ dataset, aggregator: referenceMajority(), workerModel, learner: silentLearner() });
}

describeOptimizer('reference', wholeOptimizer, { maxIterations: 10 });

const references: Record<string, OptimizerSubject> = {
  'EM with a learner': { make: wholeOptimizer, capabilities: { maxIterations: 10 } },
  'EM over majority vote': { make: votes, capabilities: {} },
};

describeSuite('Optimizer', optimizerLaws, references, optimizerMutants);
