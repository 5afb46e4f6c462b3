import { makeRng } from '@quorate/core';
import { describe, expect, it } from 'vitest';
import { HISTOGRAM_VALUES, PIXELS, SIDE, gradientHistogram } from './gradient-histogram.js';

const BINS = 9;
const histogramOf = (pixel: (x: number, y: number) => number): Float64Array => {
  const pixels = Float64Array.from({ length: PIXELS }, (_, at) => pixel(at % SIDE, Math.floor(at / SIDE)));
  const out = new Float64Array(HISTOGRAM_VALUES);
  gradientHistogram(pixels, 0, out, 0);
  return out;
};
/** Sum of each orientation bin over all cells. */
const orientations = (histogram: Float64Array): number[] =>
  Array.from({ length: BINS }, (_, bin) => histogram.reduce((sum, v, x) => sum + (x % BINS === bin ? v : 0), 0));

describe('gradient histogram', () => {
  it('of an empty image is zero', () => {
    expect(histogramOf(() => 0).every((v) => v === 0)).toBe(true);
  });

  it('tells the direction of an edge: a vertical bar has horizontal gradients, a horizontal bar vertical ones', () => {
    const bar = (along: number): number => (along >= 12 && along < 16 ? 1 : 0);
    const vertical = orientations(histogramOf((x) => bar(x)));
    const horizontal = orientations(histogramOf((_, y) => bar(y)));
    // 0 degrees lies between the last bin and the first, 90 degrees in the middle of bin 4.
    expect(vertical[0]! + vertical[8]!).toBeGreaterThan(5 * vertical[4]!);
    expect(horizontal[4]!).toBeGreaterThan(5 * (horizontal[0]! + horizontal[8]!));
  });

  it('does not tell light on dark from dark on light, inside the image', () => {
    const blob = (x: number, y: number): number => Math.exp(-((x - 11) ** 2 + 2 * (y - 15) ** 2) / 9);
    const light = histogramOf(blob);
    const dark = histogramOf((x, y) => -blob(x, y));
    for (let v = 0; v < HISTOGRAM_VALUES; v++) expect(dark[v]).toBeCloseTo(light[v]!, 9);
  });

  it('mirrors with the image', () => {
    const rng = makeRng(6);
    const noise = Float64Array.from({ length: PIXELS }, () => rng.uniform());
    const straight = histogramOf((x, y) => noise[y * SIDE + x]!);
    const mirrored = histogramOf((x, y) => noise[y * SIDE + SIDE - 1 - x]!);
    const [cells, row] = [7, 7 * BINS];
    for (let v = 0; v < HISTOGRAM_VALUES; v++) {
      const column = cells - 1 - Math.floor((v % row) / BINS);
      const bin = BINS - 1 - (v % BINS);
      expect(mirrored[Math.floor(v / row) * row + column * BINS + bin]).toBeCloseTo(straight[v]!, 9);
    }
  });

  it('writes its own part of the output and no more', () => {
    const out = new Float32Array(HISTOGRAM_VALUES + 2).fill(-1);
    gradientHistogram(new Float32Array(PIXELS + 3).fill(0.5), 3, out, 1);
    expect([out[0], out.at(-1)]).toEqual([-1, -1]);
    expect(out.slice(1, -1).every((v) => v >= 0 && v <= 4)).toBe(true);
  });
});
