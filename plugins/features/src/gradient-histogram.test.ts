import { describe, expect, it } from 'vitest';
import { gradientHistogram, histogramValues } from './gradient-histogram.js';

const grid = { size: 32, cell: 8 };
const draw = (grey: (x: number, y: number) => number): Uint8Array =>
  Uint8Array.from({ length: 32 * 32 }, (_, p) => grey(p % 32, Math.floor(p / 32)));
const slope = (degrees: number) => {
  const angle = (degrees * Math.PI) / 180;
  return draw((x, y) => 128 + 3 * (Math.cos(angle) * (x - 16) + Math.sin(angle) * (y - 16)));
};

describe('gradientHistogram', () => {
  it('has 9 values for each cell', () => {
    expect(gradientHistogram(slope(10), grid)).toHaveLength(histogramValues(grid));
    expect(histogramValues({ size: 64, cell: 8 })).toBe(576);
  });

  it('is zero for an image of one shade', () => {
    expect(
      gradientHistogram(
        draw(() => 77),
        grid,
      ).every((x) => x === 0),
    ).toBe(true);
  });

  it.each([10, 30, 70, 110, 150, 170])('puts a slope of %i degrees in its bin, in every cell', (degrees) => {
    const values = gradientHistogram(slope(degrees), grid);
    for (let cell = 0; cell < 16; cell++) {
      const bins = Array.from(values.subarray(9 * cell, 9 * cell + 9));
      expect(bins.indexOf(Math.max(...bins))).toBe(Math.floor(degrees / 20));
    }
  });

  it('is the same for light on dark as for dark on light', () => {
    const disc = (inside: number) => draw((x, y) => ((x - 12) ** 2 + (y - 18) ** 2 < 60 ? inside : 255 - inside));
    const [dark, light] = [gradientHistogram(disc(40), grid), gradientHistogram(disc(215), grid)];
    dark.forEach((x, at) => expect(x).toBeCloseTo(light[at]!, 6));
  });

  it('hardly changes with contrast and not at all with brightness', () => {
    const wave = (contrast: number, shift: number) =>
      gradientHistogram(
        draw((x, y) => 100 + shift + contrast * ((x * 5 + y * 3) % 11)),
        grid,
      );
    expect(wave(5, 20)).toEqual(wave(5, 0));
    wave(10, 0).forEach((x, at) => expect(Math.abs(x - wave(5, 0)[at]!)).toBeLessThan(1e-3));
  });

  it('turns with the image: a mirror swaps cells and orientations', () => {
    const blob = (x: number, y: number) => 20 * ((x * x + 3 * y * x + y) % 12);
    const values = gradientHistogram(draw(blob), grid);
    const mirrored = gradientHistogram(
      draw((x, y) => blob(31 - x, y)),
      grid,
    );
    for (let row = 0; row < 4; row++)
      for (let column = 0; column < 4; column++)
        for (let bin = 0; bin < 9; bin++) {
          const [here, there] = [(row * 4 + column) * 9 + bin, (row * 4 + 3 - column) * 9 + 8 - bin];
          expect(mirrored[there]).toBeCloseTo(values[here]!, 5);
        }
  });

  it('stays in 0..1 for noise', () => {
    const values = gradientHistogram(
      draw((x, y) => (x * 7919 + y * 104729) % 256),
      grid,
    );
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThanOrEqual(1);
  });
});
