import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cellsOf, combined, gridOfWords } from './grid.js';
import { valuesOf } from './values.js';

const wordsOf = (words: readonly string[]): string[] => cellsOf(gridOfWords(words)).map((cell) => cell.words.join(' '));

describe('values of a word', () => {
  it.each([
    ['lean', ['lean']],
    ['a,b , c', ['a', 'b', 'c']],
    ['1..4', ['1', '2', '3', '4']],
    ['-1..1,7', ['-1', '0', '1', '7']],
    ['0..100..50', ['0', '50', '100']],
    ['[1,2],[3]', ['[1,2]', '[3]']],
    ['{"a":[1,2],"b":"x,y"},null', ['{"a":[1,2],"b":"x,y"}', 'null']],
    ['"a,\\"b",c', ['"a,\\"b"', 'c']],
    ['', ['']],
    ['0.1..0.3', ['0.1..0.3']],
    ['./data/x.npy,./y.npy', ['./data/x.npy', './y.npy']],
  ])('%s', (text, values) => expect(valuesOf(text, 'x')).toEqual(values));

  it.each(['a,', ',a', 'a,,b', '5..1', '1..5..0', '1..99999999'])('refuses %s', (text) => {
    expect(() => valuesOf(text, 'command line: x')).toThrow(/command line: x/);
  });
});

describe('a grid of words', () => {
  it('is the product of what has several values, the last one running fastest', () => {
    expect(wordsOf(['method=a,b', 'budget=9', 'seed=1..2'])).toEqual([
      'budget=9 method=a seed=1',
      'budget=9 method=a seed=2',
      'budget=9 method=b seed=1',
      'budget=9 method=b seed=2',
    ]);
  });

  it('is one run where nothing has several values', () => {
    expect(wordsOf(['seed=3'])).toEqual(['seed=3']);
    expect(wordsOf([])).toEqual(['']);
  });

  it('takes the last of a key, as a run does', () => expect(wordsOf(['seed=1..3', 'seed=7'])).toEqual(['seed=7']));

  it('has as many cells as the product, none of them twice', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 4 });
    fc.assert(
      fc.property(sizes, (lengths) => {
        const words = lengths.map((length, a) => `k${a}=${Array.from({ length }, (_, v) => `v${v}`).join(',')}`);
        const cells = wordsOf(words);
        expect(cells).toHaveLength(lengths.reduce((product, n) => product * n, 1));
        expect(new Set(cells).size).toBe(cells.length);
      }),
    );
  });

  it('is refused where it has no end', () => {
    const words = ['a', 'b', 'c'].map((key) => `${key}=1..100`);
    expect(() => cellsOf(gridOfWords(words))).toThrow(/at most 100000 runs/);
  });
});

describe('a grid of a file', () => {
  const axis = (name: string, ...labels: string[]) => ({
    name,
    points: labels.map((label) => ({ label, words: [`${name}=${label}`] })),
  });
  const grid = { axes: [axis('m', 'a', 'b'), axis('s', '1', '2'), axis('d', '1', '2')], base: ['x=1'] };

  it('advances paired axes together', () => {
    const cells = cellsOf({ ...grid, paired: [['d', 's']], exclude: [] });
    expect(cells.map(({ labels }) => labels.join(''))).toEqual(['a11', 'a22', 'b11', 'b22']);
    const uneven = { ...grid, axes: [axis('s', '1', '2'), axis('d', '1')], paired: [['s', 'd']], exclude: [] };
    expect(() => cellsOf(uneven)).toThrow(/2 of s and 1 of d/);
  });

  it('leaves out what matches every axis of an exclusion', () => {
    const cells = cellsOf({ ...grid, paired: [], exclude: [{ m: ['a'], s: ['2'] }, { d: ['2'] }] });
    expect(cells.map(({ labels }) => labels.join(''))).toEqual(['a11', 'b11', 'b21']);
  });

  it('is changed by words of the command line: an axis in its place, a word in place of an axis', () => {
    const under = { ...grid, paired: [['s', 'd']], exclude: [] };
    const over = combined(under, gridOfWords(['s=5..6', 'd=9', 'x=2', 'y=0,1']));
    expect(over.axes.map(({ name }) => name)).toEqual(['m', 's', 'y']);
    expect(new Set(over.base)).toEqual(new Set(['x=2', 'd=9']));
    expect(cellsOf(over)).toHaveLength(2 * 2 * 2);
  });
});
