import { resolve } from 'node:path';
import {
  QuorateError,
  T,
  compose,
  isQuorateError,
  makeRng,
  messageOf,
  type Composition,
  type FeatureExtractor,
  type FeatureSubject,
} from '@quorate/core';
import { FeatureOutput } from './output.js';
import type { PreparedFeatures } from './prepare.js';
import type { Subjects } from './subjects.js';
import { Inputs, createFiles } from '@quorate/host';

export interface FeaturesRequest {
  readonly prepared: PreparedFeatures;
  readonly subjects: Subjects;
  /** Absolute path of the `.npy` file. */
  readonly out: string;
  /** Continue what is there; without it nothing may be there. */
  readonly resume: boolean;
  /** Leave out subjects that cannot be read, instead of stopping. */
  readonly skipBad: boolean;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly onNote: (message: string) => void;
}

export interface FeatureProgress {
  /** Subjects that are done, those of earlier processes included. */
  readonly done: number;
  readonly rows: number;
  readonly leftOut: number;
}

export interface FeatureResult {
  readonly stopped: 'done' | 'interrupted';
  readonly rows: number;
  readonly columns: number | null;
  /** Ids of subjects that could not be read. */
  readonly leftOut: readonly string[];
}

/** Features that are being made: batch by batch, each on the disk before the next. */
export class FeatureJob {
  readonly extractor: string;
  readonly total: number;

  constructor(
    readonly request: FeaturesRequest,
    readonly composition: Composition,
    readonly part: FeatureExtractor,
    readonly output: FeatureOutput,
  ) {
    this.extractor = request.prepared.choice.use;
    this.total = request.subjects.ids.length;
  }

  get progress(): FeatureProgress {
    const { done, rows, leftOut } = this.output.record;
    return { done, rows, leftOut: leftOut.length };
  }

  /** Yields after every batch. After an abort it ends with the batch in hand. */
  async *batches(signal: AbortSignal): AsyncGenerator<FeatureProgress, FeatureResult> {
    const { subjects } = this.output;
    if (this.output.record.state === 'running') {
      let batch: FeatureSubject[] = [];
      for await (const subject of subjects.from(this.progress.done)) {
        if (this.progress.done === this.total) break;
        batch.push(subject);
        const last = this.progress.done + batch.length === this.total;
        if (batch.length < this.part.batchSize && !last) continue;
        if (signal.aborted) return this.#result('interrupted');
        await this.#add(batch);
        batch = [];
        yield this.progress;
      }
      if (this.progress.done !== this.total) throw changed(subjects);
      if (this.progress.rows === 0) {
        this.output.discard();
        throw nothingRead(subjects);
      }
      this.output.finish();
    }
    return this.#result('done');
  }

  async dispose(): Promise<void> {
    this.output.close();
    await this.composition.dispose();
  }

  #result(stopped: FeatureResult['stopped']): FeatureResult {
    const { rows, columns, leftOut } = this.output.record;
    return { stopped, rows, columns, leftOut: leftOut.map((at) => this.output.subjects.ids[at]!) };
  }

  async #add(batch: readonly FeatureSubject[]): Promise<void> {
    const rows: Float32Array[] = [];
    const leftOut: number[] = [];
    try {
      rows.push(await this.#extract(batch));
    } catch (thrown) {
      if (!this.request.skipBad || !isUnreadable(thrown)) throw thrown;
      for (const [i, subject] of batch.entries()) {
        try {
          rows.push(await this.#extract([subject]));
        } catch (single) {
          if (!isUnreadable(single)) throw single;
          leftOut.push(this.progress.done + i);
          this.request.onNote(`Left out: ${single.detail.where}, ${single.detail.got}`);
        }
      }
    }
    if (rows.length === 0) this.output.skip(batch.length, leftOut);
    else this.output.append(joined(rows), this.part.columns!, batch.length, leftOut);
  }

  /** Rows of a batch, checked against the contract: a plugin may be anybody's. */
  async #extract(batch: readonly FeatureSubject[]): Promise<Float32Array> {
    let rows: Float32Array;
    try {
      rows = await this.part.extract(batch);
    } catch (thrown) {
      if (isQuorateError(thrown)) throw thrown;
      throw this.#failed('rows', messageOf(thrown), thrown);
    }
    const { columns } = this.part;
    const before = this.output.record.columns ?? columns;
    if (columns === null || columns !== before || rows.length !== batch.length * columns) {
      throw this.#failed(`${batch.length} rows of ${before} columns`, `${rows.length} values of ${columns} columns`);
    }
    if (!rows.every(Number.isFinite)) throw this.#failed('finite numbers', 'NaN or an infinite one');
    return rows;
  }

  #failed(expected: string, got: string, cause?: unknown): QuorateError {
    return new QuorateError('PART_FAILED', {
      where: `features/${this.extractor}`,
      expected,
      got,
      fix: 'This is a fault of the plugin; tell its author.',
      ...(cause === undefined ? {} : { cause }),
    });
  }
}

/** Builds the extractor and finds where the work was. Nothing is read before `batches`. */
export async function openFeatures(request: FeaturesRequest): Promise<FeatureJob> {
  const { prepared, subjects, out, resume, onNote } = request;
  const inputs = new Inputs([resolve(request.cwd, subjects.name), ...(prepared.file === null ? [] : [prepared.file])]);
  const { registry, choice, baseDir } = prepared;
  const composition = compose({ registry, choices: { featureExtractor: [choice] }, rng: makeRng(0) });
  try {
    composition.provide(T.Files, createFiles({ ...request, baseDir }));
    const part = await composition.get('featureExtractor');
    if (!part.accepts.includes(subjects.kind)) {
      throw new QuorateError('CONFIG_INVALID', {
        where: `features.use=${choice.use}`,
        expected: `an extractor of ${subjects.kind}s, for ${subjects.name}`,
        got: `one of ${part.accepts.join(' and ')}s`,
        fix: '"quorate plugins features" lists what there is.',
      });
    }
    const plan = {
      extractor: choice.use,
      fingerprint: part.fingerprint,
      batchSize: part.batchSize,
      kind: subjects.kind,
      subjects: subjects.ids.length,
      listing: subjects.hash,
      labelled: subjects.labels !== null,
    };
    return new FeatureJob(
      request,
      composition,
      part,
      new FeatureOutput(out, plan, { resume, inputs, onNote, subjects }),
    );
  } catch (thrown) {
    await composition.dispose();
    throw thrown;
  }
}

function isUnreadable(thrown: unknown): thrown is QuorateError {
  return isQuorateError(thrown) && thrown.code === 'DATA_INVALID';
}

function joined(parts: readonly Float32Array[]): Float32Array {
  if (parts.length === 1) return parts[0]!;
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => {
    out.set(part, at);
    return at + part.length;
  }, 0);
  return out;
}

function changed({ name }: Subjects): QuorateError {
  const fix = 'Leave the file as it is until the features are made, then start again.';
  return new QuorateError('DATA_INVALID', { where: name, expected: 'as many rows as before', got: 'fewer', fix });
}

function nothingRead({ name, ids }: Subjects): QuorateError {
  return new QuorateError('DATA_INVALID', {
    where: name,
    expected: 'subjects that can be read',
    got: `none of ${ids.length}`,
    fix: 'The notes above say what is wrong with each.',
  });
}
