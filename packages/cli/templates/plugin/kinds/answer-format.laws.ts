import { buildComponent, describeAnswerFormat, describePlugin } from '@quorate/testkit';
import component from './answer-format.js';
import plugin from './index.js';

describePlugin(plugin);
// What the format holds of a table: a kind that is missing here is one that `drops` may name.
const holds = ['skips', 'repeats', 'emptyLabels', 'missingWords'] as const;
describeAnswerFormat('my_part', buildComponent(component), { holds });
