import { buildComponent, describeLearner, describePlugin } from '@quorate/testkit';
import component from './learner.js';
import plugin from './index.js';

describePlugin(plugin);
describeLearner('my_part', buildComponent(component));
