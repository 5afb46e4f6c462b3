import { createLogUpdate } from 'log-update';
import { clip } from '../terminal/format.js';

/** Says what a long call is at, on one line of a terminal's standard error; nothing elsewhere. */
export class StageView {
  readonly #draw = process.stderr.isTTY ? createLogUpdate(process.stderr) : undefined;

  constructor(readonly quiet: boolean) {}

  stage(text: string): void {
    if (!this.quiet) this.#draw?.(clip(text, 79));
  }

  close(): void {
    this.#draw?.clear();
    this.#draw?.done();
  }
}
