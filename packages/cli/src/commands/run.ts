import { resolve } from 'node:path';
import { Flags } from '@oclif/core';
import { configFlag } from '../quorate-command.js';
import { RunningCommand } from '../running-command.js';
import { trackText } from '../tracking/sinks.js';

export default class RunCommand extends RunningCommand {
  static override summary = 'Run an annotation campaign with simulated workers, from the first question to the stop.';
  static override description = [
    'Words of the form key=value set any key of the configuration for this run. Without any configuration a small',
    'embedded experiment runs. Ctrl-C finishes and saves the step in hand; the same folder with --resume goes on.',
    '\n\nExit codes: 0 done, 1 failure, 2 something to correct (configuration, data, folder), 130 interrupted.',
  ].join(' ');
  static override usage = 'run [KEY=VALUE ...] [--config FILE] [--out DIR] [--resume] [--report] [--json]';
  static override strict = false;
  static override examples = [
    '<%= config.bin %> run',
    '<%= config.bin %> run experiment=imagenet_split_2 method=ds_model simulation=amt_structured_noise seed=3',
    '<%= config.bin %> run --out runs/first --resume',
    '<%= config.bin %> run budget=20000 --json',
  ];
  static override flags = {
    config: configFlag,
    out: Flags.string({ char: 'o', summary: 'Folder of the run. Without it: runs/<name of the run>.' }),
    resume: Flags.boolean({
      char: 'r',
      summary: 'Continue the run in the folder, with the configuration that it was started with if none is given.',
    }),
    track: Flags.string(trackText),
    report: Flags.boolean({ summary: 'Write report.html, pictures and tables beside the results.' }),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(RunCommand);
    const words = this.words(argv);
    await this.runToEnd({
      out: flags.out,
      resume: flags.resume,
      prepared: async () => {
        const { prepare } = await import('@quorate/host');
        const { prepareRequest } = await import('../prepare-request.js');
        const { earlierConfig } = await import('../earlier-config.js');
        const asBefore = flags.resume && flags.out !== undefined && words.length === 0 && flags.config === undefined;
        const base = asBefore ? { base: earlierConfig(resolve(flags.out!)) } : {};
        return prepare(prepareRequest({ words, config: flags.config, ...base }));
      },
      ...(flags.track ? { track: flags.track } : {}),
      ...(flags.report ? { compare: ({ folder }) => this.#report(folder) } : {}),
    });
  }

  async #report(folder: string): Promise<{ lines: readonly string[]; json: object }> {
    const { readStudy, reportOf, writeReport } = await import('@quorate/report');
    const { display } = await import('@quorate/host');
    const study = readStudy([folder], process.cwd());
    await writeReport(folder, study, await reportOf(study, { price: null, version: this.config.version }));
    const file = resolve(folder, 'report.html');
    return { lines: [`Report in ${display(file, process.cwd())}`], json: { report: file } };
  }
}
