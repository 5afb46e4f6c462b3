import { buildComponent, describeMetric, describePlugin } from '@quorate/testkit';
import component from './metric.js';
import plugin from './index.js';

describePlugin(plugin);
describeMetric('my_part', buildComponent(component));
