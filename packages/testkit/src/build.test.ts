import {
  T,
  defineComponent,
  partOption,
  token,
  type Aggregator,
  type Learner,
  type Sampler,
  type WorkerSimulator,
} from '@quorate/core';
import { TruthToken } from '@quorate/core/truth';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { buildComponent, partsOf } from './build.js';
import { forAll } from './law.js';
import { constantLearner, referenceAggregator, referenceSampler, referenceSimulator } from './reference/index.js';
import { World, anyWorld } from './world.js';
import fc from 'fast-check';

const plan = { items: 3, workers: 2, classes: 2, columns: 1, prototypesPerClass: 1, riskThreshold: 0.1, seed: 4 };
const world = new World({ ...plan, answers: [], retracted: [], beliefs: [], classNames: null });
const Extra = token<string>('testkit/Extra');

describe('buildComponent', () => {
  it('resolves what a component injects and parses its options', async () => {
    const given: unknown[] = [];
    const component = defineComponent({
      kind: 'workerSimulator',
      name: 'curious',
      summary: 'keeps what it was given',
      options: z.strictObject({ workers: z.int().default(2) }),
      inject: [T.Rng, T.Dataset, T.WorkerKnowledge, T.Files, TruthToken, T.Aggregator, T.Learner, Extra],
      create: (options, ...injected) => {
        given.push(options, ...injected);
        return referenceSimulator(injected[4]!, 2, options.workers);
      },
    });
    const aggregator: Aggregator = referenceAggregator();
    const learner: Learner = constantLearner();
    const make = buildComponent<WorkerSimulator>(component, {
      options: { workers: 7 },
      provide: { aggregator: () => aggregator, learner: () => learner },
      values: [[Extra, 'more']],
    });
    const setup = world.setup();
    const simulator = await make(setup);
    expect(simulator.workerIds).toHaveLength(7);
    const [options, rng, ...rest] = given;
    expect(options).toEqual({ workers: 7 });
    expect(rng).toBeDefined();
    const expected = [setup.dataset, setup.knowledge, setup.files, setup.truth, aggregator, learner, 'more'];
    expected.forEach((value, x) => expect(rest[x]).toBe(value));
    expect(partsOf(simulator)).toEqual([simulator, aggregator, learner]);
  });

  it('builds a fresh part every time, and says which option it refuses', async () => {
    const component = defineComponent({
      kind: 'sampler',
      name: 'plain',
      summary: 'plain',
      options: z.strictObject({ hitSize: z.int().default(2) }),
      create: (options) => referenceSampler(options),
    });
    const make = buildComponent<Sampler>(component);
    expect(await make(world.setup())).not.toBe(await make(world.setup()));
    await expect(buildComponent(component, { options: { hitSize: 'x' } })(world.setup())).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    });
  });
});

describe('a component that takes another one as an option', () => {
  const plain = defineComponent({
    kind: 'sampler',
    name: 'plain',
    summary: 'plain',
    options: z.strictObject({ hitSize: z.int().default(2) }),
    create: (options) => referenceSampler(options),
  });
  const doubling = defineComponent({
    kind: 'sampler',
    name: 'doubling',
    summary: 'says that it asks for twice as much',
    options: z.strictObject({ inner: partOption('sampler').default({ use: 'testkit' }) }),
    inject: [T.Parts],
    create: async ({ inner }, parts) => {
      const right = await parts('sampler', inner);
      return { ...right, annotationsPerStep: 2 * right.annotationsPerStep };
    },
  });

  it('gets a reference part, or one of the components that the test gives', async () => {
    const reference = await buildComponent<Sampler>(doubling)(world.setup());
    expect(reference.annotationsPerStep).toBe(2 * referenceSampler().annotationsPerStep);
    expect(partsOf(reference)).toHaveLength(2);
    const options = { inner: { use: 'plain', hitSize: 5 } };
    const given = await buildComponent<Sampler>(doubling, { options, components: [plain] })(world.setup());
    expect(given.annotationsPerStep).toBe(20);
  });
});

describe('forAll', () => {
  it('prints the seed and the smallest counterexample', async () => {
    const failing = forAll(fc.integer({ min: 0, max: 100 }), 50, (n) => {
      if (n > 6) throw new Error(`${n} is too much`);
    });
    await expect(failing).rejects.toThrow(/7 is too much[\s\S]*counterexample[\s\S]*: 7\n[\s\S]*QUORATE_TEST_SEED=/);
  });

  it('draws worlds that fit together', () =>
    forAll(anyWorld(), 100, (one) => {
      const { items: N, classes: K } = one.plan;
      const { dataset, truth } = one.setup();
      expect(dataset.features!.data.length).toBe((N + dataset.prototypes.ids.length) * dataset.features!.columns);
      expect(truth!.classOf.length).toBe(N);
      expect(one.posterior().length).toBe(N * K);
      const view = one.annotations();
      expect(view.live).toBe(one.plan.answers.length - one.plan.retracted.length);
      expect(view.perItem.reduce((a, b) => a + b, 0)).toBe(view.live);
    }));
});
