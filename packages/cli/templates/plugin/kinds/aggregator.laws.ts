import { buildComponent, describeAggregator, describePlugin } from '@quorate/testkit';
import component from './aggregator.js';
import plugin from './index.js';

describePlugin(plugin);
describeAggregator('my_part', buildComponent(component));
