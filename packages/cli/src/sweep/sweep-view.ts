import { display } from '@quorate/host';
import type { PlannedRun, SweepEnd, SweepEvent, SweepPlan } from '@quorate/sweep';
import { createLogUpdate } from 'log-update';
import { bar, clip, count, duration, paintFor, percent, plural, type Paint } from '../terminal/format.js';

/** How a sweep shows itself. */
export interface SweepView {
  opened(plan: SweepPlan, runs: number, before: number): void;
  event(event: SweepEvent): void;
  note(message: string): void;
  stopping(): void;
  ended(end: SweepEnd, seconds: number): void;
  close(): void;
}

type Clock = () => number;

const STOPPING = 'Stopping: the runs in hand finish their step and are saved. Ctrl-C again stops at once.';

/** `method=lean seed=3`: what tells a run from the others. */
export function nameOf({ axes }: SweepPlan, run: PlannedRun): string {
  return axes.length === 0 ? run.id : axes.map(({ name }, a) => `${name}=${run.cell.labels[a]}`).join(' ');
}

interface Running {
  readonly run: PlannedRun;
  readonly since: number;
  /** 0..1, as far as it is known. */
  share: number | null;
  text: string;
}

/** What is known of a sweep while it goes on. */
class Progress {
  readonly running = new Map<string, Running>();
  done = 0;
  failed = 0;
  #seconds = 0;
  #timed = 0;

  constructor(readonly total: number) {}

  take(event: SweepEvent, now: number): void {
    const { run } = event;
    const { key } = run.job;
    if (event.type === 'started') this.running.set(key, { run, since: now, share: null, text: 'loading' });
    if (event.type === 'progress') this.#progress(key, event.progress);
    if (event.type === 'lost') this.running.delete(key);
    if (event.type === 'done' || event.type === 'failed') {
      this.running.delete(key);
      if (event.type === 'failed') this.failed++;
      else {
        this.done++;
        this.#seconds += event.seconds;
        this.#timed++;
      }
    }
  }

  /** Seconds, at the mean of the runs that were done here. */
  left(now: number, concurrency: number): number | null {
    if (this.#timed === 0) return null;
    const each = this.#seconds / this.#timed;
    const inHand = [...this.running.values()].reduce((sum, { since }) => sum + Math.min(each, (now - since) / 1000), 0);
    const open = this.total - this.done - this.failed;
    return Math.max(0, each * open - inHand) / Math.max(1, Math.min(concurrency, open));
  }

  #progress(key: string, progress: unknown): void {
    const running = this.running.get(key);
    if (!running || typeof progress !== 'object' || progress === null) return;
    const { step, annotations, validShare, accuracy } = progress as Record<string, number | null>;
    running.share = validShare ?? null;
    const right = accuracy === null || accuracy === undefined ? '' : `  accuracy ${percent(accuracy)}`;
    running.text = `step ${step}  ${plural(annotations ?? 0, 'annotation')}${right}`;
  }
}

function endLines(end: SweepEnd, plan: SweepPlan, seconds: number): string[] {
  const folder = display(plan.folder, process.cwd());
  const here = end.done - end.before;
  const parts = [`${count(here)} done in ${duration(seconds)}`];
  if (end.before > 0) parts.push(`${count(end.before)} were done before`);
  if (end.failed > 0) parts.push(`${count(end.failed)} failed`);
  if (end.left > 0) parts.push(`${count(end.left)} left`);
  return [
    `${plural(plan.runs.length, 'run')}: ${parts.join(', ')}.`,
    '',
    `Results in ${folder}`,
    '  results.csv  one row per run',
    '  runs/        a folder for each run',
    ...(end.failed > 0
      ? ['The column error of results.csv says why runs failed; the same command tries them again.']
      : []),
  ];
}

/** One line per running job, the number done and the time left, drawn again in place. */
export class TerminalSweepView implements SweepView {
  readonly #draw = createLogUpdate(process.stdout);
  readonly #paint: Paint = paintFor(process.stdout, process.env);
  readonly #ticker: NodeJS.Timeout;
  #progress = new Progress(0);
  #plan: SweepPlan | undefined;
  #stopping = false;
  #drawnAt = -Infinity;

  constructor(
    readonly now: Clock,
    readonly concurrency: number,
  ) {
    this.#draw(this.#paint.dim('Planning...'));
    this.#ticker = setInterval(() => this.#redraw(), 1000);
    this.#ticker.unref();
  }

  opened(plan: SweepPlan, runs: number, before: number): void {
    this.#plan = plan;
    this.#progress = new Progress(runs - before);
    this.#draw.clear();
    process.stdout.write(`${headerOf(plan, runs, before)}\n`);
  }

