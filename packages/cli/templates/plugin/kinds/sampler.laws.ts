import { buildComponent, describePlugin, describeSampler } from '@quorate/testkit';
import component from './sampler.js';
import plugin from './index.js';

describePlugin(plugin);
const options = { hitSize: 3, maxAnnotationsPerItem: 4 };
describeSampler('my_part', buildComponent(component, { options }), options);
