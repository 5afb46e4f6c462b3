import { definePlugin } from '@quorate/core';
import { gradientExtractor } from './gradient-extractor.js';
import { onnxImage } from './onnx-image.js';
import { onnxText } from './onnx-text.js';

export default definePlugin({
  name: '@quorate/plugin-features',
  apiVersion: '^0.1.0',
  components: [gradientExtractor, onnxImage, onnxText],
});
