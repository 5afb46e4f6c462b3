import { Args } from '@oclif/core';
import { QuorateError, nearest, sectionOf } from '@quorate/core';
import type { Found } from '@quorate/engine';
import { QuorateCommand, configFlag } from '../quorate-command.js';

export default class Plugins extends QuorateCommand {
  static override summary = 'List the plugins that a run here would have, or describe one of them or of their parts.';
  static override examples = [
    '<%= config.bin %> plugins',
    '<%= config.bin %> plugins random',
    '<%= config.bin %> plugins sampler/random',
    '<%= config.bin %> plugins @quorate/plugin-standard',
  ];
  static override args = {
    name: Args.string({ description: 'A plugin, a component, a preset, or a kind such as sampler.' }),
  };
  static override flags = { config: configFlag };

  async run(): Promise<unknown> {
    const { flags, args } = await this.parse(Plugins);
    const { findPlugins } = await import('@quorate/engine');
    const { prepareRequest } = await import('../prepare-request.js');
    const found = await findPlugins(prepareRequest({ words: [], config: flags.config }));
    return args.name === undefined ? this.#list(found) : this.#describe(found, args.name);
  }

  async #list({ plugins, failures }: Found): Promise<unknown> {
    const { pluginLines } = await import('../terminal/catalogue.js');
    for (const loaded of plugins) this.print([...pluginLines(loaded), '']);
    for (const { spec, error } of failures) this.print([`Not loaded: ${spec}`, `  ${error.message}`, '']);
    this.print(['quorate plugins NAME describes one of these, with its options.']);
    return {
      plugins: plugins.map(({ plugin, version, origin, file }) => ({
        name: plugin.name,
        version,
        origin,
        file,
        components: (plugin.components ?? []).map(({ kind, name, summary }) => ({ kind, name, summary })),
        presets: (plugin.presets ?? []).map(({ group, name, summary }) => ({ group, name, summary })),
        data: (plugin.data ?? []).map(({ name, summary }) => ({ name, summary })),
      })),
      failures: failures.map(({ spec, origin, error: { code, detail } }) => {
        const { where, expected, got, fix } = detail;
        return { spec, origin, code, where, expected, got, fix };
      }),
    };
  }

  async #describe({ plugins, failures, registry }: Found, name: string): Promise<unknown> {
    const { configSchema } = await import('@quorate/engine');
    const { componentLines, optionsOf, pluginLines, presetLines } = await import('../terminal/catalogue.js');
    const { stringify } = await import('yaml');
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
      const failure = failures.find(({ spec }) => spec === name || spec === `@quorate/plugin-${name}`);
      throw failure?.error ?? unknownName(name, { plugins, failures, registry });
    }

    for (const loaded of whole) this.print([...pluginLines(loaded), '']);
    for (const { plugin, value } of components) this.print([...componentLines(value, plugin, schema), '']);
    for (const { plugin, value } of presets) this.print([...presetLines(value, plugin, stringify(value.config)), '']);
    return {
      components: components.map(({ plugin, value }) => {
        const { kind, name: own, summary } = value;
        return { plugin, kind, section: sectionOf[kind], name: own, summary, options: optionsOf(value, schema) };
      }),
      presets: presets.map(({ plugin, value }) => ({ plugin, ...value })),
    };
  }
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
