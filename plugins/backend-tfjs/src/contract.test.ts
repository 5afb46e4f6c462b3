import { describeLearnerBackend, describePlugin } from '@quorate/testkit';
import { TfjsBackend } from './backend.js';
import { announceMissing, backends } from './backends.fixture.js';
import plugin from './index.js';

describePlugin(plugin);

announceMissing();
for (const [name, load] of backends) {
  describeLearnerBackend(name, async () => new TfjsBackend(name, await load()), { runs: 15 });
}
