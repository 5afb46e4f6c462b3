import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  Registry,
  defineComponent,
  partOption,
  definePlugin,
  definePreset,
  isQuorateError,
  type Kind,
} from '@quorate/core';
import { layerOf, type Layer } from './layer.js';
import { problemsError, type Problem } from './problems.js';
import { resolveConfig } from './resolve.js';
import type { RunConfig } from './types.js';
import { variablesLayer, wordsLayer } from './words.js';

/** A choice whose options stay as they are when they are parsed. */
const choice = (use: string, options: object) => ({ use, options, parsed: options });

const part = (kind: Kind, name: string, options: z.ZodType = z.strictObject({})) =>
  defineComponent({ kind, name, summary: `${kind} ${name}`, options, create: () => ({}) as never });

const sampling = {
  hitSize: z.int().min(1).default(10).describe('tasks per HIT'),
  hitsPerStep: z.int().min(1).default(1),
  allowRepeats: z.boolean().default(false),
};
const greedy = (given: object) => ({ hitSize: 10, hitsPerStep: 1, allowRepeats: false, ...given });
const prior = z.union([
  z.literal('uniform'),
  z.strictObject({ type: z.enum(['diagonal', 'full']), strength: z.number() }),
]);
const plugin = definePlugin({
  name: 'parts',
  apiVersion: '*',
  components: [
    part(
      'sampler',
      'random',
      z.strictObject({ ...sampling, fillHits: z.enum(['shrink', 'reopen']).default('shrink') }),
    ),
    part('sampler', 'greedy', z.strictObject({ ...sampling, maxPerWorker: z.number().default(Infinity) })),
    part(
      'sampler',
      'wrapped',
      z.strictObject({ inner: partOption('sampler').default({ use: 'random' }).describe('who plans') }),
    ),
    part('datasetSource', 'digits', z.strictObject({ itemsPerClass: z.int().nullable().default(null) })),
    part(
      'datasetSource',
      'files',
      z.strictObject({ labels: z.string(), itemsPerClass: z.int().nullable().default(null) }),
    ),
    part('workerSimulator', 'perfect', z.strictObject({ workers: z.int().default(50) })),
    part('workerSimulator', 'structured', z.strictObject({ workers: z.int().default(50) })),
    part(
      'optimizer',
      'em',
      z.strictObject({ maxEmSteps: z.int().default(10), likelihoodEpsilon: z.number().default(1e-3) }),
    ),
    part('workerModel', 'dirichlet', z.strictObject({ prior: prior.default('uniform') })),
    part('workerModel', 'none'),
    part('stoppingRule', 'risk'),
    part('stoppingRule', 'patience', z.strictObject({ steps: z.int().default(5) })),
    part('metric', 'f1', z.strictObject({ beta: z.number().default(1) })),
    part('metric', 'kappa'),
  ],
  presets: [
    definePreset({
      group: 'experiment',
      name: 'mnist',
      summary: '',
      config: {
        dataset: { use: 'digits', itemsPerClass: 2000 },
        sampler: { hitSize: 40, unheardOf: 1 },
        riskThreshold: 0.2,
      },
      options: { sampler: { greedy: { hitsPerStep: 6 } } },
    }),
    definePreset({
      group: 'experiment',
      name: 'other',
      summary: '',
      config: { dataset: { use: 'digits' }, budget: 7 },
    }),
    definePreset({
      group: 'method',
      name: 'quorate',
      summary: '',
      config: { sampler: { use: 'random', allowRepeats: true, fillHits: 'reopen' }, optimizer: { use: 'em' } },
    }),
    definePreset({ group: 'simulation', name: 'structured', summary: '', config: { workers: { use: 'structured' } } }),
  ],
});
const registry = new Registry([plugin]);

interface Given {
  readonly file?: unknown;
  readonly env?: Readonly<Record<string, string>>;
  readonly words?: readonly string[];
  readonly base?: Readonly<Record<string, unknown>>;
}

function resolve({ file, env = {}, words = [], base }: Given): RunConfig {
  const problems: Problem[] = [];
  const layers: Layer[] = [];
  if (base) layers.push(layerOf('run.json', false, base, problems));
  if (file !== undefined) layers.push(layerOf('quorate.config.yaml', false, file, problems));
  for (const layer of [variablesLayer(env, problems), wordsLayer(words, problems)]) if (layer) layers.push(layer);
  const request = {
    registry,
    layers,
    complete: base !== undefined,
    plugins: [],
    unavailable: new Map([
      ['preset/method/lean', 'It is in x.'],
      ['sampler/far', 'It is in y.'],
    ]),
    problems,
  };
  const { config } = resolveConfig(request);
  if (problems.length > 0) throw problemsError('CONFIG_INVALID', 'the configuration', problems);
  return config;
}

