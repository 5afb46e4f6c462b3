import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  QuorateError,
  isQuorateError,
  messageOf,
  type Dataset,
  type Files,
  type LearnerBackend,
  type MlpParams,
  type Rng,
} from '@quorate/core';

/** A network in a form of the user's own. */
export interface GivenNetwork {
  /** What every fit starts from: the numbers in the model. */
  readonly start: MlpParams;
  /** Of the model; a run goes on with the same one alone. */
  readonly hash: string;
}

/** What a module is told that makes a network. */
export interface GraphRequest {
  /** D, columns of the features. */
  readonly inputs: number;
  /** K. */
  readonly classes: number;
  /** Numbers in [0, 1) out of the run's seed, to start weights from. */
  readonly random: () => number;
}

/** Returns the bytes of an ONNX model: features, rows×inputs, to logits, rows×classes. */
export type BuildGraph = (request: GraphRequest) => Uint8Array | Promise<Uint8Array>;

interface Setting {
  readonly backend: LearnerBackend;
  readonly dataset: Dataset;
  readonly files: Files;
  readonly rng: Rng;
}

/**
 * Reads a network out of an ONNX file or asks a module for it.
 *
 * Throws DATA_INVALID for a file that is missing or no such thing and a network that cannot be trained on this data,
 * BACKEND_UNAVAILABLE where the backend trains no graphs.
 */
export async function openNetwork(given: string, { backend, dataset, files, rng }: Setting): Promise<GivenNetwork> {
  if (!dataset.features) throw withoutFeatures();
  if (!backend.openGraph) {
    throw new QuorateError('BACKEND_UNAVAILABLE', {
      where: `learner.graph (${given})`,
      expected: 'a backend that trains graphs',
      got: backend.name,
      fix: 'Set backend.use=onnx, or backend.use=onnx-wasm.',
    });
  }
  const [inputs, classes] = [dataset.features.columns, dataset.classes.length];
  const path = files.resolve(given);
  const model =
    extname(path).toLowerCase() === '.onnx'
      ? await bytesOf(given, path)
      : await built(given, path, { inputs, classes, random: () => rng.uniform() });
  const start = await backend.openGraph({ name: given, model, inputs, classes });
  return { start, hash: createHash('sha256').update(model).digest('hex') };
}

async function bytesOf(given: string, path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw unread(given, 'a file that can be read', cause, 'Correct the path in learner.graph.');
  }
}

async function built(given: string, path: string, request: GraphRequest): Promise<Uint8Array> {
  const build = await imported(given, path);
  let model: unknown;
  try {
    model = await build(request);
  } catch (cause) {
    if (isQuorateError(cause)) throw cause;
    throw unread(given, 'a buildGraph that returns a model', cause, 'Correct the module.');
  }
  if (model instanceof Uint8Array) return model;
  throw unread(
    given,
    'the bytes of an ONNX model (Uint8Array) out of buildGraph',
    typeof model,
    'Return graph.model().',
  );
}

async function imported(given: string, path: string): Promise<BuildGraph> {
  await bytesOf(given, path);
  let module: { readonly buildGraph?: unknown; readonly default?: unknown };
  try {
    module = (await import(pathToFileURL(path).href)) as typeof module;
  } catch (cause) {
    throw unread(given, 'an .onnx file, or a module of JavaScript', cause, 'Correct it.');
  }
  const build = module.buildGraph ?? module.default;
  if (typeof build === 'function') return build as BuildGraph;
  throw unread(
    given,
    'a module that exports buildGraph',
    'none',
    'Write: export function buildGraph({ inputs, classes, random }) { ... }',
  );
}

function unread(given: string, expected: string, got: unknown, fix: string): QuorateError {
  const isText = typeof got === 'string';
  const detail = { where: `learner.graph (${given})`, expected, got: isText ? got : `"${messageOf(got)}"`, fix };
  return new QuorateError('DATA_INVALID', isText ? detail : { ...detail, cause: got });
}

export function withoutFeatures(): QuorateError {
  return new QuorateError('DATA_INVALID', {
    where: 'learner',
    expected: 'a dataset with features',
    got: 'one without',
    fix: 'Give the dataset section its features, or set learner.use=none.',
  });
}
