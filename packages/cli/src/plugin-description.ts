import { QuorateError, nearest, sectionOf } from '@quorate/core';
import { configSchema, type Found } from '@quorate/host';
import { stringify } from 'yaml';
import { componentLines, injectedBy, optionsOf, pluginLines, presetLines } from './terminal/catalogue.js';

/** A plugin, its parts, a part or a preset, in lines for people and as a record; throws for a name that nothing has. */
export function describePlugins(
  { plugins, failures, registry }: Found,
  name: string,
): { readonly lines: readonly string[]; readonly record: object } {
  const schema = configSchema(registry);
  const whole = plugins.filter(({ plugin }) => [name, `@quorate/plugin-${name}`].includes(plugin.name));
  const components = registry.components().filter(({ plugin, value: { kind, name: own } }) => {
    const known = [own, kind, sectionOf[kind], `${kind}/${own}`, `${sectionOf[kind]}/${own}`, plugin];
    return known.includes(name) || whole.some((one) => one.plugin.name === plugin);
  });
  const presets = registry.presets().filter(({ value: { group, name: own } }) => {
    return [own, group, `${group}/${own}`, `preset/${group}/${own}`].includes(name);
  });
  if (whole.length + components.length + presets.length === 0) {
    const failure = failures.find(({ spec, packageName }) => {
      return [spec, packageName].some((one) => one === name || one === `@quorate/plugin-${name}`);
    });
    throw failure?.error ?? unknownName(name, { plugins, failures, registry });
  }
  return {
    lines: [
      ...whole.flatMap((loaded) => [...pluginLines(loaded), ...whereFrom(loaded), '']),
      ...components.flatMap(({ plugin, value }) => [...componentLines(value, plugin, schema), '']),
      ...presets.flatMap(({ plugin, value }) => [
        ...presetLines(value, plugin, stringify(value.config), value.options && stringify(value.options)),
        '',
      ]),
    ],
    record: {
      plugins: whole.map(({ plugin: { name: own, apiVersion }, version, origin, file }) => {
        return { name: own, version, apiVersion, origin, file };
      }),
      components: components.map(({ plugin, value }) => {
        const { kind, name: own, summary } = value;
        const injects = injectedBy(value);
        return {
          plugin,
          kind,
          section: sectionOf[kind],
          name: own,
          summary,
          options: optionsOf(value, schema),
          injects,
        };
      }),
      presets: presets.map(({ plugin, value }) => ({ plugin, ...value })),
    },
  };
}

function whereFrom({ plugin, file }: Found['plugins'][number]): string[] {
  return [`  core API ${plugin.apiVersion}`, `  found at ${file}`];
}

function unknownName(
  name: string,
  { plugins, registry }: Pick<Found, 'plugins' | 'failures' | 'registry'>,
): QuorateError {
  const names = [
    ...plugins.map(({ plugin }) => plugin.name),
    ...registry.components().map(({ value }) => value.name),
    ...registry.presets().map(({ value }) => value.name),
  ];
  const near = nearest(name, names);
  return new QuorateError('PART_MISSING', {
    where: 'quorate plugins',
    expected: 'the name of a plugin, a component or a preset',
    got: `"${name}"`,
    fix: near === undefined ? '"quorate plugins" lists what is here.' : `Did you mean "${near}"?`,
  });
}
