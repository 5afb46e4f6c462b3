import { expect, it } from 'vitest';
import { z } from 'zod';
import { Registry, defineComponent, definePlugin, kinds, sectionOf } from '@quorate/core';
import { topLevelKeys } from './resolve.js';
import { configSchema } from './json-schema.js';

const schemaOf = (options: z.ZodType) =>
  configSchema(
    new Registry([
      definePlugin({
        name: 'p',
        apiVersion: '*',
        components: [
          defineComponent({
            kind: 'sampler',
            name: 'random',
            summary: 'at random',
            options,
            create: () => ({}) as never,
          }),
          defineComponent({
            kind: 'metric',
            name: 'f1',
            summary: '',
            options: z.strictObject({}),
            create: () => ({}) as never,
          }),
        ],
        presets: [{ group: 'method', name: 'lean', summary: 'lean', config: {} }],
      }),
    ]),
  ) as { properties: Record<string, Record<string, unknown>>; additionalProperties: boolean };

it('has every key of the configuration and no others', () => {
  const { properties, additionalProperties } = schemaOf(z.strictObject({}));
  expect(Object.keys(properties).sort()).toEqual([...topLevelKeys, '$schema'].sort());
  expect(additionalProperties).toBe(false);
  for (const kind of kinds) expect(properties).toHaveProperty(sectionOf[kind]);
  expect(properties['riskThreshold']).toMatchObject({ exclusiveMinimum: 0, exclusiveMaximum: 1, default: 0.1 });
  expect(properties['method']).toMatchObject({ enum: ['lean', null] });
});

it('has the options of a component where it is chosen, and requires none of them', () => {
  const { properties } = schemaOf(
    z.strictObject({ hitSize: z.int().default(4).describe('tasks per HIT'), file: z.string() }),
  );
  expect(properties['sampler']).toMatchObject({
    type: ['object', 'null'],
    properties: { use: { enum: ['random'], markdownEnumDescriptions: ['at random'] } },
    allOf: [
      {
        if: { type: 'object', required: ['use'], properties: { use: { const: 'random' } } },
        then: {
          additionalProperties: false,
          properties: { use: true, hitSize: { type: 'integer', default: 4, description: 'tasks per HIT' } },
        },
      },
    ],
  });
  expect(JSON.stringify(properties['sampler'])).not.toContain('"file"]');
  expect(properties['metrics']).toMatchObject({ type: 'array', items: { required: ['use'] } });
});

it('says nothing of options whose schema it cannot read', () => {
  const foreign = { safeParse: () => ({ success: true, data: {} }) } as unknown as z.ZodType;
  expect(schemaOf(foreign).properties['sampler']).toMatchObject({ allOf: [{ then: { description: 'at random' } }] });
});
