import { describe, expect, it } from 'vitest';
import { inject, injectable } from 'inversify';
import { z } from 'zod';
import { compose } from './compose.js';
import { kinds, methodOf, type Kind, type Part } from '../contracts/index.js';
import type { QuorateError } from '../errors.js';
import { defineComponent, definePlugin, type AnyComponent } from './plugin.js';
import { makeRng } from '../numbers/random.js';
import { Registry } from './registry.js';
import { token, type Token } from './token.js';
import { T } from './tokens.js';
import { TruthToken, type Truth } from '../truth.js';

const none = z.strictObject({});
const truth: Truth = { classOf: Int32Array.of(1, 0) };
const partOf = (kind: Kind): Part => ({ [methodOf[kind]]: () => null });
const sees: readonly Kind[] = ['datasetSource', 'workerSimulator', 'metric'];
const blind = kinds.filter((kind) => !sees.includes(kind));

/** The ways to reach for a token: each puts what it got into `got`. */
const ways = {
  inject: (kind: Kind, wanted: Token<unknown>, got: unknown[]) => ({
    inject: [wanted],
    create: (_options: object, value: unknown) => (got.push(value), partOf(kind)),
  }),
  'a dynamic value of bindings': (kind: Kind, wanted: Token<unknown>, got: unknown[]) => ({
    bindings: () => (load: { bind: (id: symbol) => never }) => {
      const binding = load.bind(token(kind)) as unknown as {
        toDynamicValue(make: (context: { get(id: symbol): unknown }) => Part): { whenNamed(name: string): void };
      };
      binding.toDynamicValue((context) => (got.push(context.get(wanted)), partOf(kind))).whenNamed('cheat');
    },
  }),
  'an @injectable class': (kind: Kind, wanted: Token<unknown>, got: unknown[]) => ({
    bindings: () => (load: { bind: (id: symbol) => never }) => {
      class Cheat {
        constructor(value: unknown) {
          got.push(value);
          Object.assign(this, partOf(kind));
        }
      }
      injectable()(Cheat);
      inject(wanted as symbol)(Cheat, undefined, 0);
      const binding = load.bind(token(kind)) as unknown as { to(type: unknown): { whenNamed(name: string): void } };
      binding.to(Cheat).whenNamed('cheat');
    },
  }),
} as const;

function setup(kind: Kind, way: keyof typeof ways, wanted: Token<unknown>, got: unknown[]) {
  const cheat = { kind, name: 'cheat', summary: 's', options: none, ...ways[way](kind, wanted, got) };
  const others = sees
    .filter((other) => other !== kind)
    .map((other) => ({ kind: other, name: 'right', summary: 's', options: none, create: () => partOf(other) }));
  const components = [cheat, ...others].map((one) => defineComponent(one as never));
  const run = compose({
    registry: new Registry([definePlugin({ name: 'cheats', apiVersion: '*', components })]),
    choices: { [kind]: [{ use: 'cheat', options: {} }] },
    rng: makeRng(1),
  });
  run.provide(TruthToken, truth);
  return run;
}

const refusal = (promise: Promise<unknown>): Promise<QuorateError> =>
  promise.then(
    () => expect.unreachable(),
    (thrown: unknown) => thrown as QuorateError,
  );

describe.each(Object.keys(ways) as (keyof typeof ways)[])('the truth by way of %s', (way) => {
  it.each(blind)('is refused to a %s, and so is each part that knows it', async (kind) => {
    for (const wanted of [TruthToken, T.WorkerSimulator, T.Metric, T.DatasetSource]) {
      const got: unknown[] = [];
      const error = await refusal(setup(kind, way, wanted, got).get(kind));
      expect(error).toMatchObject({ code: 'PLUGIN_INVALID' });
      expect(error.message).toContain('/cheat of plugin cheats');
      expect(error.message).toMatch(
        /an injection of the (truth|workerSimulator, which|metric, which|datasetSource, which)/,
      );
      expect(got).toEqual([]);
    }
  });

  it.each(sees)('is there for a %s', async (kind) => {
    const got: unknown[] = [];
    await setup(kind, way, TruthToken, got).get(kind);
    expect(got).toEqual([truth]);
    if (way === 'a dynamic value of bindings') return; // Parts are promises: a dynamic value has to wait for them.
    const other = sees.find((one) => one !== kind)!;
    await setup(kind, way, token(other), got).get(kind);
    expect(got[1]).toHaveProperty(methodOf[other]);
  });
});

describe('the truth by way of a part option', () => {
  it('is refused: a sampler cannot have a simulator of its own', async () => {
    const sampler = defineComponent({
      kind: 'sampler',
      name: 'cheat',
      summary: 's',
      options: none,
      inject: [T.Parts],
      create: async (_options, parts) => {
        await parts('workerSimulator', { use: 'right' });
        return { annotationsPerStep: 1, plan: () => [] };
      },
    });
    const right: AnyComponent = defineComponent({
      ...{ kind: 'workerSimulator', name: 'right', summary: 's', options: none, inject: [TruthToken] },
      create: () => partOf('workerSimulator'),
    } as never);
    const components = [sampler, right];
    const registry = new Registry([definePlugin({ name: 'cheats', apiVersion: '*', components })]);
    const run = compose({ registry, choices: {}, rng: makeRng(1) });
    run.provide(TruthToken, truth);
    expect((await refusal(run.get('sampler'))).message).toContain('sampler/cheat of plugin cheats');
  });
});
