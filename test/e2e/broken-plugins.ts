/** A plugin that is broken in one way, and the words that run it. */
export interface Broken {
  readonly name: string;
  /** Source of the plugin's file. */
  readonly source: string;
  readonly words: readonly string[];
  /** What the error says, beside the name of the plugin. */
  readonly says: RegExp;
  /** Extension of the file; `js` unless another one is the point. */
  readonly extension?: string;
}

const head = `import { defineComponent, definePlugin, T } from '@quorate/core';
import { z } from 'zod';
const none = z.strictObject({});
const plugin = (components, more = {}) => definePlugin({ name: 'rotten', apiVersion: '^0.1.0', components, ...more });
`;
const source = (text: string): string => head + text;
const component = (text: string): string => source(`export default plugin([defineComponent(${text})]);`);
/** A sampler whose \`plan\` has this body. */
const sampler = (plan: string): string =>
  component(`{
  kind: 'sampler', name: 'rotten', summary: 's', options: none,
  create: () => ({ annotationsPerStep: 4, plan: (request, rng) => { ${plan} } }),
}`);
const runSampler = ['sampler.use=rotten'];
const learner = (fitPredict: string): string =>
  component(`{
  kind: 'learner', name: 'rotten', summary: 's', options: none, inject: [T.Dataset],
  create: (options, dataset) => {
    const [N, K] = [dataset.taskIds.length, dataset.classes.length];
    return { fitPredict: async (request) => { ${fitPredict} } };
  },
}`);
const runLearner = ['learner.use=rotten'];
const aggregator = (aggregate: string): string =>
  component(`{
  kind: 'aggregator', name: 'rotten', summary: 's', options: none,
  create: () => ({ emptyRows: false, aggregate: ({ annotations, posterior }) => { ${aggregate} } }),
}`);
const runAggregator = ['aggregator.use=rotten'];
const simulator = (members: string): string =>
  component(`{
  kind: 'workerSimulator', name: 'rotten', summary: 's', options: none,
  create: () => ({ workerIds: ['a', 'b', 'c'], knowledge: { pooledCounts: null, confusion: () => null }, ${members} }),
}`);
const runSimulator = ['workers.use=rotten', 'workerModel.prior=predefined_homegeneous', 'sampler.hitsPerStep=1'];
const dataset = (changes: string): string =>
  component(`{
  kind: 'datasetSource', name: 'rotten', summary: 's', options: none,
  create: () => ({ load: () => ({
    dataset: { taskIds: ['t0', 't1', 't2'], classes: ['a', 'b'], features: null,
      prototypes: { ids: ['p0', 'p1'], classOf: Int32Array.of(0, 1) } },
    truth: { classOf: Int32Array.of(0, 1, 0) }, hash: 'h', description: 'three tasks', ${changes} }) }),
}`);
const runDataset = ['dataset.use=rotten', 'sampler.hitSize=2', 'sampler.hitsPerStep=1'];
const theDataset = (changes: string): string => `dataset: { taskIds: ['t0', 't1', 't2'], classes: ['a', 'b'],
  features: null, prototypes: { ids: ['p0', 'p1'], classOf: Int32Array.of(0, 1) }, ${changes} }`;

