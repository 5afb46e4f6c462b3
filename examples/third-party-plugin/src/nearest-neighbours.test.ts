import { buildComponent, describeLearner, describePlugin } from '@quorate/testkit';
import component from './nearest-neighbours.js';
import plugin from './index.js';

describePlugin(plugin);
describeLearner('nearest_neighbours', buildComponent(component));
