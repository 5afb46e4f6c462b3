import { buildComponent, describeLearnerBackend, describePlugin } from '@quorate/testkit';
import component from './learner-backend.js';
import plugin from './index.js';

describePlugin(plugin);
describeLearnerBackend('my_part', buildComponent(component));
