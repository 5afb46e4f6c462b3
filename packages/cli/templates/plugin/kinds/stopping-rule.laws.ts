import { buildComponent, describePlugin, describeStoppingRule } from '@quorate/testkit';
import component from './stopping-rule.js';
import plugin from './index.js';

describePlugin(plugin);
describeStoppingRule('my_part', buildComponent(component));
