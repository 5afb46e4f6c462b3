import {
  QuorateError,
  T,
  defineComponent,
  messageOf,
  type Dataset,
  type Features,
  type Questions,
  type WorkerSimulator,
} from '@quorate/core';
import { argmax } from '@quorate/core/numbers';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { InferenceSession, Tensor } from 'onnxruntime-common';
import { z } from 'zod';
import { invalid } from './task-contents.js';

type Runtime = Pick<typeof import('onnxruntime-common'), 'InferenceSession' | 'Tensor' | 'env'>;

const PACKAGE = 'onnxruntime-node';
const VERSION = '1.30.0';
const BATCH = 256;

const options = z.strictObject({
  model: z.string().min(1).describe('path of the classifier, an .onnx file that takes the features of the tasks'),
  classes: z
    .array(z.string())
    .min(2)
    .nullable()
    .default(null)
    .describe('class of each number that it gives, in their order; null: those of the run'),
  output: z.string().min(1).nullable().default(null).describe('output with a number for each class; null: find it'),
  logits: z.boolean().default(false).describe('what it gives are logits: take their softmax'),
});
type ClassifierOptions = z.output<typeof options>;

/** A classifier in a file, run on the features of the tasks. */
class OnnxClassifier implements WorkerSimulator {
  readonly workerIds: readonly string[];
  readonly knowledge = { pooledCounts: null, confusion: () => null };
  /** N×K. */
  readonly #probability: Float32Array;
  readonly #classes: number;

  constructor(id: string, probability: Float32Array, classes: number) {
    this.workerIds = [id];
    this.#probability = probability;
    this.#classes = classes;
  }

  may(_worker: number, item: number): boolean {
    return this.#probability[item * this.#classes]! >= 0;
  }

