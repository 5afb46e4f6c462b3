import { definePlugin, type OptionsOf } from '@quorate/core';
import crowd from './calibration-crowd.js';
import none from './no-calibration.js';
import recorded from './recorded-workers.js';

const components = [crowd, none, recorded] as const;

declare module '@quorate/core' {
  interface PartOptions extends OptionsOf<typeof components> {}
}

export default definePlugin({
  name: '@quorate/plugin-real-crowds',
  apiVersion: '^0.1.0',
  components,
});
