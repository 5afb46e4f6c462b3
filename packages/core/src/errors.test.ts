import { describe, expect, it } from 'vitest';
import { QuorateError, isQuorateError, messageOf, nearest } from './errors.js';

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
