import { z } from 'zod';
import { Registry, defineComponent, definePlugin } from '@quorate/core';
import { describe, expect, it } from 'vitest';
import { configSchema } from './json-schema.js';
import { layerOf, type Layer } from './layer.js';
import { problemsError, type Problem } from './problems.js';
import { resolveConfig } from './resolve.js';
import type { RunConfig } from './types.js';
import { wordsLayer } from './words.js';

const structured = defineComponent({
  kind: 'workerSimulator',
  name: 'structured',
  summary: '',
  options: z.strictObject({ workers: z.int().default(50) }),
  create: () => ({}) as never,
});
const registry = new Registry([definePlugin({ name: 'parts', apiVersion: '*', components: [structured] })]);

interface Given {
  readonly file?: unknown;
  readonly words?: readonly string[];
  readonly base?: Readonly<Record<string, unknown>>;
}

function resolve({ file, words = [], base }: Given): RunConfig {
  const problems: Problem[] = [];
  const layers: Layer[] = [];
  if (base) layers.push(layerOf('run.json', false, base, problems));
  if (file !== undefined) layers.push(layerOf('quorate.config.yaml', false, file, problems));
  const typed = wordsLayer(words, problems);
  if (typed) layers.push(typed);
  const request = { registry, layers, complete: base !== undefined, plugins: [], unavailable: new Map(), problems };
  const { config } = resolveConfig(request);
  if (problems.length > 0) throw problemsError('CONFIG_INVALID', 'the configuration', problems);
  return config;
}

function refusal(given: Given): string {
  try {
    resolve(given);
  } catch (thrown) {
    return (thrown as Error).message;
  }
  throw new Error('it was accepted');
}

describe('prices, models and budgets of money', () => {
  const priced = ['prices.answer=0.05', 'prices.audit=1', 'prices.currency=EUR'];

  it('a budget is one of answers or of money', () => {
    expect(resolve({ words: ['budget=7'] })).toMatchObject({ budget: 7, money: null, prices: null });
    const config = resolve({ words: [...priced, 'budget.money=12.5'], file: { budget: 7 } });
    expect(config).toMatchObject({ budget: null, money: 12.5, prices: { answer: 0.05, audit: 1, currency: 'EUR' } });
    expect(config.resolved).toMatchObject({ budget: { money: 12.5 } });
    expect(refusal({ words: ['budget.money=5'] })).toMatch(/budget\.money: expected prices beside it.*prices\.answer=/);
    expect(refusal({ words: ['budget.money=-5', ...priced] })).toContain('budget.money: expected a number > 0, got -5');
    expect(refusal({ words: ['prices.anwser=1'] })).toContain('Did you mean "answer"?');
  });

  it('prices of several layers merge', () => {
    const config = resolve({ file: { prices: { answer: 1, workers: { ann: 3 } } }, words: ['prices.audit=2'] });
    expect(config.prices).toEqual({ answer: 1, audit: 2, currency: '', workers: { ann: 3 } });
  });

  it('a model is a component of workers with its own options, several of one component too', () => {
    const models = [
      { use: 'structured', workers: 1, price: 0.01, family: 'tiny' },
      { use: 'structured', workers: 2, price: 0.02 },
    ];
    const config = resolve({ file: { models, prices: { answer: 1 } } });
    expect(config.models).toMatchObject([
      { use: 'structured', options: { workers: 1 }, price: 0.01, family: 'tiny' },
      { use: 'structured', options: { workers: 2 }, price: 0.02, family: null },
    ]);
    const again = resolve({ base: JSON.parse(JSON.stringify(config.resolved)) as Record<string, unknown> });
    expect(again.resolved).toEqual(config.resolved);
    expect(again.models).toEqual(config.models);
  });

  it.each([
    [[{ use: 'structred' }], /models\.0\.use: expected .*got "structred"/],
    [[{ use: 'structured', workrs: 2 }], /models\.0\.workrs: .*option of workerSimulator "structured"/],
    [[{ use: 'structured', price: -1 }], /models\.0\.price: expected a number >= 0, got -1/],
    [[{ price: 1 }], /models\.0\.use: expected a string/],
    [{ use: 'structured' }, /models: expected a list/],
    [[{ use: 'structured', price: 1 }], /models\.0\.price: expected a price of people beside it.*prices\.answer/],
  ])('%j is refused', (models, reason) => {
    expect(refusal({ file: { models } })).toMatch(reason);
  });
});

it('editors know the options of a model, and what only a model has', () => {
  const { properties } = configSchema(registry) as { properties: Record<string, Record<string, unknown>> };
  const then = {
    additionalProperties: false,
    properties: { use: true, price: { minimum: 0 }, workers: { default: 50 } },
  };
  const items = { required: ['use'], properties: { use: { enum: ['structured'] } }, allOf: [{ then }] };
  expect(properties['models']).toMatchObject({ type: ['array', 'null'], items });
  expect(JSON.stringify(properties['workers'])).not.toContain('"price"');
});
