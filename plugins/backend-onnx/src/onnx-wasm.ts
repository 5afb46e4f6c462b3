import { defineComponent } from '@quorate/core';
import { z } from 'zod';
import { OnnxBackend } from './backend.js';
import { threadCount, threads } from './onnx.js';
import { openEngine } from './runtime.js';

const options = z.strictObject({ threads });

/** @param importPackage Loads onnxruntime-web. */
export async function openOnnxWasm(
  { threads }: z.output<typeof options>,
  importPackage: () => Promise<unknown> = () => import('onnxruntime-web'),
): Promise<OnnxBackend> {
  const engine = await openEngine({
    backend: 'onnx-wasm',
    package: 'onnxruntime-web',
    importPackage,
    prepare: ({ env }) => (env.wasm.numThreads = threadCount(threads)),
    providers: ['wasm'],
    threads: threadCount(threads),
    remedies: {
      missing: 'Run "npm install onnxruntime-web@1.30.0", or choose another backend.use.',
      refused: 'Choose another backend.use; quorate doctor shows which are present.',
    },
  });
  return new OnnxBackend('onnx-wasm', engine, true).start();
}

export default defineComponent({
  kind: 'learnerBackend',
  name: 'onnx-wasm',
  summary: 'the same graphs on WebAssembly, where no native package can be installed',
  options,
  create: (options) => openOnnxWasm(options),
});
