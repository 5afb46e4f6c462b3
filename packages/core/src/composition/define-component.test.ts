import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { partOption, type PartOption } from './part-option.js';
import type { Dataset } from '../data/dataset.js';
import { defineComponent, type AnyComponent } from './plugin.js';
import type { Learner, Metric, Sampler } from '../contracts/index.js';
import type { Rng } from '../numbers/random.js';
import { token } from './token.js';
import { T } from './tokens.js';
import { TruthToken, type Truth } from '../truth.js';

// The compiler is what is tested here: `tsc -b` compiles this file, and an expected error that does not come is one.

const options = z.strictObject({ n: z.int().default(1).describe('n') });
const head = { kind: 'sampler', name: 'x', summary: 'x', options } as const;
const sampler: Sampler = { annotationsPerStep: 1, plan: () => [] };

describe('defineComponent', () => {
  it('gives create its options and what inject lists, in order', () => {
    const Own = token<{ readonly depth: number }>('test/Own');
    const component = defineComponent({
      ...head,
      inject: [T.Rng, T.Dataset, T.Learner, TruthToken, Own],
      create: (given, rng, dataset, learner, truth, own) => {
        expectTypeOf(given).toEqualTypeOf<{ n: number }>();
        expectTypeOf(rng).toEqualTypeOf<Rng>();
        expectTypeOf(dataset).toEqualTypeOf<Dataset>();
        expectTypeOf(learner).toEqualTypeOf<Learner>();
        expectTypeOf(truth).toEqualTypeOf<Truth | null>();
        expectTypeOf(own).toEqualTypeOf<{ readonly depth: number }>();
        return sampler;
      },
    });
    expectTypeOf(component).toExtend<AnyComponent>();
    expect(component.inject).toHaveLength(5);
  });

  it('takes fewer parameters than it injects, promises, and bindings in place of create', () => {
    const some = [
      defineComponent({ ...head, inject: [T.Rng, T.Dataset], create: (_given, _rng) => sampler }),
      defineComponent({ ...head, create: () => Promise.resolve(sampler) }),
      defineComponent({
        ...head,
        bindings: (given) => (load) => {
          expectTypeOf(given).toEqualTypeOf<{ n: number }>();
          load.bind(T.Sampler).toConstantValue(sampler).whenNamed('x');
        },
      }),
    ];
    expect(some.map(({ inject }) => inject.length)).toEqual([2, 0, 0]);
  });

  it('gives a part option as a name with options, for the factory that T.Parts injects', () => {
    const wrapped = defineComponent({
      ...head,
      options: z.strictObject({ inner: partOption('sampler').default({ use: 'random' }).describe('whom to ask') }),
      inject: [T.Parts],
      create: async ({ inner }, parts) => {
        expectTypeOf(inner).toExtend<PartOption>();
        const made = parts('sampler', inner);
        expectTypeOf(made).toEqualTypeOf<Promise<Sampler>>();
        expectTypeOf(parts('metric', inner)).toEqualTypeOf<Promise<Metric>>();
        // @ts-expect-error -- a name has to be there
        void (() => parts('sampler', { hitSize: 1 }));
        return made;
      },
    });
    expect(wrapped.name).toBe('x');
  });

  it('refuses what does not fit together', () => {
    const readsDataset = (_given: object, dataset: Dataset): Sampler => {
      return { ...sampler, annotationsPerStep: dataset.taskIds.length };
    };
    const readsTwo = (_given: object, _learner: Learner, _dataset: Dataset): Sampler => sampler;
    const wrong = [
      // @ts-expect-error -- create takes what inject does not list
      defineComponent({ ...head, create: readsDataset }),
      // @ts-expect-error -- also without a type of its own
      defineComponent({ ...head, create: (_given, _dataset) => sampler }),
      // @ts-expect-error -- in another order
      defineComponent({ ...head, inject: [T.Dataset, T.Learner], create: readsTwo }),
      // @ts-expect-error -- more than inject lists
      defineComponent({ ...head, inject: [T.Rng], create: (_given, _rng, _dataset: Dataset) => sampler }),
      // @ts-expect-error -- neither create nor bindings
      defineComponent({ ...head }),
      // @ts-expect-error -- both
      defineComponent({ ...head, create: () => sampler, bindings: () => () => undefined }),
      // @ts-expect-error -- no such kind
      defineComponent({ ...head, kind: 'simulator', create: () => sampler }),
      // @ts-expect-error -- annotationsPerStep is missing
      defineComponent({ ...head, create: () => ({ plan: () => [] }) }),
      // @ts-expect-error -- a plan is not waited for
      defineComponent({ ...head, create: () => ({ annotationsPerStep: 1, plan: () => Promise.resolve([]) }) }),
      // @ts-expect-error -- items are an Int32Array
      defineComponent({ ...head, create: () => ({ annotationsPerStep: 1, plan: () => [{ worker: 0, items: [1] }] }) }),
      // @ts-expect-error -- an option that the schema does not have
      defineComponent({ ...head, create: ({ m }) => ({ ...sampler, annotationsPerStep: Number(m) }) }),
      // @ts-expect-error -- no token
      defineComponent({ ...head, inject: ['Dataset'], create: () => sampler }),
    ];
    expect(wrong).toHaveLength(12);
  });
});
