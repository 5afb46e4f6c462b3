import { resolve } from 'node:path';
import { Flags } from '@oclif/core';
import type { Prepared } from '@quorate/host';
import type { Run } from '@quorate/engine';
import { INTERRUPTED, breathe, listenForInterruption } from '../interruption.js';
import { QuorateCommand, configFlag } from '../quorate-command.js';
import type { RunView } from '../terminal/run-view.js';

const clock = (): number => performance.now();

export default class RunCommand extends QuorateCommand {
  static override summary = 'Run an annotation campaign with simulated workers, from the first question to the stop.';
  static override description = [
    'Words of the form key=value set any key of the configuration for this run. Without any configuration a small',
    'embedded experiment runs. Ctrl-C finishes and saves the step in hand; the same folder with --resume goes on.',
    '\n\nExit codes: 0 done, 1 failure, 2 something to correct (configuration, data, folder), 130 interrupted.',
  ].join(' ');
  static override usage = 'run [KEY=VALUE ...] [--config FILE] [--out DIR] [--resume] [--json]';
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
      summary: 'Go on with the run in the folder, with the configuration that it was started with if none is given.',
    }),
  };

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(RunCommand);
    const words = this.words(argv);
    const { TerminalView, LogView, JsonView } = await import('../terminal/run-view.js');
    const view = this.jsonEnabled() ? new JsonView() : process.stdout.isTTY ? new TerminalView(clock) : new LogView();
    let run: Run | undefined;
    const interruption = listenForInterruption(() => {
      if (run) return view.stopping();
      // Nothing has been asked yet in this process: there is nothing to finish or to save.
      view.close();
      process.stderr.write(
        'Interrupted before the first step of this process; nothing was asked and nothing is lost.\n',
      );
      process.exit(INTERRUPTED);
    });
    // A reader that has gone (`quorate run | head`) ends the run as Ctrl-C does.
    process.stdout.on('error', () => interruption.abort());
    try {
      const { defaultFolder, openRun } = await import('@quorate/engine');
      const { prepare } = await import('@quorate/host');
      const { prepareRequest } = await import('../prepare-request.js');
      const { earlierConfig } = await import('../earlier-config.js');
      const cwd = process.cwd();
      const out = flags.out === undefined ? undefined : resolve(cwd, flags.out);
      const asBefore = flags.resume && out !== undefined && words.length === 0 && flags.config === undefined;
      const base = asBefore ? { base: earlierConfig(out) } : {};
      const prepared = await prepare(prepareRequest({ words, config: flags.config, ...base }));
      for (const note of prepared.notes) view.note(note);
      const noted = new Set<string>();
      run = await openRun({
        prepared,
        folder: out ?? defaultFolder(prepared.config, cwd, { resume: flags.resume }),
        resume: flags.resume,
        cwd,
        env: process.env,
        clock,
        onPhase: (phase) => view.phase(phase),
        onNote: (message) => {
          if (!noted.has(message)) view.note(message);
          noted.add(message);
        },
      });
      await this.#follow(run, prepared, view, interruption.signal);
    } finally {
      view.close();
      interruption.release();
      await run?.dispose();
    }
  }

  async #follow(run: Run, { config }: Prepared, view: RunView, signal: AbortSignal): Promise<void> {
    const { readSteps } = await import('@quorate/engine');
    const { display } = await import('@quorate/host');
    const { folder, items, classes, workers, budget, riskThreshold, resumedFrom, backend, annotationsPerStep } = run;
    const names = [config.experiment, config.method, config.simulation].filter((name) => name !== null);
    const title = [...(config.name === null ? names : [config.name]), `seed ${config.seed}`].join(' · ');
    const shown = display(folder, process.cwd());
    const facts = { title, folder: shown, items, classes, workers, budget, riskThreshold, resumedFrom, backend };
    view.opened(facts, run.description, annotationsPerStep);
    const started = clock();
    const steps = run.steps(signal);
    for (;;) {
      const next = await steps.next();
      if (next.done) {
        view.ended(next.value, readSteps(folder), (clock() - started) / 1000);
        if (next.value.stopped === 'interrupted') process.exitCode = INTERRUPTED;
        return;
      }
      view.step(next.value);
      await breathe();
    }
  }
}
