import { buildComponent, describeLearnerBackend, describePlugin } from '@quorate/testkit';
import type { LearnerBackend } from '@quorate/core';
import plugin from './index.js';

describePlugin(plugin);

for (const name of ['tfjs-wasm', 'tfjs-cpu']) {
  const component = plugin.components!.find((one) => one.name === name)!;
  describeLearnerBackend(name, buildComponent<LearnerBackend>(component), { runs: 15 });
}
