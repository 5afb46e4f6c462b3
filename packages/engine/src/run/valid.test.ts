import { expect, it } from 'vitest';
import { countValid } from './valid.js';

it('counts an item whose risk is exactly at the threshold', () => {
  expect(countValid(Float64Array.of(0.05, 0.1, 0.1 + 1e-12, 0.5), 0.1)).toBe(2);
  expect(countValid(new Float64Array(0), 0.1)).toBe(0);
});
