import { QuorateCommand, configFlag } from '../../quorate-command.js';

export default class ConfigValidate extends QuorateCommand {
  static override summary = 'Check the configuration of a run and report every problem. No data is read.';
  static override usage = 'config validate [KEY=VALUE ...] [--config FILE] [--json]';
  static override strict = false;
  static override flags = { config: configFlag };

  async run(): Promise<unknown> {
    const { flags, argv } = await this.parse(ConfigValidate);
    const words = this.words(argv);
    const { prepare, display } = await import('@quorate/host');
    const { prepareRequest } = await import('../../prepare-request.js');
    const { config, file } = await prepare(prepareRequest({ words, config: flags.config }));
    const names = [config.experiment, config.method, config.simulation].filter((name) => name !== null);
    const what =
      file === null ? 'No configuration file found; the default configuration' : display(file, process.cwd());
    this.print([`${what} is valid${names.length > 0 ? `: ${names.join(', ')}` : ''}.`]);
    return { valid: true, file };
  }
}
