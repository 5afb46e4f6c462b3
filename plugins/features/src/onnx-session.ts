import { availableParallelism } from 'node:os';
import { QuorateError, messageOf } from '@quorate/core';
import type { InferenceSession, Tensor } from 'onnxruntime-common';
import { z } from 'zod';

export type Runtime = Pick<typeof import('onnxruntime-common'), 'InferenceSession' | 'Tensor' | 'env'>;

const PACKAGE = 'onnxruntime-node';
const VERSION = '1.30.0';
/** More do not help with batches of this size. */
const MOST_THREADS = 4;
/** ONNX Runtime writes complaints to standard error; what matters comes as an exception, too. */
const FATAL = 4;

/** Options of every extractor that runs a model. */
export const modelOptions = {
  model: z.string().min(1).describe('path of the encoder, an .onnx file'),
  output: z.string().min(1).nullable().default(null).describe("name of the model's output to take; null: the only one"),
  batchSize: z.int().min(1).max(4096).default(32).describe('subjects that go through the model at once'),
  threads: z
    .union([z.literal('auto'), z.int().min(1)])
    .default('auto')
    .describe(`threads of the model; auto: one for each core, at most ${MOST_THREADS}`),
};

/** A model that is ready to run. */
export interface Model {
  readonly runtime: Runtime;
  /** As the user wrote its path; errors name it. */
  readonly name: string;
  readonly inputs: readonly TensorInput[];
  readonly outputs: readonly string[];
  run(feeds: Readonly<Record<string, Tensor>>, output: string): Promise<Tensor>;
  release(): Promise<void>;
}

export interface TensorInput {
  readonly name: string;
  readonly type: string;
  /** A number where the model fixes the size, else the name of the dimension (or ''). Empty: nothing is declared. */
  readonly shape: readonly (number | string)[];
}

/**
 * Opens a model file. @throws QuorateError BACKEND_UNAVAILABLE without ONNX Runtime; DATA_INVALID where it does not take
 * the file.
 */
export async function openModel(
  { name, path, threads }: { readonly name: string; readonly path: string; readonly threads: number | 'auto' },
  importPackage: () => Promise<unknown> = () => import(PACKAGE),
): Promise<Model> {
  const runtime = await loadRuntime(importPackage);
  runtime.env.logLevel = 'fatal';
  let session: InferenceSession;
  try {
    // By its path, not its bytes: weights may be in files beside it.
    session = await runtime.InferenceSession.create(path, {
      executionProviders: ['cpu'],
      intraOpNumThreads: threads === 'auto' ? Math.min(MOST_THREADS, availableParallelism()) : threads,
      interOpNumThreads: 1,
      logSeverityLevel: FATAL,
      // Waiting threads would take the cores from the decoding of images.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    });
  } catch (cause) {
    throw new QuorateError('DATA_INVALID', {
      where: name,
      expected: 'a model that ONNX Runtime can load',
      got: `"${messageOf(cause)}"`,
      fix: 'Check that the file is complete, with its weight files beside it, and is an ONNX model.',
      cause,
    });
  }
  return {
    runtime,
    name,
    inputs: session.inputMetadata.map((input) =>
      input.isTensor ? input : { name: input.name, type: 'no tensor', shape: [] },
    ),
    outputs: session.outputNames,
    run: async (feeds, output) => {
      try {
        return (await session.run(feeds, [output]))[output] as Tensor;
      } catch (cause) {
        const given = Object.entries(feeds).map(([input, { dims }]) => `${input} of ${dims.join('×')}`);
        throw new QuorateError('CONFIG_INVALID', {
          where: name,
          expected: `a model that takes ${given.join(', ')}`,
          got: `"${messageOf(cause)}"`,
          fix: 'Set features.size, features.layout and the other options to what the model was made for.',
          cause,
        });
      }
    },
    release: () => session.release(),
  };
}

async function loadRuntime(importPackage: () => Promise<unknown>): Promise<Runtime> {
  try {
    const loaded = (await importPackage()) as Runtime & { readonly default?: Runtime };
    return loaded.default ?? loaded;
  } catch (cause) {
    throw new QuorateError('BACKEND_UNAVAILABLE', {
      where: 'features through a model',
      expected: `the package ${PACKAGE}`,
      got: `"${messageOf(cause)}"`,
      fix: `Run "ONNXRUNTIME_NODE_INSTALL=skip npm install ${PACKAGE}@${VERSION}" (it then fetches no CUDA files).`,
      cause,
    });
  }
}

/** The output that the option names, or the model's only one. @throws QuorateError CONFIG_INVALID */
export function chooseOutput({ name, outputs }: Model, wanted: string | null): string {
  return chooseName(`${name}: features.output`, wanted, outputs, 'output');
}

export function chooseName(where: string, wanted: string | null, names: readonly string[], what: string): string {
  const [only, ...more] = names;
  if (wanted === null && only !== undefined && more.length === 0) return only;
  if (wanted !== null && names.includes(wanted)) return wanted;
  throw new QuorateError('CONFIG_INVALID', {
    where,
    expected: `one of the model's ${names.length} ${what}s, ${names.join(', ')}`,
    got: wanted === null ? 'no choice' : `"${wanted}"`,
    fix: `Set features.${what}.`,
  });
}
