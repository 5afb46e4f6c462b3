import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Registry, defineComponent, definePlugin, type Kind } from '@quorate/core';
import { problemsError, type Problem } from './problems.js';
import { resolveConfig } from './resolve.js';
import type { RunConfig } from './types.js';
import { wordsLayer } from './words.js';

/** A choice whose options stay as they are when they are parsed. */
const choice = (use: string, options: object) => ({ use, options, parsed: options });

const part = (kind: Kind, name: string, options: z.ZodType = z.strictObject({})) =>
  defineComponent({ kind, name, summary: `${kind} ${name}`, options, create: () => ({}) as never });

describe('workers who do not know the truth', () => {
  const simulated = defineComponent({
    kind: 'workerSimulator',
    name: 'simulated',
    summary: 'answers from the truth',
    options: z.strictObject({}),
    needs: () => ['truth'],
    create: () => ({}) as never,
  });
  const people = definePlugin({
    name: 'people',
    apiVersion: '*',
    components: [
      simulated,
      part('workerSimulator', 'people'),
      part('calibration', 'crowd', z.strictObject({ minGain: z.number().default(0.1) })),
      part('calibration', 'none'),
      part('workerModel', 'dirichlet', z.strictObject({ prior: z.string().default('study') })),
      part('workerModel', 'pooled'),
    ],
  });
  const resolved = (words: readonly string[], complete = false): RunConfig['choices'] => {
    const problems: Problem[] = [];
    const registry = new Registry([people]);
    const layers = [wordsLayer(words, problems)].flatMap((layer) => (layer ? [layer] : []));
    const request = { registry, layers, complete, plugins: [], unavailable: new Map<string, string>(), problems };
    const { config } = resolveConfig(request);
    if (problems.length > 0) throw problemsError('CONFIG_INVALID', 'test', problems);
    return config.choices;
  };

  it('have their confidence calibrated, unless the user says otherwise; simulated ones have not', () => {
    expect(resolved(['workers.use=people']).calibration).toEqual([choice('crowd', { minGain: 0.1 })]);
    expect(resolved(['workers.use=people', 'honesty.minGain=0.2']).calibration).toEqual([
      choice('crowd', { minGain: 0.2 }),
    ]);
    expect(resolved(['workers.use=people', 'honesty.use=none']).calibration).toEqual([choice('none', {})]);
    expect(resolved(['workers.use=simulated']).calibration).toBeUndefined();
    expect(resolved(['workers.use=people'], true).calibration).toBeUndefined();
  });

  it('are unknown beforehand to a worker model that asks for a prior', () => {
    const prior = (words: readonly string[]): unknown => resolved(words).workerModel?.[0]?.options;
    expect(prior(['workers.use=people', 'workerModel.use=dirichlet'])).toEqual({ prior: 'predefined_homegeneous' });
    expect(prior(['workers.use=people', 'workerModel.use=dirichlet', 'workerModel.prior=mine'])).toEqual({
      prior: 'mine',
    });
    expect(prior(['workers.use=simulated', 'workerModel.use=dirichlet'])).toEqual({ prior: 'study' });
    expect(prior(['workers.use=people', 'workerModel.use=pooled'])).toEqual({});
  });
});
