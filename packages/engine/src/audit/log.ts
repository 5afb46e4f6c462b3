import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { QuorateError, type Audit, type Dataset } from '@quorate/core';
import { csvField } from '@quorate/host';
import { AppendFile } from '@quorate/host';

const HEADER = 'task,label,step,round,delivered\n';

/**
 * `audits.csv`: every answer of the expert, on the disk before anything follows from it. What an earlier process had
 * asked is read there, not asked again. The file is made with the first audit.
 */
export class AuditLog {
  readonly #path: string;
  readonly #dataset: Dataset;
  #file: AppendFile | undefined;
  /** Is the header read or written? */
  #begun = false;
  /** What an earlier process wrote and nobody has read yet, one character a byte. */
  #rest: string;

  constructor(folder: string, dataset: Dataset) {
    this.#path = join(folder, 'audits.csv');
    this.#dataset = dataset;
    this.#rest = existsSync(this.#path) ? readFileSync(this.#path, 'latin1') : '';
  }

  /** Goes to the place behind the audits of a checkpoint; writes them again where the file is missing or short. */
  goTo(audits: readonly Audit[], note: (message: string) => void): void {
    if (audits.length === 0) return;
    const expected = HEADER + audits.map((audit) => this.#line(audit)).join('');
    if (expected.startsWith(this.#rest) && this.#rest !== expected) {
      note(`${this.#path} was missing audits; they were written again from the checkpoint.`);
      this.#open().truncate(0);
      this.#write(expected);
      this.#rest = expected;
    }
    if (!this.#rest.startsWith(expected)) throw this.#unlike('the audits that the checkpoint holds');
    this.#rest = this.#rest.slice(expected.length);
    this.#begun = true;
  }

  /** The class that the expert named when an earlier process asked this; undefined where nobody has. */
  recorded(question: Omit<Audit, 'label'>): number | undefined {
    if (!this.#begun && this.#read([HEADER]) === undefined) return undefined;
    this.#begun = true;
    return this.#read(this.#dataset.classes.map((_, label) => this.#line({ ...question, label })));
  }

  /** Reads the one of these texts that is next; at the end of the file none. One that was cut short is taken away. */
  #read(texts: readonly string[]): number | undefined {
    const found = texts.findIndex((text) => this.#rest.startsWith(text));
    if (found >= 0) {
      this.#rest = this.#rest.slice(texts[found]!.length);
      return found;
    }
    if (!texts.some((text) => text.startsWith(this.#rest))) throw this.#unlike('the audits that this run asks for');
    if (this.#rest !== '') {
      const file = this.#open();
      file.truncate(file.bytes - this.#rest.length);
      this.#rest = '';
    }
    return undefined;
  }

  append(audit: Audit): void {
    this.#write((this.#begun ? '' : HEADER) + this.#line(audit));
    this.#begun = true;
  }

  #write(bytes: string): void {
    const file = this.#open();
    file.append(Buffer.from(bytes, 'latin1').toString());
    file.sync();
  }

  #open(): AppendFile {
    return (this.#file ??= new AppendFile(this.#path));
  }

  /** One character a byte. */
  #line({ item, label, step, round, delivered }: Audit): string {
    const { taskIds, classes } = this.#dataset;
    const name = (k: number): string => csvField(String(classes[k]!));
    const line = `${csvField(taskIds[item]!)},${name(label)},${step},${round},${name(delivered)}\n`;
    return Buffer.from(line).toString('latin1');
  }

  #unlike(expected: string): QuorateError {
    return new QuorateError('RUN_FOLDER', {
      where: this.#path,
      expected,
      got: 'others',
      fix: 'Put the original file back, or start again with another --out.',
    });
  }

  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }
}
