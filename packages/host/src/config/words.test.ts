import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Problem } from './problems.js';
import { variableOf, variablesLayer, wordsLayer } from './words.js';

const words = (...list: readonly string[]) => {
  const problems: Problem[] = [];
  return { tree: wordsLayer(list, problems)?.tree, problems };
};
const variables = (env: Readonly<Record<string, string>>) => {
  const problems: Problem[] = [];
  return { tree: variablesLayer(env, problems)?.tree, problems };
};

describe('words of the command line', () => {
  it('are JSON where they can be, else strings; everything after the first "=" is value', () => {
    expect(words('a.b=1', 'a.c=x=y', 'd=[1,"2"]', 'e=', 'f=true', 'g=null', 'h=01', 'a.i.j={"k":1}').tree).toEqual({
      a: { b: 1, c: 'x=y', i: { j: { k: 1 } } },
      d: [1, '2'],
      e: '',
      f: true,
      g: null,
      h: '01',
    });
  });

  it.each(['', '=', '=1', 'a', 'a b=1', '.a=1', 'a.=1', 'a..b=1', '--seed=3', '1a=2'])('refuse %j', (word) => {
    expect(words(word).problems).toHaveLength(1);
  });

  it('later ones win', () => {
    expect(words('a=1', 'a.b=2', 'a.b=3').tree).toEqual({ a: { b: 3 } });
  });
});

describe('variables', () => {
  it('two underscores are a dot, one joins words; reserved, empty and foreign ones are left alone', () => {
    const env = {
      QUORATE_SAMPLER__HIT_SIZE: '10',
      QUORATE_WORKER_MODEL__USE: 'x',
      QUORATE_SEED: '',
      QUORATE_CONFIG: 'f',
    };
    expect(variables({ ...env, QUORATE_SHARED: '/s', PATH: '/bin' })).toEqual({
      tree: { sampler: { hitSize: 10 }, workerModel: { use: 'x' } },
      problems: [],
    });
  });

  it.each(['QUORATE_', 'QUORATE__A', 'QUORATE_A___B', 'QUORATE_a', 'QUORATE_A_'])('refuse %s', (name) => {
    expect(variables({ [name]: '1' }).problems).toHaveLength(1);
  });

  it('variableOf names the variable of any camelCase path', () => {
    const key = fc.stringMatching(/^[a-z]{2,5}([A-Z][a-z]{1,4}){0,2}$/);
    fc.assert(
      fc.property(fc.array(key, { minLength: 1, maxLength: 3 }), (path) => {
        const nested = path.reduceRight<unknown>((inner, part) => ({ [part]: inner }), 7);
        expect(variables({ [variableOf(path)]: '7' })).toEqual({ tree: nested, problems: [] });
      }),
      { seed: 1 },
    );
  });
});