function refusal(given: Given): string {
  try {
    resolve(given);
  } catch (thrown) {
    expect(isQuorateError(thrown) && thrown.code).toBe('CONFIG_INVALID');
    return (thrown as Error).message;
  }
  throw new Error('it was accepted');
}

const sampler = (config: RunConfig) => config.choices.sampler?.[0];

describe('the configuration of a run', () => {
  it('without a word is the default experiment, method and simulation, complete', () => {
    expect(resolve({}).resolved).toEqual({
      budget: null,
      classes: null,
      dataset: { itemsPerClass: 2000, use: 'digits' },
      earlyStop: false,
      keep: null,
      experiment: 'mnist',
      method: 'quorate',
      metrics: [],
      models: null,
      name: null,
      optimizer: { likelihoodEpsilon: 1e-3, maxEmSteps: 10, use: 'em' },
      plugins: [],
      prices: null,
      riskThreshold: 0.2,
      sampler: { allowRepeats: true, fillHits: 'reopen', hitSize: 40, hitsPerStep: 1, use: 'random' },
      seed: 0,
      simulation: 'structured',
      stop: { use: 'risk' },
      tuned: false,
      workers: { use: 'structured', workers: 50 },
    });
  });

  it('later layers win: presets, file, variables, command line', () => {
    const file = { riskThreshold: 0.3, seed: 1, budget: 1, sampler: { hitSize: 1, hitsPerStep: 1 } };
    const env = { QUORATE_SEED: '2', QUORATE_SAMPLER__HIT_SIZE: '2', QUORATE_BUDGET: '2', QUORATE_DATA_DIR: '/x' };
    const config = resolve({ file, env, words: ['budget=3', 'sampler.hitSize=3', 'seed=5', 'seed=4'] });
    expect(config).toMatchObject({ riskThreshold: 0.3, seed: 4, budget: 3 });
    expect(sampler(config)?.options).toMatchObject({ hitSize: 3, hitsPerStep: 1, allowRepeats: true });
  });

  it('presets may be chosen in any layer, and null takes none', () => {
    expect(resolve({ file: { experiment: 'mnist' }, words: ['experiment=other'] })).toMatchObject({ budget: 7 });
    expect(resolve({ env: { QUORATE_EXPERIMENT: 'other' } })).toMatchObject({ experiment: 'other', budget: 7 });
    expect(resolve({ words: ['method=null', 'sampler.use=greedy'] }).choices.optimizer).toBe(undefined);
  });

  it('takes no default experiment beside a dataset of the user, no default simulation beside workers', () => {
    const config = resolve({ words: ['dataset.use=files', 'dataset.labels=l.csv', 'workers.use=perfect'] });
    expect(config).toMatchObject({ experiment: null, simulation: null, method: 'quorate' });
    expect(resolve({ words: ['dataset.itemsPerClass=5'] })).toMatchObject({ experiment: 'mnist' });
  });

  it('is complete: resolving what it resolved to changes nothing', () => {
    for (const words of [
      [],
      ['sampler.use=greedy'],
      ['workerModel.prior={"type":"full","strength":2}', 'workerModel.use=dirichlet'],
    ]) {
      const once = resolve({ words: [...words, 'metrics=[{"use":"f1"},{"use":"kappa"}]'] });
      const twice = resolve({ base: JSON.parse(JSON.stringify(once.resolved)) as Record<string, unknown> });
      expect(twice).toEqual(once);
      expect(JSON.stringify(twice.resolved)).toBe(JSON.stringify(once.resolved));
    }
  });

  it('keeps of a default that is no JSON (Infinity) nothing, and what the user gave', () => {
    expect(sampler(resolve({ words: ['sampler.use=greedy'] }))?.options).not.toHaveProperty('maxPerWorker');
    expect(sampler(resolve({ words: ['sampler.use=greedy', 'sampler.maxPerWorker=9'] }))?.options).toMatchObject({
      maxPerWorker: 9,
    });
  });
});

