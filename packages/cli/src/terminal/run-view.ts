import { resolve } from 'node:path';
import type { StepRecord } from '@quorate/engine';
import { createLogUpdate } from 'log-update';
import type { EndRecord, StartRecord, StepLine } from '../json-lines.js';
import { curveLines } from './curve.js';
import { paintFor, type Paint } from './format.js';
import { headerLines, isPrinted, liveLines, plainLine, type Moment, type RunFacts } from './progress.js';
import { resumeCommand, summaryLines, type Ending } from './summary.js';

/** How a run shows itself. Milliseconds of `now` come from the caller's clock. */
export interface RunView {
  opened(facts: RunFacts, description: string, annotationsPerStep: number): void;
  phase(name: string): void;
  /** Something that the user should know; always on standard error. */
  note(message: string): void;
  stopping(): void;
  step(record: StepRecord): void;
  /** @param records Of the whole run, also of the part before a resume. */
  ended(ending: Ending, records: readonly StepRecord[], seconds: number): void;
  /** Leaves the terminal in order, also after a failure. */
  close(): void;
}

const STOPPING = 'Stopping after this step, then everything is saved. Ctrl-C again stops at once.';
/** Least time between two drawings: 8 a second. */
const FRAME = 125;
/** A phase is named when a step takes longer than this. */
const SLOW = 1500;

/** One calm view that is drawn again in place, for a terminal. */
export class TerminalView implements RunView {
  readonly #draw = createLogUpdate(process.stdout);
  readonly #paint: Paint = paintFor(process.stdout, process.env);
  readonly #started: number;
  readonly #moments: Moment[] = [];
  readonly #ticker: NodeJS.Timeout;
  #facts: RunFacts | undefined;
  #record: StepRecord | undefined;
  #recordAt = 0;
  #drawnAt = -Infinity;
  #stopping = false;
  #phase = 'load';

  constructor(readonly now: () => number) {
    this.#started = now();
    this.#draw(this.#paint.dim('Loading the data...'));
    this.#ticker = setInterval(() => this.#redraw(), 1000);
    this.#ticker.unref();
  }

  opened(facts: RunFacts, description: string): void {
    this.#facts = facts;
    this.#draw.clear();
    process.stdout.write(`${headerLines(facts, description, this.#paint, width()).join('\n')}\n\n`);
  }

  phase(name: string): void {
    this.#phase = name;
  }

  note(message: string): void {
    this.#draw.clear();
    process.stderr.write(`${this.#paint.yellow('Note:')} ${message}\n`);
    this.#redraw();
  }

  stopping(): void {
    this.#stopping = true;
    this.#redraw();
  }

  step(record: StepRecord): void {
    const now = this.now();
    this.#record = record;
    this.#recordAt = now;
    const { annotations, valid } = record;
    this.#moments.push({ seconds: (now - this.#started) / 1000, annotations, valid });
    if (now - this.#drawnAt >= FRAME) this.#redraw();
  }

  #redraw(): void {
    const now = this.now();
    this.#drawnAt = now;
    const seconds = (now - this.#started) / 1000;
    if (!this.#facts || !this.#record) {
      this.#draw(this.#paint.dim(this.#facts ? 'Starting...' : 'Loading the data...'));
      return;
    }
    const phase = now - this.#recordAt > SLOW ? this.#phase : null;
    const state = { seconds, stopping: this.#stopping, phase };
    this.#draw(liveLines(this.#record, this.#facts, this.#moments, state, this.#paint, width()).join('\n'));
  }

  ended(ending: Ending, records: readonly StepRecord[], seconds: number): void {
    this.close();
    if (this.#facts) printEnding(ending, records, this.#facts, seconds);
  }

  close(): void {
    clearInterval(this.#ticker);
    this.#draw.clear();
    this.#draw.done();
  }
}

function width(): number {
  return Math.min(80, process.stdout.columns || 80) - 1;
}

/** Plain lines, for pipes and logs. */
export class LogView implements RunView {
  readonly #paint = paintFor({}, process.env);
  #facts: RunFacts | undefined;
  #unprinted: StepRecord | undefined;

  opened(facts: RunFacts, description: string): void {
    this.#facts = facts;
    this.#write(headerLines(facts, description, this.#paint, 80));
  }

  phase(): void {}

  note(message: string): void {
    process.stderr.write(`Note: ${message}\n`);
  }

  stopping(): void {
    process.stderr.write(`${STOPPING}\n`);
  }

  step(record: StepRecord): void {
    this.#unprinted = isPrinted(record.step) ? undefined : record;
    if (!this.#unprinted) this.#write([plainLine(record)]);
  }

  ended(ending: Ending, records: readonly StepRecord[], seconds: number): void {
    if (this.#unprinted) this.#write([plainLine(this.#unprinted)]);
    if (this.#facts) printEnding(ending, records, this.#facts, seconds);
  }

  close(): void {}

  #write(lines: readonly string[]): void {
    process.stdout.write(`${lines.join('\n')}\n`);
  }
}

function printEnding(ending: Ending, records: readonly StepRecord[], facts: RunFacts, seconds: number): void {
  const lines = [...summaryLines(ending, facts, seconds), '', ...curveLines(records)];
  process.stdout.write(`\n${lines.join('\n').trimEnd()}\n`);
  if (ending.stopped === 'interrupted') sayHowToResume(facts.folder);
}

function sayHowToResume(folder: string): void {
  process.stderr.write(`\nEverything is saved. Resume with: ${resumeCommand(folder)}\n`);
}

/** JSON Lines on standard output and nothing else there. */
export class JsonView implements RunView {
  #folder = '';

  opened({ title: _title, ...facts }: RunFacts, description: string, annotationsPerStep: number): void {
    this.#folder = resolve(facts.folder);
    this.#write({ type: 'start', ...facts, folder: this.#folder, description, annotationsPerStep });
  }

  phase(): void {}

  note(message: string): void {
    process.stderr.write(`Note: ${message}\n`);
  }

  stopping(): void {
    process.stderr.write(`${STOPPING}\n`);
  }

  step(record: StepRecord): void {
    this.#write({ type: 'step', ...record });
  }

  ended({ stopped, why, last, ...rest }: Ending, _records: readonly StepRecord[], seconds: number): void {
    this.#write({ type: 'end', stopped, why, folder: this.#folder, seconds, last, ...rest });
    if (stopped === 'interrupted') sayHowToResume(this.#folder);
  }

  close(): void {}

  #write(record: StartRecord | StepLine | EndRecord): void {
    process.stdout.write(`${JSON.stringify(record)}\n`);
  }
}
