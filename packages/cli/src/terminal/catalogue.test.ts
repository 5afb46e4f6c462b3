import { Registry, defineComponent, definePlugin } from '@quorate/core';
import { configSchema } from '@quorate/host';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { componentLines, optionsOf, pluginLines } from './catalogue.js';
import { downloadLine } from './download-view.js';
import { typeOf } from './option-rows.js';

const component = defineComponent({
  kind: 'sampler',
  name: 'patient',
  summary: 'waits until '.repeat(20).trim(),
  options: z.strictObject({
    hitSize: z.int().min(1).default(40).describe('items per HIT'),
    share: z.number().gt(0).lt(1),
    mode: z.enum(['soft', 'hard']).default('soft'),
    path: z.string().nullable().default(null),
    weights: z.array(z.number()).optional(),
  }),
  create: () => ({ annotationsPerStep: 1, plan: () => [] }),
});
const plugin = definePlugin({ name: 'quorate-plugin-patient', apiVersion: '^0.1.0', components: [component] });
const loaded = {
  plugin,
  spec: plugin.name,
  origin: 'config',
  file: '/x.js',
  packageName: null,
  version: null,
} as const;

describe('the description of a component', () => {
  const schema = configSchema(new Registry([plugin]));

  it('has every option with its type, default and description', () => {
    expect(optionsOf(component, schema)).toEqual([
      { name: 'hitSize', type: 'whole number >= 1', default: '40', description: 'items per HIT' },
      { name: 'share', type: 'number > 0 and < 1', default: 'required', description: '' },
      { name: 'mode', type: '"soft" | "hard"', default: '"soft"', description: '' },
      { name: 'path', type: 'string | null', default: 'null', description: '' },
      { name: 'weights', type: 'list of number', default: '', description: '' },
    ]);
  });

  it('fits 80 columns, as the list does', () => {
    for (const line of [...componentLines(component, plugin.name, schema), ...pluginLines(loaded)]) {
      expect(line.length, line).toBeLessThanOrEqual(80);
    }
    expect(pluginLines(loaded)[0]).toBe('quorate-plugin-patient (named by the configuration)');
  });
});

describe('a type', () => {
  it('is a short phrase, also where the schema says little', () => {
    expect(typeOf({})).toBe('any value');
    expect(typeOf({ type: ['string', 'null'] })).toBe('string | null');
    expect(typeOf({ anyOf: [{ const: 'all' }, { type: 'integer', minimum: Number.MIN_SAFE_INTEGER }] })).toBe(
      '"all" | whole number',
    );
  });
});

describe('the line of a download', () => {
  it('fits the terminal and says how long it takes', () => {
    for (const received of [0, 5e8, 1e9]) {
      const line = downloadLine('a/very/long/path/to/some/features.npy', received, 1e9, 5e7, 79);
      expect(line.length).toBeLessThanOrEqual(79);
      expect(line.includes('left')).toBe(received < 1e9);
    }
    expect(downloadLine('a.npy', 10, 100, null, 79)).not.toContain('left');
  });
});
