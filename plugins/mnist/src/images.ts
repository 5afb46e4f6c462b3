import { makeRng } from '@quorate/core/numbers';
import { encode } from 'fast-png';
import { readDigits } from './digits.js';
import { PIXELS } from './gradient-histogram.js';

const SIDE = Math.sqrt(PIXELS);

/** An image of a digit as a PNG file, dark on white, and the digit that it shows. */
export interface DigitImage {
  readonly png: Uint8Array;
  readonly digit: number;
}

/** Images of digits in random order. @param count At most as many as there are. Throws what `readDigits` throws. */
export async function digitImages(count: number, seed: string): Promise<DigitImage[]> {
  const { pixels, digitOf } = await readDigits();
  const rows = makeRng(seed).permutation(digitOf.length).subarray(0, count);
  return Array.from(rows, (row) => {
    const data = Uint8Array.from(pixels.subarray(row * PIXELS, (row + 1) * PIXELS), (grey) =>
      Math.round(255 * (1 - grey)),
    );
    return { png: encode({ width: SIDE, height: SIDE, data, channels: 1 }), digit: digitOf[row]! };
  });
}
