import { defineComponent, definePlugin, type AnyComponent, type OptionsOf } from '@quorate/core';
import { z } from 'zod';
import { TfjsBackend } from './backend.js';
import { loadCpu, loadNode, loadNodeGpu, loadWasm } from './load.js';
import type { TfRuntime } from './tf.js';

function backend(name: string, summary: string, load: () => Promise<TfRuntime>): AnyComponent {
  return defineComponent({
    kind: 'learnerBackend',
    name,
    summary,
    options: z.strictObject({}),
    create: async () => new TfjsBackend(name, await load()),
  });
}

const components = [
  backend('tfjs-node-gpu', 'TensorFlow on an NVIDIA GPU; needs @tensorflow/tfjs-node-gpu', loadNodeGpu),
  backend('tfjs-node', 'TensorFlow on the CPU, native; needs @tensorflow/tfjs-node', loadNode),
  backend('tfjs-wasm', 'TensorFlow.js on WebAssembly, one thread; needs @tensorflow/tfjs-backend-wasm', loadWasm),
  backend('tfjs-cpu', 'TensorFlow.js in plain JavaScript, very slow; needs @tensorflow/tfjs-backend-cpu', loadCpu),
] as const;

declare module '@quorate/core' {
  interface PartOptions extends OptionsOf<typeof components> {}
}

export default definePlugin({
  name: '@quorate/plugin-backend-tfjs',
  apiVersion: '^0.1.0',
  components,
});
