import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { QuorateError } from '@quorate/core';
import { columnFromArray, tableFromColumns, tableFromIPC, tableToIPC } from '@uwdata/flechette';

/** What a request says beside its columns. */
export type Header = Readonly<Record<string, string | number>>;
/** Typed arrays of one length. */
export type Columns = Readonly<Record<string, Float32Array | Float64Array | Int32Array>>;

/** Bytes of stderr that are kept for the message of a failure. */
const KEPT_STDERR = 4000;

export interface PythonOptions {
  readonly python: string;
  readonly script: string;
  readonly timeoutSeconds: number;
}

/**
 * A process that answers requests, one after the other. A message is a line of JSON, in which `bytes` is the length of the Arrow
 * stream that follows it.
 */
export class PythonProcess {
  readonly #options: PythonOptions;
  readonly #child: ChildProcessWithoutNullStreams;
  #stderr = '';
  #received: Buffer[] = [];
  #failure: QuorateError | null = null;
  #wake: (() => void) | null = null;

  constructor(options: PythonOptions) {
    this.#options = options;
    const beside = fileURLToPath(new URL('../python', import.meta.url));
    const path = [beside, process.env['PYTHONPATH']].filter(Boolean).join(process.platform === 'win32' ? ';' : ':');
    this.#child = spawn(options.python, [options.script], {
      stdio: 'pipe',
      // The order of sets and dictionaries of text is otherwise drawn anew in every process.
      env: { ...process.env, PYTHONPATH: path, PYTHONHASHSEED: '0' },
    });
    this.#child.on('error', (cause) => this.#fail(`"${cause.message}"`, cause));
    this.#child.on('close', (code, signal) => this.#fail(`it ended with ${code ?? signal}`));
    this.#child.stderr.on('data', (data: Buffer) => {
      this.#stderr = (this.#stderr + data.toString()).slice(-KEPT_STDERR);
    });
    this.#child.stdout.on('data', (data: Buffer) => {
      this.#received.push(data);
      this.#wake?.();
    });
    // A process that ended says so through 'close'.
    this.#child.stdin.on('error', () => undefined);
  }

  /**
   * Sends a message without waiting for an answer.
   *
   * @throws QuorateError PART_FAILED if the process has ended.
   */
  async send(header: Header, columns: Columns): Promise<void> {
    if (this.#failure) throw this.#failure;
    const named = Object.entries(columns).map(([name, values]) => [name, columnFromArray(values)] as const);
    const payload = tableToIPC(tableFromColumns(named.map(([name, column]) => [name, column])), { format: 'stream' })!;
    this.#child.stdin.write(`${JSON.stringify({ ...header, bytes: payload.byteLength })}\n`);
    if (!this.#child.stdin.write(payload)) await this.#drained();
  }

  /**
   * The column `values` of the next answer.
   *
   * @throws QuorateError PART_FAILED if the process ends, says nothing for the time limit, or answers something else.
   */
  async receive(): Promise<Float64Array> {
    const { timeoutSeconds } = this.#options;
    const timer = setTimeout(
      () => this.#fail(`no answer in ${timeoutSeconds} s (learner.timeoutSeconds)`),
      1000 * timeoutSeconds,
    );
    try {
      return await this.#answer();
    } finally {
      clearTimeout(timer);
    }
  }

  async #answer(): Promise<Float64Array> {
    const line = await this.#take((all) => all.indexOf(10) + 1);
    let bytes: unknown;
    try {
      bytes = (JSON.parse(line.toString()) as { bytes?: unknown }).bytes;
    } catch {
      // Said below.
    }
    if (typeof bytes !== 'number') throw this.#error(`a line that is no message: ${line.toString().slice(0, 80)}`);
    const payload = await this.#take((all) => (all.length >= bytes ? bytes : 0));
    // Copied: numbers of eight bytes have to begin at a multiple of eight.
    const values: unknown = tableFromIPC(Uint8Array.from(payload)).getChild('values').toArray();
    if (!(values instanceof Float64Array)) throw this.#error('an answer without a column "values" of float64');
    return values;
  }

  dispose(): void {
    this.#child.removeAllListeners('close');
    this.#child.stdin.end();
    this.#child.kill();
  }

  /** Waits until `length` finds a whole piece at the beginning of what has come, and takes it. */
  async #take(length: (all: Buffer) => number): Promise<Buffer> {
    for (;;) {
      const all = this.#received.length === 1 ? this.#received[0]! : Buffer.concat(this.#received);
      this.#received = all.length > 0 ? [all] : [];
      const size = length(all);
      if (size > 0) {
        this.#received = [all.subarray(size)];
        return all.subarray(0, size);
      }
      if (this.#failure) throw this.#failure;
      await new Promise<void>((done) => (this.#wake = done));
    }
  }

  async #drained(): Promise<void> {
    const first = new AbortController();
    const { signal } = first;
    const waits = [once(this.#child.stdin, 'drain', { signal }), once(this.#child, 'close', { signal })];
    // What became of a process that did not start is said by the next call.
    await Promise.race(waits).catch(() => undefined);
    // Takes the other listener away.
    first.abort();
  }

  #fail(got: string, cause?: unknown): void {
    this.#failure ??= this.#error(got, cause);
    this.#wake?.();
  }

  #error(got: string, cause?: unknown): QuorateError {
    const { python, script } = this.#options;
    const said = this.#stderr.trim().split('\n').at(-1);
    return new QuorateError('PART_FAILED', {
      where: `learner "python", ${python} ${script}`,
      expected: 'a process that answers with class probabilities',
      got: said ? `${got}: ${said}` : got,
      fix: `Run "${python} ${script} </dev/null" to see whether it starts: it needs numpy, pyarrow and serve() of quorate_learner.`,
      ...(cause === undefined ? {} : { cause }),
    });
  }
}
