import { resolve } from 'node:path';
import type { Run, RunResult } from '@quorate/engine';
import type { Prepared } from '@quorate/host';
import { INTERRUPTED, breathe, listenForInterruption } from './interruption.js';
import { QuorateCommand } from './quorate-command.js';
import type { RunView } from './terminal/run-view.js';
import type { LiveTracking } from './tracking/live.js';

const clock = (): number => performance.now();

export interface RunningRequest {
  readonly out: string | undefined;
  readonly resume: boolean;
  readonly prepared: () => Promise<Prepared>;
  /** Trackers that are told of the run, as `--track` names them. */
  readonly track?: readonly string[];
  /** After a run that was not interrupted: lines for people, and keys of the last line of `--json`. */
  readonly compare?: (run: Run, result: RunResult) => Promise<{ lines: readonly string[]; json: object }>;
}

/** A command that runs a run to its end, and shows it. */
export abstract class RunningCommand extends QuorateCommand {
  protected async runToEnd(request: RunningRequest): Promise<void> {
    const { TerminalView, LogView, JsonView } = await import('./terminal/run-view.js');
    const view = this.jsonEnabled() ? new JsonView() : process.stdout.isTTY ? new TerminalView(clock) : new LogView();
    let run: Run | undefined;
    let tracking: LiveTracking | undefined;
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
      const cwd = process.cwd();
      const prepared = await request.prepared();
      for (const note of prepared.notes) view.note(note);
      if (request.track) {
        const { LiveTracking } = await import('./tracking/live.js');
        tracking = await LiveTracking.open(request.track, prepared, (message) => view.note(message));
      }
      const noted = new Set<string>();
      run = await openRun({
        prepared,
        folder:
          request.out === undefined
            ? defaultFolder(prepared.config, cwd, { resume: request.resume })
            : resolve(cwd, request.out),
        resume: request.resume,
        cwd,
        env: process.env,
        clock,
        onPhase: (phase) => view.phase(phase),
        onNote: (message) => {
          if (!noted.has(message)) view.note(message);
          noted.add(message);
        },
      });
      await this.#follow(run, prepared, view, interruption.signal, { ...request, tracking });
    } finally {
      view.close();
      interruption.release();
      tracking?.close();
      await run?.dispose();
    }
  }

  async #follow(
    run: Run,
    { config }: Prepared,
    view: RunView,
    signal: AbortSignal,
    { compare, tracking }: Pick<RunningRequest, 'compare'> & { readonly tracking: LiveTracking | undefined },
  ): Promise<void> {
    const { readSteps } = await import('@quorate/engine');
    const { display } = await import('@quorate/host');
    const { folder, items, classes, workers, budget, riskThreshold, resumedFrom, backend, annotationsPerStep } = run;
    const names = [config.experiment, config.method, config.simulation].filter((name) => name !== null);
    const title = [...(config.name === null ? names : [config.name]), `seed ${config.seed}`].join(' · ');
    const shown = display(folder, process.cwd());
    const { calibration } = run;
    const facts = {
      title,
      folder: shown,
      items,
      classes,
      workers,
      budget,
      moneyBudget: config.money,
      currency: config.prices?.currency ?? '',
      riskThreshold,
      resumedFrom,
      backend,
      calibration,
    };
    view.opened(facts, run.description, annotationsPerStep);
    const started = clock();
    if (tracking) {
      const earlier = readSteps(folder).filter(({ step }) => step < (resumedFrom ?? 0));
      await tracking.begin(folder, config.resolved, earlier);
    }
    const steps = run.steps(signal);
    for (;;) {
      const next = await steps.next();
      await tracking?.tell(next);
      if (!next.done) {
        view.step(next.value);
        await breathe();
        continue;
      }
      const interrupted = next.value.stopped === 'interrupted';
      const seconds = (clock() - started) / 1000;
      if (compare && !interrupted) view.phase('compare');
      const compared = compare && !interrupted ? await compare(run, next.value) : undefined;
      view.ended({ ...next.value, ...compared?.json }, readSteps(folder), seconds);
      if (compared && !this.jsonEnabled()) this.print(['', ...compared.lines]);
      if (interrupted) process.exitCode = INTERRUPTED;
      return;
    }
  }
}
