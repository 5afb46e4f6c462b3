import { describe, expect, it } from 'vitest';
import { QuorateError, isQuorateError, messageOf, nearest, sentenceOf } from './errors.js';

describe('errors', () => {
  it('print as one line that says where, what, what came and what to do', () => {
    const error = new QuorateError('DATA_INVALID', { where: 'a.npy', expected: '10 rows', got: '9', fix: 'Do this.' });
    expect(error.message).toBe('[DATA_INVALID] a.npy: expected 10 rows, got 9. Do this.');
    expect(isQuorateError(error)).toBe(true);
    expect(isQuorateError(new Error('x'))).toBe(false);
    expect(messageOf(new Error('two\n  lines'))).toBe('two lines');
  });
});

describe('did you mean', () => {
  it('finds typing errors and nothing far away', () => {
    expect(nearest('smapler', ['sampler', 'learner'])).toBe('sampler');
    expect(nearest('riskTreshold', ['riskThreshold', 'seed'])).toBe('riskThreshold');
    expect(nearest('xyz', ['sampler', 'learner'])).toBe(undefined);
  });
});

it('a problem is one sentence, with one full stop after what came, whatever that is', () => {
  const problem = { where: 'a', expected: 'b', fix: 'd.' };
  expect(sentenceOf({ ...problem, got: 'c' })).toBe('a: expected b, got c. d.');
  expect(sentenceOf({ ...problem, got: 'Use c.' })).toBe('a: expected b, got Use c. d.');
  expect(sentenceOf({ ...problem, got: 'and so on...' })).toBe('a: expected b, got and so on.... d.');
  expect(sentenceOf({ ...problem, got: undefined as never })).toBe('a: expected b, got undefined. d.');
});

it('says of a module that is not found what is missing, not who asked for it', () => {
  const thrown = new Error("Cannot find module './a.node'\nRequire stack:\n- /x/b.js\n- /x/c.js");
  expect(messageOf(thrown)).toBe("Cannot find module './a.node'");
});
