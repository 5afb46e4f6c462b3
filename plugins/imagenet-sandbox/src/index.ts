import { definePlugin } from '@quorate/core';
import { imagenet } from './dataset-source.js';
import { presets } from './experiments.js';

export { classNames, groups, imagenet100 } from './classes.js';

export default definePlugin({
  name: '@quorate/plugin-imagenet-sandbox',
  apiVersion: '^0.1.0',
  components: [imagenet],
  presets,
});
