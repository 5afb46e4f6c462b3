import { definePlugin } from '@quorate/core';
import component from './nearest-neighbours.js';

export default definePlugin({
  name: 'quorate-plugin-nearest-neighbours',
  apiVersion: '^0.1.0',
  components: [component],
});
