import { closeSync, constants, existsSync, fsyncSync, ftruncateSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { QuorateError, isQuorateError, messageOf } from '@quorate/core';
import { contentHash, rowIds, startingWith } from './added.js';
import type { Subjects } from './subjects.js';
import {
  Lock,
  copyWhole,
  csvField,
  giveName,
  makeFolder,
  openInPlace,
  readIfThere,
  removeFiles,
  replaceFile,
  writing,
  type Inputs,
} from '@quorate/host';

/** What determines every byte of the rows: work of another plan is not resumed. */
export interface FeaturePlan {
  readonly extractor: string;
  readonly fingerprint: string;
  readonly batchSize: number;
  readonly kind: string;
  readonly subjects: number;
  readonly listing: string;
  readonly labelled: boolean;
}

/** `features.json`: what the rows are made of, and how many are on the disk. */
export interface FeatureRecord {
  readonly format: 1;
  readonly state: 'running' | 'done';
  readonly plan: FeaturePlan;
  readonly columns: number | null;
  /** Subjects that are done, whether they gave a row or were left out. */
  readonly done: number;
  readonly rows: number;
  /** Places in the listing of subjects that could not be read. */
  readonly leftOut: readonly number[];
  /** Of finished work: what the rows are made of (`contentHash`). Subjects that are added later need it. */
  readonly content?: string;
  /** Rows that were there before subjects were added; their ids lead the label file. */
  readonly before?: number;
}

/** Header of the `.npy` file: a fixed length, so that it can be written when the number of rows is known. */
const HEADER_BYTES = 128;

/** Names of the files beside the features. */
export function featureFiles(out: string) {
  const stem = out.replace(/\.npy$/i, '');
  const [labels, record] = [`${stem}.csv`, `${stem}.json`];
  return { features: out, labels, record, partial: `${out}.partial`, lock: `${out}.lock` };
}

export interface FeatureOutputRequest {
  readonly resume: boolean;
  readonly inputs: Inputs;
  readonly onNote: (message: string) => void;
  readonly subjects: Subjects;
}

/**
 * Features on their way to the disk. Rows go to `features.npy.partial`, then `features.json` says that they are there;
 * at every instant the two hold all batches but the last. `features.npy` appears when it is whole.
 */
export class FeatureOutput {
  readonly files: ReturnType<typeof featureFiles>;
  /** The subjects in the order of their rows: those that were added since the rows were finished come last. */
  readonly subjects: Subjects;
  #record: FeatureRecord;
  #fd: number | undefined;

  readonly #inputs: Inputs;
  readonly #lock: Lock;

  /** Throws OUTPUT_TAKEN where the files are there without `resume`, or belong to another plan. */
  constructor(out: string, plan: FeaturePlan, { resume, inputs, onNote, subjects }: FeatureOutputRequest) {
    this.files = featureFiles(out);
    this.#inputs = inputs;
    makeFolder(dirname(out));
    this.#lock = Lock.take(this.files.lock, { where: out, what: 'a file', code: 'OUTPUT_TAKEN', onNote });
    try {
      let there = readRecord(this.files.record);
      if (!there && existsSync(this.files.partial)) throw taken(this.files.partial, 'a file', REPLACE);
      // Work that ended before its first batch binds nobody.
      if (there?.state === 'running' && there.done === 0) there = null;
      if (!there) this.#refuseOthers();
      else if (!resume) throw taken(this.files.record, 'features that are there already', REPLACE);
      else if (there.state === 'done' && there.plan.listing !== plan.listing)
        there = this.#extended(there, plan, subjects);
      else refuseOtherPlan(this.files.record, there.plan, plan);
      this.subjects =
        there?.before === undefined
          ? subjects
          : startingWith(subjects, rowIds(this.files.labels).ids.slice(0, there.before), this.files.record);
      this.#record = there ?? { format: 1, state: 'running', plan, columns: null, done: 0, rows: 0, leftOut: [] };
      if (!there) this.#save();
      if (this.#record.state === 'running') this.#open();
      else if (!this.#isWhole()) throw taken(this.files.features, 'another file than features.json says', REPLACE);
    } catch (thrown) {
      this.close();
      throw thrown;
    }
  }

  get record(): FeatureRecord {
    return this.#record;
  }

  /** Adds the rows of the next subjects, and returns when they are on the disk. `leftOut`: places in the listing. */
  append(rows: Float32Array, columns: number, subjects: number, leftOut: readonly number[]): void {
    const before = this.#record;
    const bytes = new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength);
    this.#write(bytes, HEADER_BYTES + before.rows * columns * 4);
    this.#record = {
      ...before,
      columns,
      done: before.done + subjects,
      rows: before.rows + rows.length / columns,
      leftOut: [...before.leftOut, ...leftOut],
    };
    this.#save();
  }

  /** Counts subjects that gave no row. */
  skip(subjects: number, leftOut: readonly number[]): void {
    const { done, leftOut: before } = this.#record;
    this.#record = { ...this.#record, done: done + subjects, leftOut: [...before, ...leftOut] };
    this.#save();
  }

  /** Writes ids and labels of the rows, and gives the features their name. */
  finish(): void {
    const { ids, labels } = this.subjects;
    const { columns, rows, leftOut } = this.#record;
    const { features, labels: labelFile, partial } = this.files;
    const without = new Set(leftOut);
    let text = `${headerOf(labels !== null)}\n`;
    ids.forEach((id, at) => {
      if (!without.has(at)) text += labels ? `${field(id)},${field(labels[at]!)}\n` : `${field(id)}\n`;
    });
    replaceFile(labelFile, text, this.#inputs);
    if (this.#fd !== undefined) {
      this.#write(npyHeader(rows, columns!), 0);
      this.#closeRows();
      giveName(partial, features, this.#inputs);
    }
    this.#record = { ...this.#record, state: 'done', content: contentOf(this.subjects, without) };
    this.#save();
  }

  /** Removes everything: nothing could be made. */
  discard(): void {
    this.#closeRows();
    removeFiles(this.files.partial, this.files.record);
  }

  close(): void {
    this.#closeRows();
    this.#lock.release();
  }

  /** Finished work to which subjects were added: their rows come after those that are there. */
  #extended(there: FeatureRecord, plan: FeaturePlan, subjects: Subjects): FeatureRecord {
    const { record, labels, features, partial } = this.files;
    refuseOtherPlan(record, { ...there.plan, subjects: plan.subjects, listing: plan.listing }, plan);
    this.#record = there;
    if (!this.#isWhole()) throw taken(features, 'another file than features.json says', REPLACE);
    const { columns, ids } = rowIds(labels);
    if (columns !== headerOf(plan.labelled)) {
      const fix = `It is written anew with the added subjects: save yours under another name, and remove ${record} to start again.`;
      throw taken(
        labels,
        `the columns ${columns}`,
        fix,
        `the columns ${headerOf(plan.labelled)}, as they were written`,
      );
    }
    if (ids.length !== there.rows)
      throw taken(labels, `${ids.length} rows`, REPLACE, `${there.rows} rows, as in ${features}`);
    const inOrder = startingWith(subjects, ids, record);
    if (there.content !== contentHash(inOrder, ids.length)) {
      throw taken(
        record,
        'others under the same ids',
        `Choose another --out, or remove ${record} to start again.`,
        'the subjects of all rows as they were',
      );
    }
    copyWhole(features, partial, this.#inputs);
    const extended = { ...there, state: 'running' as const, plan, done: ids.length, leftOut: [], before: ids.length };
    this.#record = extended;
    this.#save();
    return extended;
  }

  #open(): void {
    const { features, partial } = this.files;
    const { columns, rows, done, plan } = this.#record;
    const bytes = HEADER_BYTES + rows * (columns ?? 0) * 4;
    const size = statSync(partial, { throwIfNoEntry: false })?.size;
    // Killed after the features had got their name.
    if (size === undefined && done === plan.subjects && this.#isWhole()) return;
    if (rows > 0 && (size ?? 0) < bytes) {
      const got = size === undefined ? 'no such file' : `${size} bytes`;
      throw taken(partial, got, `Remove ${this.files.record} to start again.`, `the ${bytes} bytes that were written`);
    }
    if (rows === 0 && existsSync(features)) throw taken(features, 'a file', REPLACE);
    this.#fd = openInPlace(partial, constants.O_RDWR, this.#inputs);
    // Rows of a batch that was not finished are made again.
    writing(partial, () => ftruncateSync(this.#fd!, bytes));
  }

  #isWhole(): boolean {
    const { columns, rows } = this.#record;
    return statSync(this.files.features, { throwIfNoEntry: false })?.size === HEADER_BYTES + rows * columns! * 4;
  }

  #refuseOthers(): void {
    const { features, labels } = this.files;
    for (const file of [features, labels]) if (existsSync(file)) throw taken(file, 'a file', REPLACE);
  }

  #write(bytes: Uint8Array, position: number): void {
    writing(this.files.partial, () => {
      for (let at = 0; at < bytes.length;) at += writeSync(this.#fd!, bytes, at, bytes.length - at, position + at);
      fsyncSync(this.#fd!);
    });
  }

  #save(): void {
    replaceFile(this.files.record, `${JSON.stringify(this.#record, null, 2)}\n`, this.#inputs);
  }

  #closeRows(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }
}

const REPLACE = 'Choose another --out, or remove the file first; --resume continues unfinished work.';

function taken(where: string, got: string, fix: string, expected = 'no such file yet'): QuorateError {
  return new QuorateError('OUTPUT_TAKEN', { where, expected, got, fix });
}

function readRecord(file: string): FeatureRecord | null {
  const text = readIfThere(file);
  if (text === undefined) return null;
  try {
    const record = JSON.parse(text) as FeatureRecord;
    if (record.format !== 1 || typeof record.plan !== 'object') throw new Error('another file');
    return record;
  } catch (thrown) {
    if (isQuorateError(thrown)) throw thrown;
    throw taken(file, messageOf(thrown), REPLACE, 'no such file, or the record of earlier features');
  }
}

function refuseOtherPlan(file: string, there: FeaturePlan, wanted: FeaturePlan): void {
  const names = {
    extractor: 'the same extractor',
    fingerprint: 'the same model, options and versions of the libraries',
    batchSize: 'the same batch size',
    kind: 'subjects of the same kind',
    subjects: 'the same number of subjects',
    listing: 'the same subjects',
    labelled: 'labels as before',
  } as const satisfies Record<keyof FeaturePlan, string>;
  for (const key of Object.keys(names) as (keyof FeaturePlan)[]) {
    if (there[key] === wanted[key]) continue;
    const long = key === 'fingerprint' || key === 'listing';
    const got = long ? 'others' : `${JSON.stringify(wanted[key])} after ${JSON.stringify(there[key])}`;
    throw taken(
      file,
      got,
      `Go on as it was started, or choose another --out, or remove ${file}.`,
      `${names[key]} as when it was started`,
    );
  }
}

const headerOf = (labelled: boolean): string => (labelled ? 'id,label' : 'id');

/** The hash of the subjects that have a row. */
function contentOf(subjects: Subjects, without: ReadonlySet<number>): string {
  const kept = Array.from(subjects.ids.keys()).filter((at) => !without.has(at));
  const rows = {
    ...subjects,
    ids: kept.map((at) => subjects.ids[at]!),
    mark: (at: number) => subjects.mark(kept[at]!),
  };
  return contentHash(rows, kept.length);
}

/** A field of the label file, whose reader drops blanks around what is not quoted. */
function field(text: string): string {
  return /^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : csvField(text);
}

/** Format 1.0 of NumPy, float32, C order, padded to HEADER_BYTES. */
function npyHeader(rows: number, columns: number): Buffer {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${columns}), }`;
  const header = Buffer.alloc(HEADER_BYTES, ' ');
  header.write('\x93NUMPY\x01\x00', 'latin1');
  header.writeUInt16LE(HEADER_BYTES - 10, 8);
  header.write(text, 10, 'latin1');
  header.write('\n', HEADER_BYTES - 1);
  return header;
}
