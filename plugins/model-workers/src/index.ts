import { definePlugin } from '@quorate/core';
import chat from './chat.js';
import modelFile from './model-file.js';
import onnxClassifier from './onnx-classifier.js';
import simulatedModel from './simulator-model.js';

export default definePlugin({
  name: '@quorate/plugin-model-workers',
  apiVersion: '^0.1.0',
  components: [chat, modelFile, onnxClassifier, simulatedModel],
});
