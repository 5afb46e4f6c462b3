import { Args } from '@oclif/core';
import { QuorateCommand, configFlag } from '../../quorate-command.js';

export default class InspectPlugin extends QuorateCommand {
  static override summary =
    'Describe a plugin, a component or a preset: kind, options with types and defaults, API range, where it was found.';
  static override examples = [
    '<%= config.bin %> plugins inspect @quorate/plugin-standard',
    '<%= config.bin %> plugins inspect sampler/random',
  ];
  static override args = {
    name: Args.string({ required: true, description: 'A plugin, a component, a preset, or a kind such as sampler.' }),
  };
  static override flags = { config: configFlag };

  async run(): Promise<unknown> {
    const { flags, args } = await this.parse(InspectPlugin);
    const { findPlugins } = await import('@quorate/host');
    const { describePlugins } = await import('../../plugin-description.js');
    const { prepareRequest } = await import('../../prepare-request.js');
    const found = await findPlugins(prepareRequest({ words: [], config: flags.config }));
    const { lines, record } = describePlugins(found, args.name);
    this.print(lines);
    return record;
  }
}
