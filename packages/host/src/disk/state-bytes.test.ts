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

it('a whole number is one whatever stood in its place before', () => {
  const state = (n: number) => ({ shared: n, list: [n, n], deep: { x: [n] } });
  const before = stateBytes(state(1));
  for (let n = 0; n < 20_000; n++) stateBytes(state(n + 0.5));
  const half = 0.5;
  expect(stateBytes(state(half + half)).equals(before)).toBe(true);
  expect(stateBytes(state(1)).equals(before)).toBe(true);
  expect(deserialize(stateBytes([-0, 2 ** 40, 0.1]))).toEqual([-0, 2 ** 40, 0.1]);
});

it('keeps typed arrays, and throws for what is not plain data', () => {
  expect(deserialize(stateBytes({ x: Float64Array.of(1, 2) }))).toEqual({ x: Float64Array.of(1, 2) });
  expect(() => stateBytes({ f: () => 1 })).toThrow();
});
