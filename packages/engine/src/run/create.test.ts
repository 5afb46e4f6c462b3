import { expect, it } from 'vitest';
import { createRun } from './create.js';

// The compiler is what is tested here: an expected error that does not come is one.
it('takes the keys of a configuration, and no others', () => {
  const right = () => createRun({ experiment: 'mnist', seed: 3, budget: null, sampler: { use: 'random', hitSize: 4 } });
  const wrong = [
    // @ts-expect-error -- no such key
    () => createRun({ sed: 3 }),
    // @ts-expect-error -- a number
    () => createRun({ seed: '3' }),
    // @ts-expect-error -- a name, or null
    () => createRun({ method: 4 }),
    // @ts-expect-error -- a map with `use`
    () => createRun({ sampler: 'random' }),
    // @ts-expect-error -- options are plain data
    () => createRun({ sampler: { use: 'random', hitSize: () => 4 } }),
    // @ts-expect-error -- a list
    () => createRun({ metrics: { use: 'f1' } }),
    // @ts-expect-error -- files only
    () => createRun({ extends: 'base.yaml' }),
  ];
  expect([right, ...wrong]).toHaveLength(8);
});
