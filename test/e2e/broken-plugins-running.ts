import {
  source,
  component,
  sampler,
  runSampler,
  learner,
  runLearner,
  aggregator,
  runAggregator,
  simulator,
  runSimulator,
  dataset,
  runDataset,
  theDataset,
  type Broken,
} from './broken-plugin.js';

/** How its parts are built, and what they do. */
export const brokenOnRunning: readonly Broken[] = [
  // How its parts are built.
  {
    name: 'a factory that throws',
    source: component(
      `{ kind: 'sampler', name: 'rotten', summary: 's', options: none, create: () => { throw new Error('no luck'); } }`,
    ),
    words: runSampler,
    says: /sampler\/rotten.*no luck/,
  },
  {
    name: 'a sampler that reaches for the truth',
    source: source(`import { TruthToken } from '@quorate/core/truth';
export default plugin([defineComponent({ kind: 'sampler', name: 'rotten', summary: 's', options: none, inject: [TruthToken],
  create: (_, truth) => ({ annotationsPerStep: 1, plan: () => [] }) })]);`),
    words: runSampler,
    says: /PLUGIN_INVALID.*sampler\/rotten of plugin rotten.*does not see the truth/,
  },
  {
    name: 'a create that takes what inject does not list',
    source: component(
      `{ kind: 'sampler', name: 'rotten', summary: 's', options: none, create: (_, dataset) => ({ annotationsPerStep: dataset.taskIds.length, plan: () => [] }) }`,
    ),
    words: runSampler,
    says: /sampler\/rotten of plugin rotten.*create takes 1 .*inject lists 0/,
  },
  {
    name: 'a default that its own schema refuses',
    source: component(
      `{ kind: 'sampler', name: 'rotten', summary: 's', options: z.strictObject({ n: z.int().min(1).default(0) }), create: () => ({ annotationsPerStep: 1, plan: () => [] }) }`,
    ),
    words: runSampler,
    says: /PLUGIN_INVALID.*sampler "rotten".*the default 0 of "n"/,
  },
  {
    name: 'a check that throws',
    source: component(
      `{ kind: 'sampler', name: 'rotten', summary: 's', options: none, create: () => ({ annotationsPerStep: 1, check() { throw new TypeError('undefined is not'); }, plan: () => [] }) }`,
    ),
    words: runSampler,
    says: /check of the sampler "rotten" of rotten.*undefined is not/,
  },
  {
    name: 'a part that cannot let go',
    source: component(
      `{ kind: 'sampler', name: 'rotten', summary: 's', options: none, create: () => ({ annotationsPerStep: 1, plan: () => [], dispose() { throw new Error('cannot let go'); } }) }`,
    ),
    words: runSampler,
    says: /dispose of sampler\/rotten of plugin rotten.*cannot let go/,
  },
  {
    name: 'a snapshot that throws',
    source: component(
      `{ kind: 'sampler', name: 'rotten', summary: 's', options: none, create: () => ({ annotationsPerStep: 1, snapshot() { throw new Error('no state'); }, restore() {}, plan: () => [{ worker: 0, items: Int32Array.of(0) }] }) }`,
    ),
    words: runSampler,
    says: /snapshot of sampler\/rotten.*no state/,
  },
  {
    name: 'a factory that rejects',
    source: component(
      `{ kind: 'sampler', name: 'rotten', summary: 's', options: none, create: async () => { throw new Error('no luck'); } }`,
    ),
    words: runSampler,
    says: /sampler\/rotten.*no luck/,
  },
  {
    name: 'a factory that never settles',
    source: component(
      `{ kind: 'sampler', name: 'rotten', summary: 's', options: none, create: () => new Promise(() => {}) }`,
    ),
    words: runSampler,
    says: /sampler\/rotten.*never settles/,
  },
  {
    name: 'a factory that returns nothing',
    source: component(`{ kind: 'sampler', name: 'rotten', summary: 's', options: none, create: () => undefined }`),
    words: runSampler,
    says: /create returned undefined/,
  },
  {
    name: 'a part without its method',
    source: component(
      `{ kind: 'sampler', name: 'rotten', summary: 's', options: none, create: () => ({ annotationsPerStep: 4 }) }`,
    ),
    words: runSampler,
    says: /plan/,
  },
  {
    name: 'a circle of injections',
    source: source(`export default plugin([
  defineComponent({ kind: 'learner', name: 'rotten', summary: 's', options: none, inject: [T.Calibrator], create: () => ({}) }),
  defineComponent({ kind: 'calibrator', name: 'rotten', summary: 's', options: none, inject: [T.Learner], create: () => ({}) }),
]);`),
    words: ['learner.use=rotten', 'calibrator.use=rotten'],
    says: /learner "rotten" → calibrator "rotten" → learner "rotten"/,
  },
  {
    name: 'an injection that nothing provides',
    source: component(
      `{ kind: 'sampler', name: 'rotten', summary: 's', options: none, inject: [Symbol.for('nobody')], create: () => ({}) }`,
    ),
    words: runSampler,
    says: /sampler\/rotten.*nobody/,
  },
  {
    name: 'bindings that bind nothing',
    source: component(
      `{ kind: 'sampler', name: 'rotten', summary: 's', options: none, bindings: () => () => undefined }`,
    ),
    words: runSampler,
    says: /sampler\/rotten/,
  },
  {
    name: 'one object as two parts',
    source: source(`const shared = { annotationsPerStep: 4, plan: () => [], stop: () => null };
export default plugin([
  defineComponent({ kind: 'sampler', name: 'rotten', summary: 's', options: none, create: () => shared }),
  defineComponent({ kind: 'stoppingRule', name: 'rotten', summary: 's', options: none, create: () => shared }),
]);`),
    words: ['sampler.use=rotten', 'stop.use=rotten'],
    says: /rotten.*one object/,
  },
  // What its parts do.
  {
    name: 'a sampler that throws',
    source: sampler(`throw new TypeError('lost');`),
    words: runSampler,
    says: /sampler.*lost/,
  },
  { name: 'a plan of nothing', source: sampler('return undefined;'), words: runSampler, says: /plan of the sampler/ },
  {
    name: 'a plan with an item that does not exist',
    source: sampler('return [{ worker: 0, items: Int32Array.of(1e6) }];'),
    words: runSampler,
    says: /an item below/,
  },
  {
    name: 'a plan with a worker who does not exist',
    source: sampler('return [{ worker: 99999, items: Int32Array.of(0) }];'),
    words: runSampler,
    says: /a worker below/,
  },
  {
    name: 'a plan of empty HITs',
    source: sampler('return [{ worker: 0, items: new Int32Array(0) }];'),
    words: runSampler,
    says: /HITs without items/,
  },
  {
    name: 'a plan that is a promise',
    source: sampler('return Promise.resolve([]);'),
    words: runSampler,
    says: /plan of the sampler/,
  },
  {
    name: 'a sampler that writes to the posterior',
    source: sampler('request.posterior.fill(NaN); return [];'),
    words: runSampler,
    says: /sampler.*posterior/,
  },
  {
    name: 'a learner with NaN',
    source: learner('return { probability: new Float32Array(N * K).fill(NaN), includesOwnAnswers: false };'),
    words: runLearner,
    says: /learner.*NaN/,
  },
  {
    name: 'a learner whose rows sum to 0.99',
    source: learner('return { probability: new Float32Array(N * K).fill(0.99 / K), includesOwnAnswers: false };'),
    words: runLearner,
    says: /learner.*sum to 1.*0\.99/,
  },
  {
    name: 'a learner with half of the rows',
    source: learner('return { probability: new Float32Array(K).fill(1 / K), includesOwnAnswers: false };'),
    words: runLearner,
    says: /learner.*probabilities/,
  },
  {
    name: 'a learner that throws',
    source: learner(`throw new Error('forgot everything');`),
    words: runLearner,
    says: /learner.*forgot everything/,
  },
  {
    name: 'a learner that never settles',
    source: learner('await new Promise(() => {});'),
    words: runLearner,
    says: /never settles/,
  },
  {
    name: 'an aggregator with NaN',
    source: aggregator('posterior.fill(NaN);'),
    words: runAggregator,
    says: /aggregator|posterior.*NaN/,
  },
  {
    name: 'an aggregator whose rows sum to 0.99',
    source: aggregator('posterior.fill(0.99 / annotations.classes);'),
    words: runAggregator,
    says: /posterior.*0\.99/,
  },
  {
    name: 'a simulator whose answers are no classes',
    source: simulator('answer: ({ count }, labels) => { labels.fill(77); }'),
    words: runSimulator,
    says: /77/,
  },
  {
    name: 'a simulator that leaves questions open',
    source: simulator('answer: () => undefined'),
    words: runSimulator,
    says: /-1/,
  },
  {
    name: 'a simulator with one worker twice',
    source: simulator(`workerIds: ['a', 'a'], answer: ({ count }, labels) => { labels.fill(0); }`),
    words: runSimulator,
    says: /workerSimulator "rotten".*an id of their own.*"a" twice/,
  },
  {
    name: 'a source with fewer truths than tasks',
    source: dataset('truth: { classOf: Int32Array.of(0) }'),
    words: runDataset,
    says: /truth of 3 tasks/,
  },
  {
    name: 'a source with a truth that is no class',
    source: dataset('truth: { classOf: Int32Array.of(0, 5, 0) }'),
    words: runDataset,
    says: /truth/,
  },
  {
    name: 'a source with features that are NaN',
    source: dataset(theDataset('features: { data: new Float32Array(5).fill(NaN), columns: 1 }')),
    words: runDataset,
    says: /feature/,
  },
  {
    name: 'a source with a task twice',
    source: dataset(theDataset(`taskIds: ['t0', 't0', 't1']`)),
    words: runDataset,
    says: /unique/,
  },
  {
    name: 'a source of one class',
    source: dataset(theDataset(`classes: ['a']`)),
    words: runDataset,
    says: /two classes/,
  },
  {
    name: 'a source that returns nothing',
    source: component(
      `{ kind: 'datasetSource', name: 'rotten', summary: 's', options: none, create: () => ({ load: () => undefined }) }`,
    ),
    words: runDataset,
    says: /a data set with tasks.*got undefined/,
  },
  {
    name: 'a rule that answers with a number',
    source: component(
      `{ kind: 'stoppingRule', name: 'rotten', summary: 's', options: none, create: () => ({ stop: () => 7 }) }`,
    ),
    words: ['stop.use=rotten'],
    says: /stop.*7/,
  },
  {
    name: 'a metric that is NaN',
    source: component(
      `{ kind: 'metric', name: 'rotten', summary: 's', options: none, create: () => ({ measure: () => NaN }) }`,
    ),
    words: ['metrics=[{"use":"rotten"}]'],
    says: /metric.*NaN/,
  },
  {
    name: 'a state that cannot be saved',
    source: component(
      `{ kind: 'stoppingRule', name: 'rotten', summary: 's', options: none, create: () => ({ stop: () => null, snapshot: () => ({ f: () => 1 }), restore: () => undefined }) }`,
    ),
    words: ['stop.use=rotten'],
    says: /stop\/rotten/,
  },
];
