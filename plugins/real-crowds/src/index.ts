import { definePlugin } from '@quorate/core';
import crowd from './calibration-crowd.js';
import none from './no-calibration.js';
import recorded from './recorded-workers.js';

export default definePlugin({
  name: '@quorate/plugin-real-crowds',
  apiVersion: '^0.1.0',
  components: [crowd, none, recorded],
});
