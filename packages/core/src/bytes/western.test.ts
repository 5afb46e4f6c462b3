import { expect, it } from 'vitest';
import { decodeWestern } from './western.js';

it('Windows-1252: signs where Latin-1 has control characters, the rest as there', () => {
  expect(decodeWestern(Uint8Array.of(0x80, 0x82, 0x91, 0x92, 0x93, 0x94, 0x96, 0x97, 0x99, 0x9f))).toBe('€‚‘’“”–—™Ÿ');
  const others = Uint8Array.from({ length: 224 }, (_, at) => (at < 128 ? at : at + 32));
  expect(decodeWestern(others)).toBe(String.fromCharCode(...others));
});
