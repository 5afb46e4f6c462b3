import { buildComponent, describeDatasetSource, describePlugin } from '@quorate/testkit';
import component from './dataset-source.js';
import plugin from './index.js';

describePlugin(plugin);
describeDatasetSource('my_part', buildComponent(component, { options: { items: 40 } }));