  event(event: SweepEvent): void {
    this.#progress.take(event, this.now());
    if (event.type === 'failed') this.#above(`${this.#paint.red('failed')} ${this.#name(event.run)}: ${event.error}`);
    if (event.type === 'lost') this.#above(`${this.#paint.yellow('lost')} ${this.#name(event.run)}: ${event.why}`);
    if (this.now() - this.#drawnAt > 125) this.#redraw();
  }

  note(message: string): void {
    this.#above(`${this.#paint.yellow('Note:')} ${message}`);
  }

  stopping(): void {
    this.#stopping = true;
    this.#redraw();
  }

  ended(end: SweepEnd, seconds: number): void {
    this.close();
    process.stdout.write(`${endLines(end, this.#plan!, seconds).join('\n')}\n`);
  }

  close(): void {
    clearInterval(this.#ticker);
    this.#draw.clear();
    this.#draw.done();
  }

  #name(run: PlannedRun): string {
    return nameOf(this.#plan!, run);
  }

  #above(line: string): void {
    this.#draw.clear();
    process.stderr.write(`${line}\n`);
    this.#redraw();
  }

  #redraw(): void {
    if (!this.#plan) return;
    const now = this.now();
    this.#drawnAt = now;
    const width = Math.min(100, process.stdout.columns || 80) - 1;
    const { running, done, failed, total } = this.#progress;
    const lines = [...running.values()].map(({ run, text, since }) =>
      clip(`  ${this.#name(run)}  ${text}  ${duration((now - since) / 1000)}`, width),
    );
    const left = this.#progress.left(now, this.concurrency);
    const state = this.#stopping ? STOPPING : left === null ? '' : `about ${duration(left)} left`;
    const share = total === 0 ? 1 : (done + failed) / total;
    const ended = `${count(done)} of ${count(total)} done${failed > 0 ? `, ${count(failed)} failed` : ''}`;
    this.#draw([...lines, clip(`${bar(share, 24)} ${ended}  ${state}`, width)].join('\n'));
  }
}

function headerOf({ axes, folder }: SweepPlan, runs: number, before: number): string {
  const sizes = axes.map(({ name, labels }) => `${labels.length} of ${name}`);
  const grid = sizes.length > 0 ? ` (${sizes.join(' × ')})` : '';
  const known = before > 0 ? `, ${count(before)} of them done before` : '';
  return `${plural(runs, 'run')}${grid}${known}, in ${display(folder, process.cwd())}`;
}

/** Plain lines, for pipes and logs. */
export class LogSweepView implements SweepView {
  #plan: SweepPlan | undefined;
  #ended = 0;
  #total = 0;

  opened(plan: SweepPlan, runs: number, before: number): void {
    this.#plan = plan;
    this.#total = runs;
    this.#ended = before;
    this.#write(headerOf(plan, runs, before));
  }

  event(event: SweepEvent): void {
    if (event.type === 'progress') return;
    const name = nameOf(this.#plan!, event.run);
    if (event.type === 'started') {
      if (event.attempt > 1) this.#write(`started  ${name} (attempt ${event.attempt})`);
      return;
    }
    if (event.type === 'lost') return this.#write(`lost     ${name}: ${event.why}`);
    const place = `${count(++this.#ended)}/${count(this.#total)}`;
    if (event.type === 'done') this.#write(`done     ${place}  ${name}  ${duration(event.seconds)}`);
    else this.#write(`failed   ${place}  ${name}: ${event.error}`);
  }

  note(message: string): void {
    process.stderr.write(`Note: ${message}\n`);
  }

  stopping(): void {
    process.stderr.write(`${STOPPING}\n`);
  }

  ended(end: SweepEnd, seconds: number): void {
    this.#write(['', ...endLines(end, this.#plan!, seconds)].join('\n'));
  }

  close(): void {}

  #write(text: string): void {
    process.stdout.write(`${text}\n`);
  }
}

/** JSON Lines on standard output and nothing else there. */
export class JsonSweepView implements SweepView {
  #plan: SweepPlan | undefined;

  opened(plan: SweepPlan, runs: number, before: number): void {
    this.#plan = plan;
    this.#write({ type: 'start', folder: plan.folder, runs, before, axes: plan.axes });
  }

  event({ run, type, ...rest }: SweepEvent): void {
    const axes = Object.fromEntries(this.#plan!.axes.map(({ name }, a) => [name, run.cell.labels[a]]));
    this.#write({ type, run: run.id, axes, ...rest });
  }

  note(message: string): void {
    process.stderr.write(`Note: ${message}\n`);
  }

  stopping(): void {
    process.stderr.write(`${STOPPING}\n`);
  }

  ended(end: SweepEnd, seconds: number): void {
    this.#write({ type: 'end', folder: this.#plan!.folder, ...end, seconds });
  }

  close(): void {}

  #write(record: object): void {
    process.stdout.write(`${JSON.stringify(record)}\n`);
  }
}
