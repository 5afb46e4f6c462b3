import { Registry, defineComponent, definePlugin, definePreset, type Kind } from '@quorate/core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { layerOf } from './layer.js';
import type { Problem } from './problems.js';
import { resolveConfig } from './resolve.js';
import { wordsLayer } from './words.js';

/** A choice whose options stay as they are when they are parsed. */
const choice = (use: string, options: object) => ({ use, options, parsed: options });

const part = (kind: Kind, name: string, options: z.ZodType = z.strictObject({})) =>
  defineComponent({ kind, name, summary: name, options, create: () => ({}) as never });
const rates = z.strictObject({ rate: z.number().default(1), decay: z.number().default(1) });
const experiment = (name: string) =>
  definePreset({ group: 'experiment', name, summary: name, config: { dataset: { use: 'digits' } } });

const registry = new Registry([
  definePlugin({
    name: 'parts',
    apiVersion: '*',
    components: [part('learner', 'mlp', rates), part('learner', 'none'), part('datasetSource', 'digits')],
    presets: [
      experiment('mnist'),
      experiment('dogs'),
      experiment('birds'),
      definePreset({
        group: 'method',
        name: 'learns',
        summary: 'learns',
        config: { learner: { use: 'mlp', rate: 2 } },
        tuned: { dogs: { learner: { rate: 3 } }, birds: { learner: { rate: 4, decay: 4 }, budget: 40 } },
      }),
      definePreset({ group: 'method', name: 'plain', summary: 'plain', config: { learner: { use: 'none' } } }),
    ],
  }),
]);

function resolve(words: readonly string[], { file = {}, base }: { file?: object; base?: object } = {}) {
  const problems: Problem[] = [];
  const typed = wordsLayer(words, problems);
  const written = layerOf(base ? 'run.json' : 'quorate.config.yaml', false, base ?? file, problems);
  const { config, layers } = resolveConfig({
    registry,
    layers: [written, ...(typed ? [typed] : [])],
    complete: base !== undefined,
    plugins: [],
    unavailable: new Map(),
    problems,
  });
  return { config, origins: layers.map(({ origin }) => origin), problems };
}
const learner = (words: readonly string[], given = {}) => resolve(words, given).config.choices.learner?.[0]?.options;

describe('tuned=true', () => {
  it('puts the values for the experiment above the preset and below what the user writes', () => {
    expect(learner(['method=learns', 'experiment=dogs'])).toEqual({ rate: 2, decay: 1 });
    expect(learner(['method=learns', 'experiment=dogs', 'tuned=true'])).toEqual({ rate: 3, decay: 1 });
    expect(learner(['method=learns', 'experiment=birds', 'tuned=true', 'learner.rate=9'])).toEqual({
      rate: 9,
      decay: 4,
    });
    const file = { tuned: true, method: 'learns', experiment: 'birds', learner: { decay: 8 }, budget: 5 };
    expect(learner([], { file })).toEqual({ rate: 4, decay: 8 });
    expect(resolve([], { file }).config).toMatchObject({ budget: 5, tuned: true });
    expect(learner(['tuned=false'], { file })).toEqual({ rate: 2, decay: 8 });
  });

  it('says where the values come from', () => {
    const { origins } = resolve(['method=learns', 'experiment=dogs', 'tuned=true']);
    expect(origins.slice(-3)).toEqual([
      'preset method/learns of parts, tuned for dogs',
      'quorate.config.yaml',
      'command line',
    ]);
  });

  it('drops values for a part that another one takes the place of', () => {
    const { config, problems } = resolve(['method=learns', 'experiment=dogs', 'tuned=true', 'learner.use=none']);
    expect(problems).toEqual([]);
    expect(config.choices.learner).toEqual([choice('none', {})]);
  });

  it.each([
    [
      ['method=learns', 'experiment=mnist', 'tuned=true'],
      { expected: 'an experiment with tuned values (method learns: dogs, birds)', got: 'experiment=mnist' },
    ],
    [
      ['method=learns', 'experiment=null', 'dataset.use=digits', 'tuned=true'],
      { expected: 'an experiment with tuned values (method learns: dogs, birds)', got: 'experiment=null' },
    ],
    [
      ['method=plain', 'experiment=dogs', 'tuned=true'],
      { expected: 'a method with tuned values (learns)', got: 'method=plain' },
    ],
  ])('%j is refused', (words, problem) => {
    expect(resolve(words).problems).toMatchObject([{ where: 'command line: tuned', ...problem }]);
  });

  it('is a yes or a no', () => {
    expect(resolve(['method=learns', 'experiment=dogs', 'tuned=maybe']).problems).toMatchObject([{ got: '"maybe"' }]);
  });

  it('is not applied again to the complete configuration of an earlier run', () => {
    const { config } = resolve(['method=learns', 'experiment=dogs', 'tuned=true']);
    const again = resolve([], { base: config.resolved });
    expect(again.config.resolved).toEqual(config.resolved);
    expect(again.problems).toEqual([]);
  });
});
