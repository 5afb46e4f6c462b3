import { createLogUpdate } from 'log-update';
import { bar, clip, count, duration, percent, shellWord } from './format.js';

/** Where the making of features stood at one moment; `seconds` since the first batch of this process. */
export interface FeatureMoment {
  readonly seconds: number;
  readonly done: number;
}

/** Seconds left at the pace of the later half of the moments; null while there is too little to go by. */
export function featureSecondsLeft(moments: readonly FeatureMoment[], total: number): number | null {
  const last = moments.at(-1);
  const from = moments[Math.floor((moments.length - 1) / 2)];
  if (!last || !from || last.done <= from.done || last.seconds - from.seconds < 0.2) return null;
  return ((total - last.done) * (last.seconds - from.seconds)) / (last.done - from.done);
}

/** The live view: one line with a bar. */
export function featureLine(moments: readonly FeatureMoment[], total: number, what: string, width: number): string {
  const done = moments.at(-1)?.done ?? 0;
  const left = featureSecondsLeft(moments, total);
  const parts = [
    `${bar(done / total, 20)} ${percent(done / total).padStart(7)}`,
    `${count(done)} of ${count(total)} ${what}`,
  ];
  if (left !== null && done < total) parts.push(`${duration(Math.round(left))} left`);
  return clip(parts.join('  '), width);
}

/** The same work, resumed: the words of the command line with --resume. */
export function resumeCommand(words: readonly string[]): string {
  return ['quorate', 'features', ...words.filter((word) => word !== '--resume' && word !== '-r'), '--resume']
    .map(shellWord)
    .join(' ');
}

/** Shows the work: a bar on a terminal, a line for every tenth elsewhere. On standard error, with notes between. */
export class FeaturesView {
  readonly #draw = process.stderr.isTTY ? createLogUpdate(process.stderr) : undefined;
  readonly #moments: FeatureMoment[] = [];
  #tenth = 0;
  #drawnAt = -Infinity;
  #since: number | undefined;

  constructor(
    readonly now: () => number,
    readonly quiet: boolean,
  ) {}

  note(text: string): void {
    this.#draw?.clear();
    process.stderr.write(`${text}\n`);
  }

  progress(done: number, total: number, what: string): void {
    const now = this.now();
    this.#since ??= now;
    this.#moments.push({ seconds: (now - this.#since) / 1000, done });
    // Of a long row every second one is enough to tell the pace.
    if (this.#moments.length > 400) for (let i = 200; i >= 0; i -= 2) this.#moments.splice(i, 1);
    if (this.quiet) return;
    if (this.#draw) {
      if (now - this.#drawnAt < 125 && done < total) return;
      this.#drawnAt = now;
      this.#draw(featureLine(this.#moments, total, what, Math.min(80, process.stderr.columns || 80) - 1));
      return;
    }
    const tenth = Math.floor((10 * done) / total);
    if (tenth > this.#tenth) process.stderr.write(`${featureLine(this.#moments, total, what, 79)}\n`);
    this.#tenth = tenth;
  }

  close(): void {
    this.#draw?.clear();
    this.#draw?.done();
  }
}
