import { definePlugin } from '@quorate/core';
import { csv } from './csv.js';

export { csv } from './csv.js';

export default definePlugin({ name: '@quorate/plugin-formats', apiVersion: '^0.1.0', components: [csv] });