describe('options when the component changes', () => {
  it('of presets never reach a component that the preset does not name', () => {
    const config = resolve({ words: ['experiment=other', 'method=quorate', 'sampler.use=greedy'] });
    expect(sampler(config)).toEqual({
      ...choice('greedy', greedy({})),
      parsed: { ...greedy({}), maxPerWorker: Infinity },
    });
    const words = ['experiment=mnist', 'dataset.use=files', 'dataset.labels=l.csv'];
    expect(resolve({ words }).choices.datasetSource).toEqual([
      choice('files', { labels: 'l.csv', itemsPerClass: null }),
    ]);
  });

  it('of presets that are for a component by name count once it is chosen, below those of the user', () => {
    const words = ['experiment=mnist', 'method=quorate', 'sampler.use=greedy'];
    expect(sampler(resolve({ words }))).toEqual({
      ...choice('greedy', greedy({ hitsPerStep: 6 })),
      parsed: { ...greedy({ hitsPerStep: 6 }), maxPerWorker: Infinity },
    });
    const more = [...words, 'sampler.hitsPerStep=8'];
    expect(sampler(resolve({ words: more }))?.options).toMatchObject({ hitsPerStep: 8 });
    expect(sampler(resolve({ words: ['experiment=mnist', 'method=quorate'] }))?.options).toMatchObject({
      hitSize: 40,
      hitsPerStep: 1,
    });
  });

  it('of presets do not survive in the dataset', () => {
    const config = resolve({ words: ['experiment=mnist', 'dataset.use=files', 'dataset.labels=l.csv'] });
    expect(config.choices.datasetSource).toEqual([choice('files', { labels: 'l.csv', itemsPerClass: null })]);
  });

  it('of the user survive when they were given without a component, and are dropped when given with another', () => {
    const bound = { sampler: { use: 'random', hitsPerStep: 3, fillHits: 'shrink' } };
    expect(sampler(resolve({ file: bound, words: ['sampler.use=greedy'] }))?.options).toMatchObject({ hitsPerStep: 6 });
    const free = resolve({ file: { sampler: { hitsPerStep: 3 } }, words: ['sampler.use=greedy'] });
    expect(sampler(free)?.options).toMatchObject({ hitsPerStep: 3 });
    expect(sampler(resolve({ file: bound, words: ['sampler.hitSize=7'] }))?.options).toMatchObject({
      hitsPerStep: 3,
      hitSize: 7,
    });
  });

  it('of the user are an error when the new component does not have them', () => {
    const text = refusal({ file: { sampler: { fillHits: 'shrink' } }, words: ['sampler.use=greedy'] });
    expect(text).toContain('quorate.config.yaml: sampler.fillHits: expected an option of sampler "greedy"');
  });

  it('come back when the first component is named again', () => {
    const file = { sampler: { use: 'random', hitSize: 3 } };
    const config = resolve({ file, env: { QUORATE_SAMPLER__USE: 'greedy' }, words: ['sampler.use=random'] });
    expect(sampler(config)?.options).toMatchObject({ hitSize: 3 });
  });

  it('go to the only component of a kind; where there are several, one has to be chosen', () => {
    expect(resolve({ words: ['method=null', 'optimizer.maxEmSteps=3'] }).choices.optimizer).toEqual([
      choice('em', { maxEmSteps: 3, likelihoodEpsilon: 1e-3 }),
    ]);
    expect(refusal({ words: ['workerModel.prior=uniform'] })).toContain('Choose one of dirichlet, none.');
  });

  it('a null section forgets what is below it', () => {
    expect(resolve({ words: ['optimizer=null'] }).choices.optimizer).toBe(undefined);
  });

  it('maps merge deeply and lists replace', () => {
    const file = { workerModel: { use: 'dirichlet', prior: { type: 'full', strength: 1 } }, metrics: [{ use: 'f1' }] };
    const config = resolve({ file, words: ['workerModel.prior.strength=5', 'metrics=[{"use":"kappa"}]'] });
    expect(config.choices.workerModel?.[0]?.options).toEqual({ prior: { type: 'full', strength: 5 } });
    expect(config.choices.metric).toEqual([choice('kappa', {})]);
  });
});

describe('values of words', () => {
  it('stay text where the schema wants a string', () => {
    const config = resolve({ words: ['dataset.use=files', 'dataset.labels=123', 'name=2024'] });
    expect(config.choices.datasetSource?.[0]?.options['labels']).toBe('123');
    expect(config.name).toBe('2024');
    expect(
      resolve({ words: ['dataset.use=files', 'dataset.labels=true'] }).choices.datasetSource?.[0]?.options['labels'],
    ).toBe('true');
    expect(refusal({ file: { dataset: { use: 'files', labels: 123 } } })).toContain('expected a string, got 123');
    expect(refusal({ words: ['sampler.use=3'] })).toContain('got "3"');
  });
});

