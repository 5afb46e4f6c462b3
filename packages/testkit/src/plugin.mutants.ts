import { T, defineComponent, definePlugin, type PluginDefinition } from '@quorate/core';
import { TruthToken } from '@quorate/core/truth';
import { z } from 'zod';
import type { Mutant } from './mutants.js';
import type { PluginSubject } from './plugin.js';
import { referenceSampler } from './reference/sampler.js';

const component = defineComponent({
  kind: 'sampler',
  name: 'first_open',
  summary: 'asks about the first open items',
  options: z.strictObject({ hitSize: z.int().min(1).default(2).describe('items per HIT') }),
  create: (options) => referenceSampler(options),
});

/** A small plugin that keeps every law. */
export const rightPlugin: PluginDefinition = {
  name: 'quorate-plugin-example',
  apiVersion: '^0.1.0',
  components: [component],
  presets: [{ group: 'method', name: 'example', summary: 'an example', config: { sampler: { use: 'first_open' } } }],
  data: [
    {
      name: 'counts',
      summary: 'answer counts',
      licence: 'MIT',
      files: [{ path: 'a.json', url: 'https://example.org/a.json', sha256: '0'.repeat(64), bytes: 12 }],
    },
  ],
};

function mutant(name: string, breaks: string, change: Partial<PluginDefinition>): Mutant<PluginSubject> {
  return { name, breaks, subject: { plugin: definePlugin({ ...rightPlugin, ...change }), options: {} } };
}

const preset = rightPlugin.presets![0]!;
const data = rightPlugin.data![0]!;

export const pluginMutants: readonly Mutant<PluginSubject>[] = [
  {
    name: 'an object that only looks like a plugin',
    breaks: 'L1',
    subject: { plugin: { ...rightPlugin } as PluginSubject['plugin'], options: {} },
  },
  mutant('a range that is none', 'L2', { apiVersion: 'newest' }),
  mutant('another API', 'L2', { apiVersion: '^9.0.0' }),
  mutant('one name twice', 'L3', { components: [component, { ...component, summary: 'the same' }] }),
  mutant('a kind that is none', 'L3', { components: [{ ...component, kind: 'oracle' as 'sampler' }] }),
  mutant('no summary', 'L4', { components: [{ ...component, summary: '' }] }),
  mutant('options without defaults and without a sample', 'L5', {
    components: [{ ...component, options: z.strictObject({ file: z.string().describe('path') }) }],
  }),
  mutant('a default that its own schema refuses', 'L5', {
    components: [{ ...component, options: z.strictObject({ hitSize: z.int().min(1).default(0).describe('n') }) }],
  }),
  mutant('an option that has the name of the choice', 'L5', {
    components: [{ ...component, options: z.strictObject({ use: z.string().default('a').describe('which') }) }],
  }),
  mutant('a sampler that injects the truth', 'L9', {
    components: [{ ...component, inject: [TruthToken], create: () => referenceSampler() }],
  }),
  mutant('a sampler that injects those who know the truth, made by bindings', 'L9', {
    components: [
      defineComponent({
        kind: 'sampler',
        name: 'asks_first',
        summary: 'asks the simulator what it will say',
        options: z.strictObject({}),
        inject: [T.WorkerSimulator],
        bindings: () => (load) => void load.bind(T.Sampler).toConstantValue(referenceSampler()).whenNamed('asks_first'),
      }),
    ],
  }),
  mutant('takes what it does not inject', 'L3', {
    components: [{ ...component, create: (_options: unknown, _dataset: unknown) => referenceSampler() }],
  }),
  mutant('options for other components that hold a function', 'L7', {
    presets: [{ ...preset, options: { sampler: { random: { hitSize: () => 1 } } } }],
  }),
  mutant('takes any key', 'L5', { components: [{ ...component, options: z.looseObject({}) }] }),
  mutant('a schema that JSON Schema cannot say', 'L6', {
    components: [{ ...component, options: z.strictObject({ since: z.date().optional().describe('a day') }) }],
  }),
  mutant('an option without a description', 'L6', {
    components: [{ ...component, options: z.strictObject({ hitSize: z.int().default(2) }) }],
  }),
  mutant('a preset of no group', 'L7', { presets: [{ ...preset, group: 'recipe' as 'method' }] }),
  mutant('a preset that holds a function', 'L7', { presets: [{ ...preset, config: { seed: () => 1 } }] }),
  mutant('tuned values that hold a function', 'L7', { presets: [{ ...preset, tuned: { mnist: { seed: () => 1 } } }] }),
  mutant('data without a checksum', 'L8', {
    data: [{ ...data, files: [{ ...data.files[0]!, sha256: '' }] }],
  }),
];
