import { expect, it } from 'vitest';
import { createRun } from '@quorate/engine';
import '@quorate/plugin-datasets';
import '@quorate/plugin-ds-model';
import '@quorate/plugin-standard';
import '@quorate/plugin-truth-inference';

// The compiler is what is tested here: an expected error that does not come is one.
it('createRun knows the options of the parts of plugins that the program imports', () => {
  const name: string = 'greedy_task_assignment';
  const right = [
    () => createRun({ sampler: { use: 'greedy_task_assignment', maxAnnotationsPerWorker: 40 } }),
    () => createRun({ workers: { use: 'structured', accuracy: 0.8, spread: 0.1 }, aggregator: { use: 'glad' } }),
    // Options alone are for the part that the presets choose.
    () => createRun({ method: 'ds_model', sampler: { hitSize: 4 } }),
    // Parts of other plugins, and names that the compiler does not know, take any options.
    () => createRun({ sampler: { use: 'mine', depth: 3 }, learner: { use: 'yours', layers: [64, 32] } }),
    () => createRun({ sampler: { use: name, depth: 3 }, metrics: [{ use: 'mine', at: 0.5 }] }),
    () => createRun({ sampler: null }),
  ];
  const wrong = [
    // @ts-expect-error -- no such option
    () => createRun({ sampler: { use: 'greedy_task_assignment', maxAnnotationPerWorker: 40 } }),
    // @ts-expect-error -- a number
    () => createRun({ sampler: { use: 'random', hitSize: '4' } }),
    // @ts-expect-error -- one of two words
    () => createRun({ sampler: { use: 'random', fillHits: 'grow' } }),
    // @ts-expect-error -- an option of another part
    () => createRun({ sampler: { use: 'random', maxAnnotationsPerWorker: 40 } }),
    // @ts-expect-error -- no such option of workers
    () => createRun({ workers: { use: 'uniform', accuracy: 0.8 } }),
    // @ts-expect-error -- one of the names of priors
    () => createRun({ workerModel: { use: 'dirichlet', prior: 'flat' } }),
    // @ts-expect-error -- no such key
    () => createRun({ sed: 3 }),
    // @ts-expect-error -- no such section
    () => createRun({ samplers: { use: 'random' } }),
  ];
  expect([...right, ...wrong]).toHaveLength(14);
});
