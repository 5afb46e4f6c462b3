import { definePlugin, type OptionsOf } from '@quorate/core';
import { gradientExtractor } from './gradient-extractor.js';
import { onnxImage } from './onnx-image.js';
import { onnxText } from './onnx-text.js';

const components = [gradientExtractor, onnxImage, onnxText] as const;

declare module '@quorate/core' {
  interface PartOptions extends OptionsOf<typeof components> {}
}

export default definePlugin({
  name: '@quorate/plugin-features',
  apiVersion: '^0.1.0',
  components,
});
