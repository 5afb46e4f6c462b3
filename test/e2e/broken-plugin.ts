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
export const none = z.strictObject({});
const plugin = (components, more = {}) => definePlugin({ name: 'rotten', apiVersion: '^0.1.0', components, ...more });
`;
export const source = (text: string): string => head + text;
export const component = (text: string): string => source(`export default plugin([defineComponent(${text})]);`);
/** A sampler whose \`plan\` has this body. */
export const sampler = (plan: string): string =>
  component(`{
  kind: 'sampler', name: 'rotten', summary: 's', options: none,
  create: () => ({ annotationsPerStep: 4, plan: (request, rng) => { ${plan} } }),
}`);
export const runSampler = ['sampler.use=rotten'];
export const learner = (fitPredict: string): string =>
  component(`{
  kind: 'learner', name: 'rotten', summary: 's', options: none, inject: [T.Dataset],
  create: (options, dataset) => {
    const [N, K] = [dataset.taskIds.length, dataset.classes.length];
    return { fitPredict: async (request) => { ${fitPredict} } };
  },
}`);
export const runLearner = ['learner.use=rotten'];
export const aggregator = (aggregate: string): string =>
  component(`{
  kind: 'aggregator', name: 'rotten', summary: 's', options: none,
  create: () => ({ emptyRows: false, aggregate: ({ annotations, posterior }) => { ${aggregate} } }),
}`);
export const runAggregator = ['aggregator.use=rotten'];
export const simulator = (members: string): string =>
  component(`{
  kind: 'workerSimulator', name: 'rotten', summary: 's', options: none,
  create: () => ({ workerIds: ['a', 'b', 'c'], knowledge: { pooledCounts: null, confusion: () => null }, ${members} }),
}`);
export const runSimulator = ['workers.use=rotten', 'workerModel.prior=predefined_homegeneous', 'sampler.hitsPerStep=1'];
export const dataset = (changes: string): string =>
  component(`{
  kind: 'datasetSource', name: 'rotten', summary: 's', options: none,
  create: () => ({ load: () => ({
    dataset: { taskIds: ['t0', 't1', 't2'], classes: ['a', 'b'], features: null,
      prototypes: { ids: ['p0', 'p1'], classOf: Int32Array.of(0, 1) } },
    truth: { classOf: Int32Array.of(0, 1, 0) }, hash: 'h', description: 'three tasks', ${changes} }) }),
}`);
export const runDataset = ['dataset.use=rotten', 'sampler.hitSize=2', 'sampler.hitsPerStep=1'];
export const theDataset = (changes: string): string => `dataset: { taskIds: ['t0', 't1', 't2'], classes: ['a', 'b'],
  features: null, prototypes: { ids: ['p0', 'p1'], classOf: Int32Array.of(0, 1) }, ${changes} }`;
