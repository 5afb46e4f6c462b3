import { definePlugin, type OptionsOf } from '@quorate/core';
import { imagenet } from './dataset-source.js';
import { presets } from './experiments.js';

export { classNames, groups, imagenet100 } from './classes.js';

const components = [imagenet] as const;

declare module '@quorate/core' {
  interface PartOptions extends OptionsOf<typeof components> {}
}

export default definePlugin({
  name: '@quorate/plugin-imagenet-sandbox',
  apiVersion: '^0.1.0',
  components,
  presets,
});
