import fc from 'fast-check';
import { expect, it } from 'vitest';
import { logGamma } from './log-gamma.js';

it('is the logarithm of a factorial', () => {
  let sum = 0;
  for (let n = 1; n <= 170; n++) {
    expect(logGamma(n)).toBeCloseTo(sum, 9);
    sum += Math.log(n);
  }
});

it('keeps the reflection and the recurrence', () => {
  const inside = fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true });
  fc.assert(
    fc.property(inside, (x) => {
      expect(logGamma(x) + logGamma(1 - x)).toBeCloseTo(Math.log(Math.PI / Math.sin(Math.PI * x)), 8);
    }),
  );
  fc.assert(
    fc.property(fc.double({ min: 1e-8, max: 1e4, noNaN: true }), (x) => {
      const scale = Math.max(1, Math.abs(logGamma(x)));
      expect((logGamma(x + 1) - logGamma(x) - Math.log(x)) / scale).toBeCloseTo(0, 11);
    }),
  );
});
