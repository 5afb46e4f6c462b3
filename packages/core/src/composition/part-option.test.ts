import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { compose, type Composition } from './compose.js';
import type { QuorateError } from '../errors.js';
import { defineComponent, definePlugin } from './plugin.js';
import { makeRng } from '../numbers/random.js';
import { Registry } from './registry.js';
import { T } from './tokens.js';
import { kindOfPartOption, partOption, partOptionsOf } from './part-option.js';

let made: string[] = [];

/** Counts what it was made with, and remembers what it is told to. */
const plain = defineComponent({
  kind: 'sampler',
  name: 'plain',
  summary: 's',
  options: z.strictObject({ hitSize: z.int().min(1).default(2).describe('n') }),
  needs: ({ hitSize }) => (hitSize > 2 ? ['features'] : []),
  inject: [T.Rng],
  create: ({ hitSize }, rng) => {
    made.push(`plain ${hitSize} ${rng.int(1e6)}`);
    let plans = 0;
    return {
      annotationsPerStep: hitSize,
      plan: () => (plans++, []),
      snapshot: () => plans,
      restore: (state) => void (plans = state as number),
      dispose: () => void made.push(`plain ${hitSize} disposed after ${plans}`),
    };
  },
});

const options = z.strictObject({
  inner: partOption('sampler').default({ use: 'plain' }).describe('whom to ask'),
});
const wrapped = defineComponent({
  kind: 'sampler',
  name: 'wrapped',
  summary: 's',
  options,
  inject: [T.Parts],
  create: async ({ inner }, parts) => {
    const right = await parts('sampler', inner);
    return { annotationsPerStep: 10 * right.annotationsPerStep, plan: (request, rng) => right.plan(request, rng) };
  },
});
const greedy = defineComponent({
  kind: 'sampler',
  name: 'circular',
  summary: 's',
  options: z.strictObject({}),
  inject: [T.Sampler],
  create: (_options, sampler) => sampler,
});

function run(given: object, use = 'wrapped'): Composition {
  made = [];
  const plugin = definePlugin({ name: 'p', apiVersion: '*', components: [plain, wrapped, greedy] });
  const choices = { sampler: [{ use, options: given as Record<string, unknown> }] };
  return compose({ registry: new Registry([plugin]), choices, rng: makeRng(1) });
}

const refusal = (act: () => unknown): QuorateError => {
  try {
    act();
  } catch (thrown) {
    return thrown as QuorateError;
  }
  return expect.unreachable();
};

describe('a component that takes another one as an option', () => {
  it('gets it from the factory, with its own options and stream, apart from the part of the run', async () => {
    const deep = { use: 'wrapped', inner: { use: 'plain', hitSize: 3 } };
    expect((await run({ inner: deep }).get('sampler')).annotationsPerStep).toBe(300);
    expect((await run({ inner: { use: 'plain', hitSize: 5 } }).get('sampler')).annotationsPerStep).toBe(50);
    const [nested] = made;
    await run({}).get('sampler');
    const [again] = made;
    expect(again).toBe(nested!.replace('5', '2'));
    await run({}, 'plain').get('sampler');
    expect(made[0]).not.toBe(again);
  });

  it('has its state saved, restored and freed by the run', async () => {
    const first = run({ inner: { use: 'plain', hitSize: 4 } });
    const sampler = await first.get('sampler');
    sampler.plan({} as never, makeRng(1));
    const states = first.parts().map(([key, part]) => [key, part.snapshot?.()]);
    expect(states).toEqual([
      ['sampler/wrapped', undefined],
      ['sampler/wrapped/1: sampler/plain', 1],
    ]);
    const second = run({ inner: { use: 'plain', hitSize: 4 } });
    await second.get('sampler');
    const parts = new Map(second.parts());
    for (const [key, state] of states) if (state !== undefined) parts.get(key as string)!.restore!(state);
    await second.dispose();
    expect(made.at(-1)).toBe('plain 4 disposed after 1');
  });

  it('is known before anything is built: what it needs, what is wrong with it', () => {
    const reached = run({ inner: { use: 'plain', hitSize: 4 } }).reach(['sampler']);
    expect(reached.map(({ component, options }) => [component.name, component.needs?.(options) ?? []])).toEqual([
      ['plain', ['features']],
      ['wrapped', []],
    ]);
    const check = (inner: object) => refusal(() => run({ inner }).check('sampler'));
    expect(check({ use: 'plian' })).toMatchObject({ code: 'PART_MISSING', detail: { fix: 'Did you mean "plain"?' } });
    expect(check({ use: 'plian' }).detail.where).toBe('option inner of sampler "wrapped"');
    expect(check({ use: 'plain', hitSize: 0 })).toMatchObject({ code: 'CONFIG_INVALID' });
    expect(check({ use: 'circular' }).code).toBe('PART_CIRCULAR');
    expect(check({ hitSize: 1 }).code).toBe('CONFIG_INVALID');
    expect(made).toEqual([]);
  });

  it('is recognised in a schema, whatever was put around it', () => {
    const one = partOption('learner');
    for (const schema of [
      one,
      one.describe('d'),
      one.optional(),
      one.default({ use: 'x' }).describe('d'),
      one.nullable(),
    ])
      expect(kindOfPartOption(schema)).toBe('learner');
    for (const schema of [z.string(), z.looseObject({ use: z.string() }), null, undefined])
      expect(kindOfPartOption(schema)).toBe(undefined);
    expect(partOptionsOf(options)).toEqual([['inner', 'sampler']]);
  });
});