describe('problems', () => {
  it('one is one line with place, expected, got and a suggestion', () => {
    expect(refusal({ words: ['sampler.hitSze=40'] })).toBe(
      '[CONFIG_INVALID] command line: sampler.hitSze: expected an option of sampler "random" (hitSize, hitsPerStep, ' +
        'allowRepeats, fillHits), got the unknown key "hitSze". Did you mean "hitSize"?',
    );
    expect(refusal({ words: ['sampler.hitSize=0.5'] })).toBe(
      '[CONFIG_INVALID] command line: sampler.hitSize: expected a whole number, got 0.5. It is: tasks per HIT.',
    );
  });

  it('are reported all together, each with its own place', () => {
    const text = refusal({
      file: {
        riskTreshold: 0.1,
        sampler: { fillHits: 'reopn' },
        optimizer: { use: 'emm' },
        budget: 0,
        learner: 'none',
      },
      env: { QUORATE_SAMPLR__HIT_SIZE: '3', QUORATE_RISK_THRESHOLD: '1' },
      words: ['experiment=mnits', 'hitSize=3', 'nonsense', 'metrics=[{"use":"f2"},{"use":"f1","beta":"x"}]'],
    });
    for (const line of [
      'quorate.config.yaml: riskTreshold: expected a key of the configuration, got the unknown key "riskTreshold". Did you mean "riskThreshold"?',
      'quorate.config.yaml: sampler.fillHits: expected one of shrink, reopen, got "reopn". Did you mean "reopen"?',
      'quorate.config.yaml: optimizer.use: expected one of em, got "emm". Did you mean "em"?',
      'quorate.config.yaml: budget: expected a number >= 1, got 0.',
      'quorate.config.yaml: learner: expected a map with "use" and options, got "none". Did you mean learner.use=none?',
      'Did you mean "QUORATE_SAMPLER__HIT_SIZE"?',
      'QUORATE_RISK_THRESHOLD: riskThreshold: expected a number < 1, got 1.',
      'command line: experiment: expected one of mnist, other, got "mnits". Did you mean "mnist"?',
      'command line: hitSize: expected a key of the configuration, got the unknown key "hitSize". Did you mean "sampler.hitSize"?',
      'command line: expected key=value, for instance sampler.hitSize=40, got "nonsense".',
      'command line: metrics.0.use: expected one of f1, kappa, got "f2".',
      'command line: metrics.1.beta: expected a number, got "x".',
    ]) {
      expect(text).toContain(line);
    }
    expect(text.split('\n')).toHaveLength(13);
  });

  it('say why what a plugin that did not load provides is not here', () => {
    expect(refusal({ words: ['method=lean'] })).toContain('got "lean". It is in x.');
    expect(refusal({ words: ['sampler.use=far'] })).toContain('got "far". It is in y.');
  });

  it('inside a union point at the branch that was meant', () => {
    const words = ['workerModel.use=dirichlet', 'workerModel.prior={"type":"ful","strength":"a"}'];
    const text = refusal({ words });
    expect(text).toContain('workerModel.prior.type: expected one of diagonal, full, got "ful". Did you mean "full"?');
    expect(text).toContain('workerModel.prior.strength: expected a number, got "a"');
    expect(refusal({ words: ['workerModel.use=dirichlet', 'workerModel.prior=3'] })).toContain(
      'expected uniform or a map, got 3',
    );
  });
});

describe('a component as an option', () => {
  it('has its options checked, completed and resolved like any other', () => {
    const plain = { use: 'random', hitSize: 10, hitsPerStep: 1, allowRepeats: false, fillHits: 'shrink' };
    const inner = (words: string[], file = {}) =>
      sampler(resolve({ file, words: ['method=null', 'sampler.use=wrapped', ...words] }))?.options['inner'];
    expect(inner([])).toEqual(plain);
    expect(inner(['sampler.inner.hitSize=4'], { sampler: { inner: { use: 'random' } } })).toEqual({
      ...plain,
      hitSize: 4,
    });
    const deep = inner(['sampler.inner={"use":"wrapped","inner":{"use":"greedy","hitSize":3}}']);
    expect(deep).toEqual({ use: 'wrapped', inner: { use: 'greedy', ...greedy({ hitSize: 3 }) } });
    // Another component in a higher layer: what was meant for the first is gone.
    const file = { sampler: { use: 'wrapped', inner: { use: 'random', fillHits: 'reopen', hitSize: 7 } } };
    expect(inner(['sampler.inner.use=greedy'], file)).toEqual({ use: 'greedy', ...greedy({}) });
    expect(inner(['sampler.inner.hitSize=8'], file)).toEqual({ ...plain, fillHits: 'reopen', hitSize: 8 });
  });

  it('is refused like any other, with its place', () => {
    const text = (...words: string[]) => refusal({ words: ['sampler.use=wrapped', ...words] });
    expect(text('sampler.inner={"use":"random","hitSze":3}')).toMatch(
      /sampler\.inner\.hitSze: .*option of sampler "random".*Did you mean "hitSize"\?/,
    );
    expect(text('sampler.inner.use=greddy')).toMatch(/sampler\.inner\.use: .*got "greddy"\. Did you mean "greedy"\?/);
    expect(text('sampler.inner={"hitSize":3}')).toContain('sampler.inner.use');
    expect(text('sampler.inner={"use":"wrapped","inner":{"use":"random","hitSize":0}}')).toContain(
      'sampler.inner.inner.hitSize',
    );
  });
});
