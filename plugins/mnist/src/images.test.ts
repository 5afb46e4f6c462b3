import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { readDigits } from './digits.js';
import { PIXELS } from './gradient-histogram.js';
import { digitImages } from './images.js';

describe('images of digits', () => {
  it('show the digits that they are said to show, the same ones for a seed', async () => {
    const { pixels, digitOf } = await readDigits();
    const known = new Map<string, number>();
    for (let row = 0; row < digitOf.length; row++) {
      const grey = pixels.subarray(row * PIXELS, (row + 1) * PIXELS);
      known.set(Array.from(grey, (g) => Math.round(255 * (1 - g))).join(), digitOf[row]!);
    }
    const images = await digitImages(60, 'a');
    for (const { png, digit } of images) expect(known.get(Array.from(decode(png).data).join())).toBe(digit);
    expect(new Set(images.map(({ digit }) => digit)).size).toBe(10);
    expect(await digitImages(60, 'a')).toEqual(images);
    expect(await digitImages(60, 'b')).not.toEqual(images);
  });
});