  answer({ count, item }: Questions, labels: Int32Array): void {
    const K = this.#classes;
    for (let a = 0; a < count; a++) labels[a] = this.may(0, item[a]!) ? argmax(this.#probability, item[a]! * K, K) : -1;
  }

  probabilities(_worker: number, item: number, out: Float64Array): boolean {
    if (!this.may(0, item)) return false;
    for (let k = 0; k < this.#classes; k++) out[k] = this.#probability[item * this.#classes + k]!;
    return true;
  }
}

/** P(class) of all items by the model, N×K; -1 throughout where it sees none of the run's classes. */
async function classify(
  { model: name, output, logits, classes }: ClassifierOptions,
  path: string,
  { dataset, features }: { readonly dataset: Dataset; readonly features: Features },
): Promise<Float32Array> {
  const runtime = await loadRuntime();
  const session = await open(runtime, name, path);
  const named = classes ?? dataset.classes.map(String);
  const places = named.map((label) => dataset.classes.findIndex((one) => String(one) === label));
  if (!places.some((k) => k >= 0)) throw invalid(name, 'classes of this run', named.join(', '), 'Correct classes.');
  const [N, K, D, C] = [dataset.taskIds.length, dataset.classes.length, features.columns, named.length];
  const probability = new Float32Array(N * K);
  try {
    for (let from = 0; from < N; from += BATCH) {
      const rows = Math.min(BATCH, N - from);
      const data = features.data.subarray(from * D, (from + rows) * D);
      const given = await run(
        session,
        { name, output, columns: C, rows },
        new runtime.Tensor('float32', data, [rows, D]),
      );
      for (let r = 0; r < rows; r++) spread(given, r, places, logits, probability, (from + r) * K, K);
    }
  } finally {
    await session.release();
  }
  return probability;
}

function spread(
  given: ArrayLike<number>,
  r: number,
  places: readonly number[],
  logits: boolean,
  out: Float32Array,
  start: number,
  K: number,
): void {
  const C = places.length;
  let max = -Infinity;
  for (let c = 0; c < C; c++) if (given[r * C + c]! > max) max = given[r * C + c]!;
  let sum = 0;
  for (let c = 0; c < C; c++) {
    const p = logits ? Math.exp(given[r * C + c]! - max) : given[r * C + c]!;
    if (places[c]! < 0) continue;
    out[start + places[c]!]! += p;
    sum += p;
  }
  for (let k = 0; k < K; k++) out[start + k] = sum > 0 ? out[start + k]! / sum : -1;
}

/** The output with a number for each class and row: the named one, else the only one of that shape. */
async function run(
  session: InferenceSession,
  { name, output, columns, rows }: { name: string; output: string | null; columns: number; rows: number },
  input: Tensor,
): Promise<ArrayLike<number>> {
  const [inputName, ...more] = session.inputNames;
  if (inputName === undefined || more.length > 0)
    throw invalid(name, 'a model of one input', `${session.inputNames.length}`, 'Export it with one.');
  const outputs = session.outputNames;
  if (output !== null && !outputs.includes(output))
    throw invalid(name, `an output "${output}"`, outputs.join(', '), 'Correct output.');
  let results;
  try {
    results = await session.run({ [inputName]: input }, output === null ? outputs : [output]);
  } catch (cause) {
    const fix = 'A classifier of scikit-learn is exported with options={"zipmap": False}.';
    throw new QuorateError('DATA_INVALID', {
      where: name,
      expected: `a model that takes ${input.dims.join('×')} features`,
      got: `"${messageOf(cause)}"`,
      fix,
      cause,
    });
  }
  const fits = Object.values(results).filter(({ type, dims }) => {
    return /^float/.test(type) && dims.length === 2 && dims[0] === rows && dims[1] === columns;
  });
  const finite = fits[0] && Array.from(fits[0].data as Float32Array).every(Number.isFinite);
  if (fits.length === 1 && finite) return fits[0]!.data as Float32Array;
  const got =
    fits[0] && !finite
      ? 'numbers that are not finite'
      : Object.entries(results)
          .map(([key, { dims }]) => `${key} of ${dims.join('×')}`)
          .join(', ');
  throw invalid(name, `one output of ${rows}×${columns}, a number for each class`, got, 'Set output, or classes.');
}

async function open(runtime: Runtime, name: string, path: string): Promise<InferenceSession> {
  try {
    runtime.env.logLevel = 'fatal';
    return await runtime.InferenceSession.create(path, {
      executionProviders: ['cpu'],
      intraOpNumThreads: 1,
      logSeverityLevel: 4,
    });
  } catch (cause) {
    const fix = 'Check that the file is complete, with its weight files beside it, and is an ONNX model.';
    throw new QuorateError('DATA_INVALID', {
      where: name,
      expected: 'a model that ONNX Runtime can load',
      got: `"${messageOf(cause)}"`,
      fix,
      cause,
    });
  }
}

async function loadRuntime(): Promise<Runtime> {
  try {
    const loaded = (await import(PACKAGE)) as Runtime & { readonly default?: Runtime };
    return loaded.default ?? loaded;
  } catch (cause) {
    throw new QuorateError('BACKEND_UNAVAILABLE', {
      where: 'models.use=onnx_classifier',
      expected: `the package ${PACKAGE}`,
      got: `"${messageOf(cause)}"`,
      fix: `Run "ONNXRUNTIME_NODE_INSTALL=skip npm install ${PACKAGE}@${VERSION}" (it then fetches no CUDA files).`,
      cause,
    });
  }
}

export default defineComponent({
  kind: 'workerSimulator',
  name: 'onnx_classifier',
  summary: 'a classifier in an .onnx file, run on the features of the tasks',
  options,
  needs: () => ['features'],
  inject: [T.Dataset, T.Files],
  create: async (options, dataset, files) => {
    const { features } = dataset;
    if (!features)
      throw invalid(
        'models.use=onnx_classifier',
        'a dataset with features',
        'one without',
        'Give the dataset its features.',
      );
    const path = files.resolve(options.model);
    let bytes: Buffer;
    try {
      bytes = readFileSync(path);
    } catch (cause) {
      throw invalid(options.model, 'an .onnx file', messageOf(cause), 'Correct the path.');
    }
    const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 8);
    const id = `${basename(options.model).replace(/\.\w+$/, '')}@${hash}`;
    return new OnnxClassifier(id, await classify(options, path, { dataset, features }), dataset.classes.length);
  },
});