export const brokenPlugins: readonly Broken[] = [
  // What a file exports.
  { name: 'no default export', source: 'export const x = 1;', words: [], says: /no default export/ },
  {
    name: 'an export that definePlugin did not make',
    source: 'export default { name: "rotten" };',
    words: [],
    says: /definePlugin/,
  },
  { name: 'null as export', source: 'export default null;', words: [], says: /definePlugin/ },
  { name: 'a function as export', source: 'export default () => ({});', words: [], says: /definePlugin/ },
  {
    name: 'no name',
    source: source(`export default definePlugin({ apiVersion: '^0.1.0' });`),
    words: [],
    says: /a name/,
  },
  {
    name: 'a newer core API',
    source: source(`export default plugin([], { apiVersion: '^7.0.0' });`),
    words: [],
    says: /core API \^7\.0\.0, got core API 0\.1\.0/,
  },
  {
    name: 'no core API',
    source: source(`export default plugin([], { apiVersion: undefined });`),
    words: [],
    says: /apiVersion, a semver range/,
  },
  {
    name: 'a core API that is no range',
    source: source(`export default plugin([], { apiVersion: 'latest!' });`),
    words: [],
    says: /apiVersion, a semver range/,
  },
  // How it loads.
  { name: 'throws while it loads', source: 'throw new Error("out of cheese");', words: [], says: /out of cheese/ },
  { name: 'does not parse', source: 'export default {;', words: [], says: /a module that loads/ },
  { name: 'throws a string', source: 'throw "plain words";', words: [], says: /plain words/ },
  {
    name: 'waits for ever while it loads',
    source: 'await new Promise(() => {}); export default 1;',
    words: [],
    says: /never settles/,
  },
  {
    name: 'needs a package that is not there',
    source: 'import "a-peer-that-nobody-has"; export default 1;',
    words: [],
    says: /npm install a-peer-that-nobody-has/,
  },
  {
    name: 'CommonJS that is named ESM',
    source: 'const core = require("@quorate/core"); module.exports = 1;',
    extension: 'mjs',
    words: [],
    says: /a module that loads|definePlugin/,
  },
  {
    name: 'ESM that is named CommonJS',
    source: 'import x from "node:fs"; export default 1;',
    extension: 'cjs',
    words: [],
    says: /a module that loads|definePlugin/,
  },
  // What it declares.
  {
    name: 'a kind that does not exist',
    source: component(`{ kind: 'smapler', name: 'rotten', summary: 's', options: none, create: () => ({}) }`),
    words: [],
    says: /kind datasetSource/,
  },
  {
    name: 'a component without a name',
    source: component(`{ kind: 'sampler', summary: 's', options: none, create: () => ({}) }`),
    words: [],
    says: /a name/,
  },
  {
    name: 'options that are no schema',
    source: component(`{ kind: 'sampler', name: 'rotten', summary: 's', options: { batch: 3 }, create: () => ({}) }`),
    words: [],
    says: /a zod schema/,
  },
  {
    name: 'no create',
    source: component(`{ kind: 'sampler', name: 'rotten', summary: 's', options: none }`),
    words: [],
    says: /create or bindings/,
  },
  {
    name: 'injects a word',
    source: component(
      `{ kind: 'sampler', name: 'rotten', summary: 's', options: none, inject: ['rng'], create: () => ({}) }`,
    ),
    words: [],
    says: /a list of tokens/,
  },
  {
    name: 'a preset of no group',
    source: source(
      `export default plugin([], { presets: [{ group: 'style', name: 'x', summary: 's', config: {} }] });`,
    ),
    words: [],
    says: /group experiment, method, simulation/,
  },
  {
    name: 'a name that is taken',
    source: component(`{ kind: 'sampler', name: 'random', summary: 's', options: none, create: () => ({}) }`),
    words: [],
    says: /sampler\/random from one plugin/,
  },
  {
    name: 'one component twice',
    source:
      source(`const one = defineComponent({ kind: 'metric', name: 'm', summary: 's', options: none, create: () => ({ measure: () => 1 }) });
export default plugin([one, one]);`),
    words: [],
    says: /it twice in this one/,
  },
  {
    name: 'an options schema that throws',
    source: component(
      `{ kind: 'sampler', name: 'rotten', summary: 's', options: none.transform(() => { throw new Error('schema on fire'); }), create: () => ({}) }`,
    ),
    words: runSampler,
    says: /schema on fire/,
  },
  {
    name: 'an options schema that is asynchronous',
    source: component(
      `{ kind: 'sampler', name: 'rotten', summary: 's', options: none.refine(async () => true), create: () => ({}) }`,
    ),
    words: runSampler,
    says: /sampler/,
  },
  {
    name: 'needs that throw',
    source: component(
      `{ kind: 'sampler', name: 'rotten', summary: 's', options: none, needs: () => { throw new Error('needy'); }, create: () => ({}) }`,
    ),
    words: runSampler,
    says: /needy/,
  },
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
    source: simulator(`workerIds: ['a', 'a'], answer: () => undefined`),
    words: runSimulator,
    says: /worker/,
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
    says: /dataset/,
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
