import { describeExecutor } from '@quorate/testkit';
import { local } from './local.js';

describeExecutor('local', (context) => local.create({}, context));
