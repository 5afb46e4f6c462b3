import {
  API_VERSION,
  faultOfOptions,
  isBehindWall,
  isPlugin,
  kinds,
  presetGroups,
  type AnyComponent,
  type Plugin,
} from '@quorate/core';
import satisfies from 'semver/functions/satisfies.js';
import validRange from 'semver/ranges/valid.js';
import { z } from 'zod';
import { describeLaws, must, type Law } from './law.js';

export interface PluginSamples {
  /** Valid options, by `<kind>/<name>`, of components whose options have no defaults. */
  readonly samples?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export interface PluginSubject {
  readonly plugin: Plugin;
  readonly options: PluginSamples;
}

const keyOf = ({ kind, name }: AnyComponent): string => `${kind}/${name}`;
const NAME = /^[a-z][a-z0-9_-]*$/i;

function eachComponent(
  { plugin, options }: PluginSubject,
  law: (component: AnyComponent, key: string, sample: Readonly<Record<string, unknown>>) => void,
): void {
  for (const component of plugin.components ?? []) {
    const key = keyOf(component);
    law(component, key, options.samples?.[key] ?? {});
  }
}

function mustBeUnique(names: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of names) {
    must(!seen.has(name), `${name} is there twice`);
    seen.add(name);
  }
}

function mustBeOneLine(text: unknown, whose: string): void {
  const line = typeof text === 'string' && text.trim() !== '' && !text.includes('\n');
  must(line, `the summary of ${whose} is not one line of text`);
}

export const pluginLaws: readonly Law<PluginSubject>[] = [
  {
    id: 'L1',
    text: 'made by definePlugin, with a name',
    check: ({ plugin }) => {
      must(isPlugin(plugin), 'it lacks the brand of definePlugin');
      must(plugin.name.trim() !== '', 'it has no name');
    },
  },
  {
    id: 'L2',
    text: 'apiVersion is a semver range that holds the version of core',
    check: ({ plugin: { apiVersion } }) => {
      must(validRange(apiVersion) !== null, `"${apiVersion}" is no semver range`);
      must(satisfies(API_VERSION, apiVersion), `core speaks ${API_VERSION}, the plugin ${apiVersion}`);
    },
  },
  {
    id: 'L3',
    text: 'components are of known kinds, named once each, and can be created',
    check: (subject) => {
      mustBeUnique((subject.plugin.components ?? []).map(keyOf));
      eachComponent(subject, (component, key) => {
        must(kinds.includes(component.kind), `${key} is of no known kind`);
        must(NAME.test(component.name), `"${component.name}" is no word that a user could write in a config`);
        const ways = Number(component.create !== undefined) + Number(component.bindings !== undefined);
        must(ways === 1, `${key} has ${ways} of create and bindings`);
        const takes = (component.create?.length ?? 0) - 1;
        const listed = component.inject.length;
        must(takes <= listed, `create of ${key} takes ${takes} after its options, inject lists ${listed}`);
        const tokens = component.inject.every((token) => typeof token === 'symbol');
        must(tokens, `${key} injects something that is no token`);
      });
    },
  },
  {
    id: 'L4',
    text: 'summaries of components, presets and data are one line of text',
    check: ({ plugin }) => {
      for (const component of plugin.components ?? []) mustBeOneLine(component.summary, keyOf(component));
      for (const preset of plugin.presets ?? []) mustBeOneLine(preset.summary, `preset ${preset.name}`);
      for (const data of plugin.data ?? []) mustBeOneLine(data.summary, `data ${data.name}`);
    },
  },
  {
    id: 'L5',
    text: 'options accept their defaults, or the sample that the test declares, and refuse an unknown key',
    check: (subject) =>
      eachComponent(subject, ({ options }, key, sample) => {
        const fault = faultOfOptions(options);
        must(fault === null, () => `${key} has ${fault}`);
        const parsed = options.safeParse(sample);
        must(parsed.success, () => `${key} refuses ${JSON.stringify(sample)}: ${z.prettifyError(parsed.error!)}`);
        const unknown = options.safeParse({ ...sample, noSuchOption: 1 });
        must(!unknown.success, `${key} takes an option that it does not have; use z.strictObject`);
      }),
  },
  {
    id: 'L6',
    text: 'options convert to JSON Schema, and every one has a description',
    check: (subject) =>
      eachComponent(subject, ({ options }, key) => {
        const { properties = {} } = z.toJSONSchema(options, { io: 'input' });
        for (const [name, property] of Object.entries(properties)) {
          const described = typeof property === 'object' && (property.description ?? '').trim() !== '';
          must(described, `option ${name} of ${key} has no description`);
        }
      }),
  },
  {
    id: 'L7',
    text: 'presets are of known groups, named once each, and plain data',
    check: ({ plugin: { presets = [] } }) => {
      mustBeUnique(presets.map(({ group, name }) => `${group}/${name}`));
      for (const { group, name, config, options = {}, tuned = {} } of presets) {
        must(presetGroups.includes(group), `preset ${name} is of the group ${String(group)}`);
        must(NAME.test(name), `"${name}" is no word that a user could write in a config`);
        mustBePlain(config, `preset ${name}`);
        mustBePlain(tuned, `preset ${name}, tuned`);
        mustBePlain(options, `preset ${name}, options`);
      }
    },
  },
  {
    id: 'L8',
    text: 'data declarations have an address, a size, a SHA-256 and a licence',
    check: ({ plugin: { data = [] } }) => {
      mustBeUnique(data.map(({ name }) => name));
      for (const { name, licence, files } of data) {
        must(licence.trim() !== '', `data ${name} has no licence`);
        must(files.length > 0, `data ${name} has no files`);
        for (const file of files) {
          must(/^[0-9a-f]{64}$/.test(file.sha256), `${name}/${file.path}: "${file.sha256}" is no SHA-256 in hex`);
          must(Number.isInteger(file.bytes) && file.bytes > 0, `${name}/${file.path} has ${file.bytes} bytes`);
          must(URL.canParse(file.url), `${name}/${file.path}: "${file.url}" is no address`);
        }
      }
    },
  },
  {
    id: 'L9',
    text: 'no component injects the truth, or a part that knows it, unless it is of a kind that may',
    check: (subject) =>
      eachComponent(subject, ({ kind, inject }, key) => {
        const behind = inject.find((token) => isBehindWall(kind, token));
        must(behind === undefined, () => `${key} injects ${String(behind)}: no ${kind} may see the truth`);
      }),
  },
];

function mustBePlain(value: unknown, path: string): void {
  if (typeof value !== 'object' || value === null) {
    const plain = value === null || ['string', 'number', 'boolean'].includes(typeof value);
    must(plain, () => `${path} is a ${typeof value}, not plain data`);
    return;
  }
  for (const [key, inner] of Object.entries(value)) mustBePlain(inner, `${path}.${key}`);
}

/** Runs the laws of a plugin's declaration. */
export function describePlugin(plugin: Plugin, options: PluginSamples = {}): void {
  describeLaws(`${plugin.name} is a plugin`, pluginLaws, { plugin, options });
}
