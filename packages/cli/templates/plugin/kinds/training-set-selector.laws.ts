import { buildComponent, describeTrainingSetSelector, describePlugin } from '@quorate/testkit';
import component from './training-set-selector.js';
import plugin from './index.js';

describePlugin(plugin);
describeTrainingSetSelector('my_part', buildComponent(component));
