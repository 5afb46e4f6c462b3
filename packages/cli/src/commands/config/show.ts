import { QuorateCommand, configFlag } from '../../quorate-command.js';

export default class ConfigShow extends QuorateCommand {
  static override summary = 'Print the complete configuration of a run, and where it comes from.';
  static override usage = 'config show [KEY=VALUE ...] [--config FILE] [--json]';
  static override strict = false;
  static override examples = ['<%= config.bin %> config show method=ds_model sampler.hitSize=20'];
  static override flags = { config: configFlag };

  async run(): Promise<unknown> {
    const { flags, argv } = await this.parse(ConfigShow);
    const { prepare } = await import('@quorate/host');
    const { prepareRequest } = await import('../../prepare-request.js');
    const { config, layers, file } = await prepare(prepareRequest({ words: this.words(argv), config: flags.config }));
    const { stringify } = await import('yaml');
    this.print([
      '# Later wins:',
      ...(layers.length === 0 ? ['#   defaults'] : layers.map((layer) => `#   ${layer}`)),
      stringify(config.resolved).trimEnd(),
    ]);
    return { config: config.resolved, layers, file };
  }
}
