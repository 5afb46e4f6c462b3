import { executorMutants } from './executor.mutants.js';
import { describeExecutor, executorLaws, type ExecutorSubject } from './executor.js';
import { describeSuite } from './mutants.js';
import { ReferenceExecutor } from './reference/executor.js';

const make: ExecutorSubject['make'] = async (context) => new ReferenceExecutor(context);

describeExecutor('reference', make);

describeSuite('Executor', executorLaws, { 'promises of this process': { make, capabilities: {} } }, executorMutants);
