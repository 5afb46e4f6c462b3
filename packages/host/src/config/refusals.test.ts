import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Registry, defineComponent, definePlugin, isQuorateError, type Kind } from '@quorate/core';
import { layerOf, type Layer } from './layer.js';
import { problemsError, type Problem } from './problems.js';
import { resolveConfig } from './resolve.js';
import { wordsLayer } from './words.js';

const part = (kind: Kind, name: string, options: z.ZodType) =>
  defineComponent({ kind, name, summary: '', options, create: () => ({}) as never });
const components = [
  part('sampler', 'random', z.strictObject({ hitSize: z.int().default(10) })),
  part('datasetSource', 'files', z.strictObject({ labels: z.string() })),
  part('metric', 'f1', z.strictObject({})),
];
const registry = new Registry([definePlugin({ name: 'parts', apiVersion: '*', components })]);

function resolve({ file, words }: { file?: unknown; words?: readonly string[] }) {
  const problems: Problem[] = [];
  const layers: Layer[] = [];
  if (file !== undefined) layers.push(layerOf('quorate.config.js', false, file, problems));
  const typed = wordsLayer(words ?? [], problems);
  if (typed) layers.push(typed);
  const { config } = resolveConfig({
    registry,
    layers,
    complete: false,
    plugins: [],
    unavailable: new Map(),
    problems,
  });
  if (problems.length > 0) throw problemsError('CONFIG_INVALID', 'the configuration', problems);
  return config;
}

function refusal(given: Parameters<typeof resolve>[0]): string {
  try {
    resolve(given);
  } catch (thrown) {
    expect(isQuorateError(thrown) && thrown.code).toBe('CONFIG_INVALID');
    return (thrown as Error).message;
  }
  throw new Error('it was accepted');
}

describe('values that are refused', () => {
  it.each([
    ['riskThreshold=0', 'a number > 0'],
    ['riskThreshold=1', 'a number < 1'],
    ['riskThreshold=NaN', 'a number'],
    ['seed=1.5', 'a whole number'],
    ['seed=1e400', 'a number'],
    ['budget=0', 'a number >= 1'],
    ['earlyStop=yes', 'true or false'],
    ['classes=["a"]', 'a list of at least 2'],
    ['classes=["a","a"]', 'class names that differ'],
    ['name=../x', 'a name without slashes'],
    ['metrics=[{"use":"f1"},{"use":"f1"}]', 'each metric once'],
    ['dataset.use=files', 'a string'],
    ['__proto__.x=1', 'keys of the configuration'],
    ['sampler.__proto__.x=1', 'keys of the configuration'],
    ['sampler={"__proto__":{"x":1}}', 'keys of the configuration'],
    ['sampler.constructor.prototype.x=1', 'keys of the configuration'],
    ['toString=1', 'a key of the configuration'],
    ['sampler.hasOwnProperty=1', 'an option of sampler'],
    [`sampler=${'['.repeat(500)}${']'.repeat(500)}`, 'at most 64 levels'],
  ])('%s', (word, expected) => {
    expect(refusal({ words: [word] })).toContain(`expected ${expected}`);
    expect(({} as Record<string, unknown>)['x']).toBe(undefined);
  });

  it('in values that are no JSON', () => {
    const circle: Record<string, unknown> = {};
    circle['itself'] = circle;
    const text = refusal({
      file: { name: () => 'x', seed: new Date(0), sampler: { hitSize: Symbol('x') }, optimizer: circle },
    });
    for (const got of ['a function', 'a date', 'a symbol', 'at most 64 levels']) expect(text).toContain(got);
  });

  it('never crash on any words, and never reach into prototypes', () => {
    const key = fc.oneof(
      fc.constantFrom(
        'sampler',
        'hitSize',
        'use',
        '__proto__',
        'constructor',
        'prototype',
        'metrics',
        '0',
        'seed',
        'toString',
      ),
      fc.string({ maxLength: 6 }),
    );
    const value = fc.oneof(
      fc.json(),
      fc.string(),
      fc.constantFrom('random', 'null', '-0', '1e999', '{"use":1}', '[null]'),
    );
    const word = fc.tuple(fc.array(key, { maxLength: 4 }), value).map(([path, text]) => `${path.join('.')}=${text}`);
    fc.assert(
      fc.property(fc.array(fc.oneof(word, fc.string()), { maxLength: 5 }), (words) => {
        try {
          const { resolved } = resolve({ words });
          expect(JSON.parse(JSON.stringify(resolved))).toEqual(resolved);
        } catch (thrown) {
          if (!isQuorateError(thrown)) throw thrown;
        }
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
      { seed: 20210601, numRuns: 1500 },
    );
  });
});
