import { component, runSampler, source, type Broken } from './broken-plugin.js';

/** What a file exports, how it loads, what it declares. */
export const brokenOnLoading: readonly Broken[] = [
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
    name: 'waits forever while it loads',
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
];
