import { definePlugin, type OptionsOf } from '@quorate/core';
import audits from './audits.js';
import certified from './certified.js';

const components = [certified, audits] as const;

declare module '@quorate/core' {
  interface PartOptions extends OptionsOf<typeof components> {}
}

export default definePlugin({
  name: '@quorate/plugin-certified-stop',
  apiVersion: '^0.1.0',
  components,
});
