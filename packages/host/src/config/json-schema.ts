import { z } from 'zod';
import {
  kinds,
  partOptionsOf,
  presetGroups,
  sectionOf,
  type AnyComponent,
  type Kind,
  type Registry,
} from '@quorate/core';
import { modelOptions, runOptions } from './run-options.js';
import { isTree, type Tree } from '../tree.js';

/** JSON Schema, draft 7. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * The JSON Schema of a whole configuration, with the options of every component of the registry: editors complete and
 * check with it. What is required is left out, since presets and the command line may supply it.
 */
export function configSchema(registry: Registry): JsonSchema {
  const properties: Record<string, unknown> = {
    $schema: { type: 'string' },
    extends: { ...namesSchema, description: 'files or packages whose configuration lies below this one' },
    plugins: { ...namesSchema, description: 'packages or paths of plugins, as seen from this file' },
    ...(jsonSchemaOf(runOptions)['properties'] as Tree),
  };
  for (const group of presetGroups) {
    const presets = registry.presets(group).map((entry) => entry.value);
    properties[group] = {
      description: `a preset of ${group}`,
      enum: [...presets.map(({ name }) => name), null],
      markdownEnumDescriptions: [...presets.map(({ summary }) => summary), 'none'],
    };
  }
  for (const kind of kinds) {
    const components = registry.components(kind).map((entry) => entry.value);
    const section = sectionSchema(components);
    properties[sectionOf[kind]] =
      kind === 'metric'
        ? { type: 'array', items: { ...section, type: 'object', required: ['use'] } }
        : { ...section, description: `the ${kind} of the run and its options` };
  }
  properties['models'] = modelsSchema(registry, properties['models'] as Tree);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Quorate configuration',
    type: 'object',
    additionalProperties: false,
    properties,
  };
}

const namesSchema = { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] };

/** A model has the options of its component, and what only a model has. */
function modelsSchema(registry: Registry, { description }: Tree): Tree {
  const components = registry.components('workerSimulator').map((entry) => entry.value);
  const { use: _use, ...own } = jsonSchemaOf(modelOptions)['properties'] as Tree;
  const section = sectionSchema(components, own);
  return { description, type: ['array', 'null'], items: { ...section, type: 'object', required: ['use'] } };
}

/** @param own Further keys of the section, beside the component's options. */
function sectionSchema(components: readonly AnyComponent[], own: Tree = {}): Tree {
  const type = ['object', 'null'];
  if (components.length === 0) return { type };
  return {
    type,
    properties: {
      use: {
        enum: components.map(({ name }) => name),
        markdownEnumDescriptions: components.map(({ summary }) => summary),
      },
      ...own,
    },
    allOf: components.map((component) => ({
      if: { type: 'object', required: ['use'], properties: { use: { const: component.name } } },
      then: optionsSchema(component, own),
    })),
  };
}

function optionsSchema({ options, summary }: AnyComponent, own: Tree): Tree {
  const { properties, required: _required, $schema: _schema, ...rest } = jsonSchemaOf(options);
  if (!isTree(properties)) return { description: summary };
  const parts = partOptionsOf(options).map(([key, kind]) => [
    key,
    partSchema(kind, properties[key] as Tree | undefined),
  ]);
  return {
    ...rest,
    description: summary,
    properties: { use: true, ...own, ...properties, ...Object.fromEntries(parts) },
  };
}

/** An option that chooses another component takes what that component's section takes. */
function partSchema(kind: Kind, { description }: { readonly description?: string } = {}): Tree {
  const section = `#/properties/${sectionOf[kind]}${kind === 'metric' ? '/items' : ''}`;
  return { ...(description === undefined ? {} : { description }), allOf: [{ $ref: section }] };
}

function jsonSchemaOf(schema: z.ZodType): Tree {
  try {
    return z.toJSONSchema(schema, { target: 'draft-7', io: 'input', unrepresentable: 'any' });
  } catch {
    // A schema of another major version of zod: nothing can be said of its options.
    return {};
  }
}
