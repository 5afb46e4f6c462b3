import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { compose } from './compose.js';
import type { Choices } from './selection.js';
import type { StopRequest } from '../contracts/index.js';
import { QuorateError } from '../errors.js';
import { definePlugin, defineComponent, type AnyComponent } from './plugin.js';
import { makeRng } from '../numbers/random.js';
import { Registry } from './registry.js';
import { T } from './tokens.js';

const none = z.strictObject({});
const stop = (name: string, more: Partial<Parameters<typeof defineComponent>[0]> = {}): AnyComponent =>
  defineComponent({
    kind: 'stoppingRule',
    name,
    summary: name,
    options: none,
    create: () => ({ stop: () => null }),
    ...more,
  } as never);
const setup = (components: AnyComponent[], choices: Choices = {}, elsewhere = new Map<string, string>()) =>
  compose({
    registry: new Registry([definePlugin({ name: 'p', apiVersion: '*', components })], elsewhere),
    choices,
    rng: makeRng(1),
  });
const refusal = async (promise: Promise<unknown>): Promise<QuorateError> => {
  const thrown: unknown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(QuorateError);
  return thrown as QuorateError;
};

const nothingAsked = { valid: 0, items: 1, annotations: 0, annotationsPerStep: 1 } as StopRequest;

describe('composition of a run', () => {
  it('builds a part once, with parsed options and its own stream', async () => {
    let built = 0;
    const metric = defineComponent({
      kind: 'metric',
      name: 'm',
      summary: '',
      options: z.strictObject({ value: z.number().default(3) }),
      inject: [T.Rng, T.StoppingRule],
      create: (options, rng, rule) => {
        built++;
        expect(rule.stop(nothingAsked)).toBe(null);
        expect(rng.uniform()).toBe(makeRng(1).fork('metrics').fork('setup').uniform());
        return { measure: () => options.value };
      },
    });
    const run = setup([metric, stop('only')], { metric: [{ use: 'm', options: { value: 4 } }] });
    const [a, b] = await Promise.all([run.get('metric'), run.get('metric', 'm')]);
    expect(a).toBe(b);
    expect(built).toBe(1);
    expect(a.measure({} as never)).toBe(4);
    expect(run.parts().map(([key]) => key)).toEqual(['metrics/m', 'stop/only']);
  });

  it('parses options once: not those that were parsed where the configuration was read', async () => {
    let parsed = 0;
    const options = z.strictObject({ low: z.number().transform((low) => low + ++parsed) });
    const metric = defineComponent({
      kind: 'metric',
      name: 'm',
      summary: '',
      options,
      create: ({ low }) => ({ measure: () => low }),
    });
    const given = { low: 10 };
    const choice = { use: 'm', options: given, parsed: options.parse(given) };
    const run = setup([metric], { metric: [choice] });
    run.check('metric');
    expect(run.reach(['metric']).map((one) => one.options)).toEqual([{ low: 11 }]);
    expect((await run.get('metric')).measure({} as never)).toBe(11);
    expect(parsed).toBe(1);
  });

  it('names the path of a missing part and the plugin that could provide it', async () => {
    const metric = defineComponent({
      kind: 'metric',
      name: 'm',
      summary: '',
      options: none,
      inject: [T.Learner],
      create: (_options, _learner) => ({ measure: () => 0 }),
    });
    const choices = { learner: [{ use: 'mlp', options: {} }] };
    const error = await refusal(setup([metric], choices, new Map([['learner/mlp', '@acme/mlp']])).get('metric', 'm'));
    expect(error.code).toBe('PART_MISSING');
    expect(error.detail.where).toContain('metric "m" → learner "mlp"');
    expect(error.detail.fix).toContain('npm install @acme/mlp');
  });

  it('refuses an ambiguous kind, listing the candidates, and suggests a near name', async () => {
    const ambiguous = await refusal(setup([stop('a'), stop('b')]).get('stoppingRule'));
    expect(ambiguous.code).toBe('PART_AMBIGUOUS');
    expect(ambiguous.detail.expected).toContain('"a" (p) or "b" (p)');
    const near = await refusal(setup([stop('risk'), stop('b')]).get('stoppingRule', 'rsk'));
    expect(near.detail.fix).toContain('"risk"');
  });

  it('reports a circle', async () => {
    const error = await refusal(
      setup([
        stop('s', { inject: [T.Learner] }),
        defineComponent({
          kind: 'learner',
          name: 'm',
          summary: '',
          options: none,
          inject: [T.StoppingRule],
          create: (_options, _rule) => ({ fitPredict: () => null }),
        }),
      ]).get('learner'),
    );
    expect(error.code).toBe('PART_CIRCULAR');
    expect(error.detail.where).toContain('learner "m" → stoppingRule "s" → learner "m"');
  });

  it('wraps what a factory throws with the plugin that threw it', async () => {
    const broken = stop('s', {
      create: () => {
        throw new Error('boom');
      },
    });
    const error = await refusal(setup([broken]).get('stoppingRule'));
    expect(error).toMatchObject({ code: 'PART_FAILED', detail: { got: 'boom' } });
    expect(error.detail.where).toContain('plugin p');
  });

  it('takes the bindings of an author who writes classes', async () => {
    const classy = defineComponent({
      kind: 'stoppingRule',
      name: 'classy',
      summary: '',
      options: z.strictObject({ why: z.string().default('enough') }),
      bindings: (options) => (load) => {
        class Rule {
          stop(): string {
            return options.why;
          }
        }
        load
          .bind(T.StoppingRule)
          .toDynamicValue(() => new Rule())
          .inSingletonScope()
          .whenNamed('classy');
      },
    });
    const run = setup([classy, stop('other')], { stoppingRule: [{ use: 'classy', options: {} }] });
    expect((await run.get('stoppingRule')).stop(nothingAsked)).toBe('enough');
    expect(run.parts().map(([key]) => key)).toEqual(['stop/classy']);
  });

  it('disposes of what it built, once', async () => {
    let disposed = 0;
    const run = setup([stop('s', { create: () => ({ stop: () => null, dispose: () => void disposed++ }) })]);
    await run.get('stoppingRule');
    await run.dispose();
    await run.dispose();
    expect(disposed).toBe(1);
  });

  it('offers the learner backends unstarted, and survives one that cannot start', async () => {
    const started: string[] = [];
    const backend = (name: string, create: () => never | object): AnyComponent =>
      defineComponent({ kind: 'learnerBackend', name, summary: '', options: none, create } as never);
    const part = (name: string) => () => {
      started.push(name);
      return { name, fit: () => undefined, dispose: () => void started.push(`${name} disposed`) };
    };
    const chooser = defineComponent({
      kind: 'learnerBackend',
      name: 'chooser',
      summary: '',
      options: none,
      inject: [T.LearnerBackends],
      create: async (_options, candidates) => {
        expect(candidates.map(({ name }) => name)).toEqual(['broken', 'good', 'idle', 'chooser']);
        expect((await refusal(candidates[0]!.get())).code).toBe('PART_FAILED');
        return candidates[1]!.get();
      },
    });
    const broken = backend('broken', () => {
      throw new Error('no such device');
    });
    const components = [broken, backend('good', part('good')), backend('idle', part('idle')), chooser];
    const run = setup(components, { learnerBackend: [{ use: 'chooser', options: {} }] });
    expect((await run.get('learnerBackend')).name).toBe('good');
    expect(started).toEqual(['good']);
    await run.dispose();
    // Once as itself, once as what the chooser returned: the contract allows it.
    expect(started).toEqual(['good', 'good disposed', 'good disposed']);
  });

  it('lists what building a kind would build', () => {
    const metric = defineComponent({
      kind: 'metric',
      name: 'm',
      summary: '',
      options: none,
      inject: [T.StoppingRule],
      create: (_options, _rule) => ({ measure: () => 0 }),
    });
    const names = setup([metric, stop('s')])
      .reach(['metric'])
      .map((one) => one.component.name);
    expect(names).toEqual(['s', 'm']);
  });
});
