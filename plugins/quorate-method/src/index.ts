import { definePlugin, definePreset, type OptionsOf } from '@quorate/core';
import transductive from './learner-transductive.js';
import expectedGain from './sampler-expected-gain.js';
import pooled from './worker-model-pooled.js';

/**
 * Fewer answers than `efficient_annotation` for labels at least as right: the features of all tasks are used at once,
 * workers lean on each other, and what is asked next is what an answer is expected to change.
 */
const quorate = definePreset({
  group: 'method',
  name: 'quorate',
  summary: 'learns from all features at once, pools what is known of workers, asks where an answer gains most',
  config: {
    learner: { use: 'transductive' },
    backend: { use: 'auto' },
    optimizer: { use: 'em', maxEmSteps: 3, likelihoodEpsilon: 0, refitWorkers: true },
    aggregator: { use: 'bayes' },
    workerModel: { use: 'pooled' },
    sampler: { use: 'expected_gain', fillHits: 'reopen', maxAnnotationsPerItem: 3 },
    stop: { use: 'risk' },
  },
});

const components = [transductive, pooled, expectedGain] as const;

declare module '@quorate/core' {
  interface PartOptions extends OptionsOf<typeof components> {}
}

export default definePlugin({
  name: '@quorate/plugin-quorate-method',
  apiVersion: '^0.1.0',
  components,
  presets: [quorate],
});
