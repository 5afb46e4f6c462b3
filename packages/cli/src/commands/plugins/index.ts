import { Args } from '@oclif/core';
import type { Found } from '@quorate/host';
import { QuorateCommand, configFlag } from '../../quorate-command.js';

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
    const { findPlugins } = await import('@quorate/host');
    const { prepareRequest } = await import('../../prepare-request.js');
    const found = await findPlugins(prepareRequest({ words: [], config: flags.config }));
    if (args.name === undefined) return this.#list(found);
    const { describePlugins } = await import('../../plugin-description.js');
    const { lines, record } = describePlugins(found, args.name);
    this.print(lines);
    return record;
  }

  async #list({ plugins, failures }: Found): Promise<unknown> {
    const { pluginLines } = await import('../../terminal/catalogue.js');
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
}
