import { closeSync, fstatSync, fsyncSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { QuorateError, messageOf } from '@quorate/core';

/** What was paid for: the class that the model named, null where it declined or made no sense. */
export interface CachedAnswer {
  /** Of the prompt and the task. */
  readonly key: string;
  readonly label: string | null;
}

/**
 * Answers of models on the disk, a line of JSON for each, appended and flushed before anybody sees it: a task is not paid
 * for twice, whatever kills the process. A last line that was cut short is left behind. Processes may share the file: each
 * reads what the others have appended before it asks.
 */
export class AnswerCache {
  readonly file: string;
  readonly #handle: number;
  readonly #answers = new Map<string, string | null>();
  #read = 0;

  /** Throws WRITE_FAILED where the file cannot be opened for writing. */
  constructor(file: string) {
    this.file = file;
    try {
      mkdirSync(dirname(file), { recursive: true });
      this.#handle = openSync(file, 'a+', 0o600);
    } catch (cause) {
      throw failed(file, cause);
    }
    this.refresh();
    // Whatever comes next begins a line of its own.
    if (this.#read < fstatSync(this.#handle).size) this.#write('\n');
  }

  /** Reads whole lines that were appended since. */
  refresh(): void {
    const { size } = fstatSync(this.#handle);
    if (size <= this.#read) return;
    const bytes = Buffer.alloc(size - this.#read);
    const end = readSync(this.#handle, bytes, 0, bytes.length, this.#read);
    const whole = bytes.subarray(0, bytes.lastIndexOf(10, end) + 1);
    this.#read += whole.length;
    for (const line of whole.toString('utf8').split('\n')) {
      try {
        const { key, label } = JSON.parse(line) as CachedAnswer;
        if (typeof key === 'string' && (label === null || typeof label === 'string')) this.#answers.set(key, label);
      } catch {
        // A line that was cut short: its answer is asked for again.
      }
    }
  }

  /** Undefined where it was not asked yet. */
  get(key: string): string | null | undefined {
    return this.#answers.get(key);
  }

  /** Keeps answers that came together. Throws WRITE_FAILED. */
  add(answers: readonly CachedAnswer[]): void {
    for (const { key, label } of answers) this.#answers.set(key, label);
    this.#write(answers.map((answer) => `${JSON.stringify(answer)}\n`).join(''));
  }

  #write(text: string): void {
    try {
      writeSync(this.#handle, text);
      fsyncSync(this.#handle);
    } catch (cause) {
      throw failed(this.file, cause);
    }
  }

  close(): void {
    closeSync(this.#handle);
  }
}

function failed(where: string, cause: unknown): QuorateError {
  const fix = 'Free space or fix permissions, or name another folder (cache).';
  return new QuorateError('WRITE_FAILED', {
    where,
    expected: 'a file to keep answers in',
    got: messageOf(cause),
    fix,
    cause,
  });
}
