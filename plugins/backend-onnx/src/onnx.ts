import { availableParallelism } from 'node:os';
import { defineComponent } from '@quorate/core';
import { z } from 'zod';
import { OnnxBackend } from './backend.js';
import { openEngine } from './runtime.js';

/** More do not help with matrices of a minibatch's size. */
const MOST_THREADS = 4;

export const threads = z
  .union([z.literal('auto'), z.int().min(1)])
  .default('auto')
  .describe(`threads of one native call; auto: one for each core, at most ${MOST_THREADS} (or QUORATE_THREADS)`);

export const threadCount = (threads: number | 'auto'): number =>
  threads === 'auto'
    ? Number(process.env['QUORATE_THREADS']) || Math.min(MOST_THREADS, availableParallelism())
    : threads;

const options = z.strictObject({
  threads,
  providers: z
    .array(z.string().min(1))
    .min(1)
    .default(['cpu'])
    .describe('execution providers in order of preference: cpu, cuda, webgpu, dml, coreml, ...'),
});

const PACKAGE = 'onnxruntime-node';
const VERSION = '1.30.0';

/** @param importPackage Loads onnxruntime-node, which may be missing: it is an optional dependency. */
export async function openOnnx(
  { threads, providers }: z.output<typeof options>,
  importPackage: () => Promise<unknown> = () => import(PACKAGE),
): Promise<OnnxBackend> {
  const engine = await openEngine({
    backend: 'onnx',
    package: PACKAGE,
    importPackage,
    providers,
    threads: threadCount(threads),
    remedies: {
      missing: `Run "ONNXRUNTIME_NODE_INSTALL=skip npm install ${PACKAGE}@${VERSION}" (it then fetches no CUDA files), or set backend.use=onnx-wasm.`,
      refused: `Set backend.providers to ["cpu"]; for cuda reinstall ${PACKAGE} with its install script and network access, on a machine with CUDA.`,
    },
  });
  return new OnnxBackend('onnx', engine, providers[0] !== 'cpu').start();
}

export default defineComponent({
  kind: 'learnerBackend',
  name: 'onnx',
  summary: 'a whole fit as one native call of ONNX Runtime, on the processor or through another execution provider',
  options,
  create: (options) => openOnnx(options),
});
