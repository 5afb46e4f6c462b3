import { definePlugin } from '@quorate/core';
import audits from './audits.js';
import certified from './certified.js';

export default definePlugin({
  name: '@quorate/plugin-certified-stop',
  apiVersion: '^0.1.0',
  components: [certified, audits],
});
