import { definePlugin } from '@quorate/core';
import { jsonl } from './jsonl.js';
import { mlflow } from './mlflow.js';
import { tensorboard } from './tensorboard.js';

export { jsonl } from './jsonl.js';
export { mlflow } from './mlflow.js';
export { tensorboard } from './tensorboard.js';

export default definePlugin({
  name: '@quorate/plugin-tracking',
  apiVersion: '^0.1.0',
  sinks: [tensorboard, mlflow, jsonl],
});
