import { buildComponent, describePlugin, describeWorkerSimulator } from '@quorate/testkit';
import component from './worker-simulator.js';
import plugin from './index.js';

describePlugin(plugin);
describeWorkerSimulator('my_part', buildComponent(component, { options: { workers: 5 } }));
