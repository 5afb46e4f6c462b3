import { buildComponent, describeOptimizer, describePlugin } from '@quorate/testkit';
import component from './optimizer.js';
import plugin from './index.js';

describePlugin(plugin);
describeOptimizer('my_part', buildComponent(component, { options: { turns: 3 } }), { maxIterations: 3 });
