import { basename, resolve } from 'node:path';
import { Flags } from '@oclif/core';
import { QuorateCommand, configFlag } from '../quorate-command.js';
import { trackText } from '../tracking/sinks.js';

export default class Track extends QuorateCommand {
  static override summary = 'Hand the figures of finished runs, or of a sweep, to an experiment tracker.';
  static override description = [
    'Each run becomes a run of the tracker: its options as parameters, every step of steps.jsonl. Told again, a run replaces what',
    'was told before. quorate run --track does the same while a run goes on.',
    '\n\nExit codes: 0 done, 1 failure, 2 something to correct.',
  ].join(' ');
  static override usage = 'track FOLDER... --track NAME=PLACE [--json]';
  static override strict = false;
  static override examples = [
    '<%= config.bin %> track sweeps/study --track tensorboard=logs',
    '<%= config.bin %> track runs/first --track mlflow=http://localhost:5000',
  ];
  static override flags = { config: configFlag, track: Flags.string({ ...trackText, required: true }) };

  async run(): Promise<unknown> {
    const { flags, argv } = await this.parse(Track);
    const folders = this.words(argv);
    if (folders.length === 0)
      this.error('Name the folder of a sweep or of a run: quorate track sweeps/study.', { exit: 2 });
    const { findPlugins } = await import('@quorate/host');
    const { prepareRequest } = await import('../prepare-request.js');
    const { readStudy } = await import('@quorate/report');
    const { readRunFile } = await import('@quorate/engine');
    const { flatConfig, openSinks, stepRecord } = await import('../tracking/sinks.js');
    const study = readStudy(
      folders.map((folder) => resolve(folder)),
      process.cwd(),
    );
    const { registry } = await findPlugins(prepareRequest({ words: [], config: flags.config }));
    const { sinks, close } = await openSinks(flags.track, registry);
    const done = study.runs.filter(({ status }) => status === 'done');
    try {
      for (const { folder, steps } of done) {
        const run = basename(folder);
        for (const sink of sinks) {
          await sink.write({ run, type: 'start', config: flatConfig(readRunFile(folder)?.config ?? {}) });
          for (const one of steps) await sink.write(stepRecord(run, one));
          await sink.write({ run, type: 'end', status: 'done' });
        }
      }
    } finally {
      close();
    }
    this.print([`${done.length} of ${study.runs.length} runs were told to ${flags.track.join(', ')}.`]);
    return { runs: study.runs.length, told: done.length };
  }
}
