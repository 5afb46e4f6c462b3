import { definePlugin, type OptionsOf } from '@quorate/core';
import onnxWasm from './onnx-wasm.js';
import onnx from './onnx.js';

/** To write networks of your own with (`learner.graph`). */
export { Graph } from './onnx-graph.js';

const components = [onnx, onnxWasm] as const;

declare module '@quorate/core' {
  interface PartOptions extends OptionsOf<typeof components> {}
}

export default definePlugin({
  name: '@quorate/plugin-backend-onnx',
  apiVersion: '^0.1.0',
  components,
});
