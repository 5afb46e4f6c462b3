import { describe, expect, it } from 'vitest';
import { makeRng } from './random.js';

const draws = (n: number, f: () => number): number[] => Array.from({ length: n }, f);
const mean = (x: number[]): number => x.reduce((s, v) => s + v, 0) / x.length;

describe('random streams', () => {
  it('pins what a seed generates', () => {
    const rng = makeRng(1);
    expect(draws(3, () => rng.int(1000))).toMatchInlineSnapshot(`
      [
        526,
        850,
        111,
      ]
    `);
    expect(makeRng(1).fork('sampler').int(1000)).toMatchInlineSnapshot(`408`);
  });

  it('has the moments of its distributions', () => {
    const rng = makeRng('moments');
    const u = draws(20000, () => rng.uniform());
    expect(mean(u)).toBeCloseTo(0.5, 2);
    expect(mean(u.map((x) => x * x))).toBeCloseTo(1 / 3, 2);
    expect(Math.min(...u)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...u)).toBeLessThan(1);
    const z = draws(20000, () => rng.normal());
    expect(Math.abs(mean(z))).toBeLessThan(0.03);
    expect(mean(z.map((x) => x * x))).toBeCloseTo(1, 1);
    const c = draws(20000, () => rng.categorical([1, 0, 3]));
    expect(c.includes(1)).toBe(false);
    expect(mean(c.map((k) => (k === 2 ? 1 : 0)))).toBeCloseTo(0.75, 2);
    const d = rng.draw([0, 1, 0, 3, 0], 20000);
    expect(new Set(d)).toEqual(new Set([1, 3]));
    expect(mean([...d].map((k) => (k === 3 ? 1 : 0)))).toBeCloseTo(0.75, 2);
  });

  it('permutes and chooses uniformly, without repeats', () => {
    const rng = makeRng('permute');
    expect([...rng.permutation(50)].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
    const counts = new Array<number>(10).fill(0);
    for (let t = 0; t < 5000; t++) {
      const chosen = rng.choose(10, 3);
      expect(new Set(chosen).size).toBe(3);
      for (const x of chosen) counts[x]!++;
    }
    for (const count of counts) expect(Math.abs(count - 1500)).toBeLessThan(150);
    expect(rng.choose(4, 0)).toHaveLength(0);
    expect(new Set(rng.choose(4, 4)).size).toBe(4);
  });

  it('refuses impossible requests', () => {
    const rng = makeRng(1);
    expect(() => rng.int(0)).toThrow(RangeError);
    expect(() => rng.choose(3, 4)).toThrow(RangeError);
    expect(() => rng.categorical([0, 0])).toThrow(RangeError);
    expect(() => rng.categorical([1, Number.NaN])).toThrow(RangeError);
    expect(() => rng.draw([-1, 2], 1)).toThrow(RangeError);
  });

  it('forks by name: the same name is the same stream, whatever else was drawn', () => {
    const a = makeRng(5);
    const b = makeRng(5);
    b.uniform();
    b.fork('other').uniform();
    expect(a.fork('x').uniform()).toBe(b.fork('x').uniform());
    expect(a.fork('x')).toBe(a.fork('x'));
    expect(makeRng(5).fork('y').uniform()).not.toBe(makeRng(5).fork('x').uniform());
    expect(makeRng(6).fork('x').uniform()).not.toBe(makeRng(5).fork('x').uniform());
  });

  it('goes on exactly from a snapshot that went through JSON, forks included', () => {
    const rng = makeRng('snap');
    rng.uniform();
    rng.fork('a').fork('b').normal();
    const state = JSON.parse(JSON.stringify(rng.snapshot())) as ReturnType<typeof rng.snapshot>;
    const next = [rng.uniform(), rng.fork('a').fork('b').uniform(), rng.fork('late').uniform()];
    const other = makeRng('snap');
    other.fork('late').uniform();
    other.restore(state);
    expect([other.uniform(), other.fork('a').fork('b').uniform(), other.fork('late').uniform()]).toEqual(next);
  });
});
