import { buildComponent, describePlugin, describeWorkerModel } from '@quorate/testkit';
import component from './worker-model.js';
import plugin from './index.js';

describePlugin(plugin);
describeWorkerModel('my_part', buildComponent(component));
