import { definePlugin } from '@quorate/core';
import { argilla } from './argilla.js';
import { csv } from './csv.js';
import { doccano } from './doccano.js';
import { jsonl } from './jsonl.js';
import { labelStudio } from './label-studio.js';
import { peerannot } from './peerannot.js';
import { prodigy } from './prodigy.js';
import { sagemaker } from './sagemaker.js';
import { wide } from './wide.js';

export { argilla, csv, doccano, jsonl, labelStudio, peerannot, prodigy, sagemaker, wide };

export default definePlugin({
  name: '@quorate/plugin-formats',
  apiVersion: '^0.1.0',
  components: [csv, wide, jsonl, labelStudio, doccano, argilla, prodigy, peerannot, sagemaker],
});
