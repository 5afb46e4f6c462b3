import { createFiles } from '@quorate/host';
import { probe } from './backend-probe.js';
import { pluginsOf } from './plugins.js';
import { prepareRequest } from '../prepare-request.js';
import type { ProbeRequest } from './backends.js';

// A process of its own for each backend: see backend-checks.ts.
const { name, config, quick } = JSON.parse(process.argv[2]!) as ProbeRequest;
const request = prepareRequest({ words: [], config });
const { registry, baseDir } = await pluginsOf(request).then(({ found }) => found);
const files = createFiles({ cwd: request.cwd, baseDir, env: request.env, onNote: () => undefined });
const result = await probe(registry, name, files, quick);
process.send!(result, () => process.exit());
