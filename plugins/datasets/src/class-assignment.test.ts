import { QuorateError, type ClassLabel } from '@quorate/core';
import { describe, expect, it } from 'vitest';
import { assignClasses, type ClassRequest } from './class-assignment.js';

const request = (labels: (ClassLabel | null)[] | null, more: Partial<ClassRequest> = {}): ClassRequest => ({
  name: 'l.csv',
  file: {
    ids: (labels ?? [1, 2]).map((_, row) => `t${row}`),
    labels,
    prototype: null,
    place: (row) => `l.csv:${row + 2}`,
    columns: { id: 'id', label: 'label' },
    notes: [],
  },
  classes: null,
  distractors: false,
  otherClasses: 'error',
  ...more,
});
const refusal = (given: ClassRequest): QuorateError => {
  try {
    assignClasses(given);
  } catch (thrown) {
    if (thrown instanceof QuorateError) return thrown;
    throw thrown;
  }
  throw new Error('nothing was refused');
};

describe('classes of rows', () => {
  it('are the distinct labels, sorted: booleans, numbers, strings', () => {
    const { classes, classOf } = assignClasses(request(['b', 10, true, '9', 2, 'B', '10', false, 'b'].slice(0, 6)));
    expect(classes).toEqual([true, 2, 10, '9', 'B', 'b']);
    expect([...classOf!]).toEqual([5, 2, 0, 3, 1, 4]);
    expect(assignClasses(request(['10', '9', '1'])).classes).toEqual(['1', '10', '9']);
  });

  it('are none for a row without a label', () => {
    const { classes, classOf } = assignClasses(request(['a', null, 'b', null]));
    expect(classes).toEqual(['a', 'b']);
    expect([...classOf!]).toEqual([0, -2, 1, -2]);
  });

  it('follow the list of the run, in its order and its spelling', () => {
    const { classes, classOf, named } = assignClasses(request(['7', 'a', '7'], { classes: ['a', 7, true] }));
    expect(classes).toEqual(['a', 7, true]);
    expect([...classOf!]).toEqual([1, 0, 1]);
    expect(named).toBe(3);
  });

  it('leave other rows out, or make them distractors', () => {
    const labels = ['a', 'z', 'b', 'other'];
    const ignored = assignClasses(request(labels, { classes: ['a', 'b'], otherClasses: 'ignore' }));
    expect([...ignored.classOf!]).toEqual([0, -1, 1, -1]);
    expect(ignored.classes).toEqual(['a', 'b']);
    const pool = assignClasses(request(labels, { classes: ['a', 'b'], distractors: true }));
    expect([...pool.classOf!]).toEqual([0, -1, 1, -1]);
    expect(pool.classes).toEqual(['a', 'b', 'other']);
    expect(pool.named).toBe(2);
  });

  it('need no labels where the run lists them', () => {
    expect(assignClasses(request(null, { classes: ['a', 'b'] }))).toEqual({
      classes: ['a', 'b'],
      named: 2,
      classOf: null,
    });
  });

  it.each<[string, ClassRequest, string, RegExp]>([
    ['an unknown class', request(['cat', 'dgo'], { classes: ['cat', 'dog'] }), 'l.csv:3', /"dgo".*Did you mean "dog"/],
    ['a far class', request(['cat', 'truck'], { classes: ['cat', 'dog'] }), 'l.csv:3', /otherClasses=ignore/],
    ['one class', request(['a', 'a']), 'l.csv', /two classes/],
    ['one class in the list', request(['a'], { classes: ['a'] }), 'classes', /two classes/],
    ['a class twice', request(['1'], { classes: [1, '1'] }), 'classes', /all different/],
    ['neither labels nor list', request(null), 'l.csv', /neither/],
    ['distractors without labels', request(null, { classes: ['a', 'b'], distractors: true }), 'l.csv', /distractors/],
    ['distractors without list', request(['a', 'b'], { distractors: true }), 'classes', /no list/],
    ['no distractors', request(['a', 'b'], { classes: ['a', 'b'], distractors: true }), 'l.csv', /got none/],
    [
      'a class named other',
      request(['a', 'z'], { classes: ['a', 'other'], distractors: true }),
      'classes',
      /different/,
    ],
  ])('are refused for %s', (_, given, where, message) => {
    const error = refusal(given);
    expect(error.code).toBe('DATA_INVALID');
    expect(error.detail.where).toBe(where);
    expect(error.message).toMatch(message);
  });
});
