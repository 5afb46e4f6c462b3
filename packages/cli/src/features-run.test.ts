import { describe, expect, it } from 'vitest';
import { runWords } from './features-run.js';

const labels = (...sizes: number[]): string[] => sizes.flatMap((size, k) => new Array<string>(size).fill(`class ${k}`));

describe('runWords', () => {
  it('adds nothing to a set that is large enough', () => {
    expect(runWords('f.npy', 'f.csv', labels(100, 60))).toEqual([
      'run',
      'dataset.use=files',
      'dataset.features=f.npy',
      'dataset.labels=f.csv',
    ]);
  });

  it('takes fewer prototypes and smaller HITs for a small set', () => {
    expect(runWords('f', 'l', labels(20, 30, 40)).slice(4)).toEqual(['sampler.hitSize=30']);
    expect(runWords('f', 'l', labels(5, 100)).slice(4)).toEqual(['dataset.prototypesPerClass=2']);
    expect(runWords('f', 'l', labels(1, 1)).slice(4)).toEqual(['dataset.prototypesPerClass=0', 'sampler.hitSize=1']);
  });

  it('asks nobody where there are no labels, or one class', () => {
    expect(runWords('f', 'l', null).slice(4)).toEqual(['classes=["yes","no"]', 'simulation=none']);
    expect(runWords('f', 'l', labels(50)).slice(4)).toEqual(['classes=["class 0","other"]', 'simulation=none']);
  });
});
