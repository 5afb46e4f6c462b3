import { createLogUpdate } from 'log-update';
import { bar, clip, duration, percent, size } from './format.js';

/** One download on one line. `rate` in bytes per second, null while it is not known. */
export function downloadLine(
  path: string,
  received: number,
  total: number,
  rate: number | null,
  width: number,
): string {
  const share = total > 0 ? received / total : 1;
  const parts = [`${bar(share, 20)} ${percent(share).padStart(7)}`, `${size(received)} of ${size(total)}`];
  if (rate !== null && rate > 0) {
    parts.push(`${size(rate)}/s`);
    if (received < total) parts.push(`${duration(Math.round((total - received) / rate))} left`);
  }
  const rest = parts.join('  ');
  return clip(`${clip(path, Math.max(8, width - rest.length - 2))}  ${rest}`, width);
}

/** Shows downloads: a bar on a terminal, a line per file elsewhere. Both on standard error. */
export class DownloadView {
  readonly #draw = process.stderr.isTTY ? createLogUpdate(process.stderr) : undefined;
  #path = '';
  #from = 0;
  #since = 0;
  #drawnAt = -Infinity;

  constructor(
    readonly now: () => number,
    readonly quiet: boolean,
  ) {}

  progress(path: string, received: number, total: number): void {
    if (this.quiet) return;
    const now = this.now();
    if (path !== this.#path) {
      [this.#path, this.#from, this.#since] = [path, received, now];
      if (!this.#draw) {
        const rest = received > 0 ? `, ${size(received)} are here already` : '';
        process.stderr.write(`Downloading ${path} (${size(total)}${rest})\n`);
      }
    }
    if (!this.#draw || (now - this.#drawnAt < 125 && received < total)) return;
    this.#drawnAt = now;
    const seconds = (now - this.#since) / 1000;
    const rate = seconds > 0.5 ? (received - this.#from) / seconds : null;
    this.#draw(downloadLine(path, received, total, rate, Math.min(80, process.stderr.columns || 80) - 1));
  }

  close(): void {
    this.#draw?.clear();
    this.#draw?.done();
  }
}
