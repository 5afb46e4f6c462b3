import { expect, it } from 'vitest';
import { expOfNegative } from './exponential.js';

it('is the exponential of -40..0 to a relative 3e-13', () => {
  let worst = 0;
  for (let x = -40; x <= 0; x += 0.000_977) worst = Math.max(worst, Math.abs(expOfNegative(x) / Math.exp(x) - 1));
  for (const x of [-40, -1 / 128, -1e-300, 0]) worst = Math.max(worst, Math.abs(expOfNegative(x) / Math.exp(x) - 1));
  expect(worst).toBeLessThan(3e-13);
  expect(expOfNegative(0)).toBe(1);
});
