import { QuorateError } from '@quorate/core';
import { AppendFile, csvField, readIfThere } from '@quorate/host';
import type { Journal } from '../run/journal.js';

/** First line of a file of answers. */
export const ANSWERS_HEADER = 'task,worker,label,step\n';

/** A journal on the disk: `task,worker,label,step`, append-only. */
export class AnswersFile {
  readonly #file: AppendFile;

  constructor(path: string) {
    this.#file = new AppendFile(path);
  }

  get bytes(): number {
    return this.#file.bytes;
  }

  /** Appends the journal's entries from number `first` on, and returns when they are on the disk. */
  append(journal: Journal, first: number): void {
    let text = this.#file.bytes === 0 ? ANSWERS_HEADER : '';
    for (let a = first; a < journal.entries; a++) text += lineOf(journal, a);
    this.#file.append(text);
    this.#file.sync();
  }

  /** Empties the file. */
  clear(): void {
    this.#file.truncate(0);
  }

  /**
   * Brings the file to what the journal holds: cuts off answers of a step that was not saved (they are asked again, with the
   * same result), writes it again where it is missing or short, and refuses one that says otherwise.
   */
  match(journal: Journal, note: (message: string) => void): void {
    let expected = ANSWERS_HEADER;
    for (let a = 0; a < journal.entries; a++) expected += lineOf(journal, a);
    const there = readIfThere(this.#file.file) ?? '';
    if (there.startsWith(expected)) {
      this.#file.truncate(Buffer.byteLength(expected));
    } else if (expected.startsWith(there)) {
      note(`${this.#file.file} was missing answers; they were written again from the checkpoint.`);
      this.#file.append(expected.slice(there.length));
      this.#file.sync();
    } else {
      throw new QuorateError('RUN_FOLDER', {
        where: this.#file.file,
        expected: 'the answers that the checkpoint holds',
        got: 'others',
        fix: 'Put the original file back, or move it away to have it written again from the checkpoint.',
      });
    }
  }

  close(): void {
    this.#file.close();
  }
}

function lineOf(journal: Journal, a: number): string {
  const { task, worker, label, step } = journal.entry(a);
  return `${csvField(task)},${csvField(worker)},${label === null ? '' : csvField(label)},${step}\n`;
}
