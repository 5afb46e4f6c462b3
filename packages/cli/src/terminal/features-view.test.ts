import { describe, expect, it } from 'vitest';
import { featureLine, featureSecondsLeft, resumeCommand } from './features-view.js';

describe('the line of features', () => {
  const at = (seconds: number, done: number) => ({ seconds, done });

  it('says how far it is and how long it takes, by the later half', () => {
    const moments = [at(0, 0), at(10, 10), at(11, 20), at(12, 30), at(13, 40)];
    expect(featureSecondsLeft(moments, 100)).toBeCloseTo(6);
    expect(featureLine(moments, 100, 'images', 79)).toBe('████████░░░░░░░░░░░░  40.0 %  40 of 100 images  6.0 s left');
  });

  it('does not guess before there is something to go by, nor at the end', () => {
    expect(featureLine([at(0, 0)], 10, 'texts', 79)).toBe('░░░░░░░░░░░░░░░░░░░░   0.0 %  0 of 10 texts');
    expect(featureSecondsLeft([], 10)).toBeNull();
    expect(featureLine([at(0, 0), at(5, 5), at(9, 10)], 10, 'texts', 79)).not.toContain('left');
  });

  it('fits into the terminal', () => {
    expect(featureLine([at(0, 0), at(100, 5_000_000)], 10_000_000, 'images', 40)).toHaveLength(40);
  });
});

it('the command to go on with is the same with --resume, once', () => {
  expect(resumeCommand(['my photos', 'features.size=64', '-r', '--out', 'f.npy'])).toBe(
    "quorate features 'my photos' features.size=64 --out f.npy --resume",
  );
});
