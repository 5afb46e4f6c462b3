import { buildComponent, describeFeatureExtractor, describePlugin } from '@quorate/testkit';
import component from './feature-extractor.js';
import plugin from './index.js';

describePlugin(plugin);
const text = (id: string, words: string) => ({ kind: 'text', id, text: words }) as const;
describeFeatureExtractor('my_part', buildComponent(component), {
  subjects: [text('t1', 'a cat'), text('t2', 'a dog, and another dog'), text('t3', '猫'), text('t4', 'x')],
  unreadable: text('t5', ' '),
});
