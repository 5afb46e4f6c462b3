import { deserialize } from 'node:v8';
import { expect, it } from 'vitest';
import { stateBytes } from './state-bytes.js';

it('equal states are equal bytes, however their lists were made and after a round trip', () => {
  const holey: string[] = new Array<string>(2).fill('tanh');
  const sparse: string[] = [];
  sparse[1] = 'tanh';
  sparse[0] = 'tanh';
  const bytes = [['tanh', 'tanh'], holey, sparse].map((list) => stateBytes({ of: [{ list, n: 1 }] }));
  expect(bytes[1]!.equals(bytes[0]!)).toBe(true);
  expect(bytes[2]!.equals(bytes[0]!)).toBe(true);
  expect(stateBytes(deserialize(bytes[0]!)).equals(bytes[0]!)).toBe(true);
});

it('keeps typed arrays, and throws for what is not plain data', () => {
  expect(deserialize(stateBytes({ x: Float64Array.of(1, 2) }))).toEqual({ x: Float64Array.of(1, 2) });
  expect(() => stateBytes({ f: () => 1 })).toThrow();
});
