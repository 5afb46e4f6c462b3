import { definePlugin } from '@quorate/core';
import { describeSuite } from './mutants.js';
import { pluginMutants, rightPlugin } from './plugin.mutants.js';
import { describePlugin, pluginLaws } from './plugin.js';

const plugin = definePlugin(rightPlugin);

describePlugin(plugin);

describeSuite(
  'Plugin',
  pluginLaws,
  { 'a small plugin': { plugin, options: { samples: { 'sampler/first_open': { hitSize: 3 } } } } },
  pluginMutants,
);
