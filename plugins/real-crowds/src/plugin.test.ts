import { describePlugin } from '@quorate/testkit';
import plugin from './index.js';

describePlugin(plugin, { samples: { 'workerSimulator/recorded': { file: 'answers.csv' } } });
