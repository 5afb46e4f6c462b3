import { fileURLToPath } from 'node:url';
import { buildComponent, describeLearner, describePlugin } from '@quorate/testkit';
import plugin from './index.js';

describePlugin(plugin, { samples: { 'learner/python': { script: 'model.py' } } });

// Another interpreter speaks the same protocol: the laws hold without a Python at hand.
const script = fileURLToPath(new URL('centroids.fixture.mjs', import.meta.url));
const make = buildComponent(plugin.components![0]!, { options: { script, python: process.execPath, folds: 3 } });
describeLearner('python', make, { runs: 4 });
