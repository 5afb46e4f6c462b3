import { basename } from 'node:path';
import { messageOf, type RunRecord } from '@quorate/core';
import type { RunResult, StepRecord } from '@quorate/engine';
import type { Prepared } from '@quorate/host';
import { flatConfig, openSinks, stepRecord } from './sinks.js';

/** Tells trackers of a run while it goes on. A tracker that fails does not end the run: that is said once. */
export class LiveTracking {
  readonly #opened: Awaited<ReturnType<typeof openSinks>>;
  readonly #note: (message: string) => void;
  #run = '';
  #failed = false;

  static async open(
    words: readonly string[],
    prepared: Prepared,
    note: (message: string) => void,
  ): Promise<LiveTracking> {
    return new LiveTracking(await openSinks(words, prepared.registry), note);
  }

  private constructor(opened: Awaited<ReturnType<typeof openSinks>>, note: (message: string) => void) {
    this.#opened = opened;
    this.#note = note;
  }

  /** @param earlier Steps of the part before a resume. */
  async begin(
    folder: string,
    config: Readonly<Record<string, unknown>>,
    earlier: readonly StepRecord[],
  ): Promise<void> {
    this.#run = basename(folder);
    await this.#write({ run: this.#run, type: 'start', config: flatConfig(config) });
    for (const record of earlier) await this.#write(stepRecord(this.#run, record));
  }

  async tell(next: IteratorResult<StepRecord, RunResult>): Promise<void> {
    if (!next.done) return this.#write(stepRecord(this.#run, next.value));
    const status = next.value.stopped === 'interrupted' ? 'interrupted' : 'done';
    await this.#write({ run: this.#run, type: 'end', status });
  }

  close(): void {
    this.#opened.close();
  }

  async #write(record: RunRecord): Promise<void> {
    if (this.#failed) return;
    try {
      for (const sink of this.#opened.sinks) await sink.write(record);
    } catch (thrown) {
      this.#failed = true;
      this.#note(`The tracker was told nothing more: ${messageOf(thrown)} quorate track hands the run over later.`);
    }
  }
}
