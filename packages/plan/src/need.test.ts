import { makeRng } from '@quorate/core';
import { describe, expect, it } from 'vitest';
import { budgetOf, needOf, type PilotRun } from './need.js';

const runs = (cost: (tasks: number, repeat: number) => number | null): PilotRun[] =>
  [250, 500, 1000].flatMap((tasks) => [1, 2, 3].map((repeat) => ({ tasks, perTask: cost(tasks, repeat), end: 3 })));

describe('the need of all tasks', () => {
  it('is what the pilot needs, where cost does not fall with size', () => {
    const need = needOf(
      runs(() => 2),
      10_000,
      0.025,
    )!;
    expect(need.perTask).toBeCloseTo(2, 9);
    expect([need.low, need.high].map((x) => x.toFixed(6))).toEqual(['2.000000', '2.000000']);
  });

  it('lies between a cost that goes on to fall and one that stays', () => {
    const need = needOf(
      runs((tasks) => 10 * tasks ** -0.5),
      100_000,
      0.025,
    )!;
    expect(need.low).toBeCloseTo(10 * 100_000 ** -0.5, 6);
    expect(need.high).toBeCloseTo(10 * 1000 ** -0.5, 6);
    expect(need.perTask).toBeCloseTo(Math.sqrt(need.low * need.high), 6);
  });

  it('never rises with size, and is not extrapolated below the pilot', () => {
    expect(
      needOf(
        runs((tasks) => tasks / 500),
        100_000,
        0.025,
      )!.low,
    ).toBeLessThanOrEqual(2);
    const same = needOf(
      runs((tasks) => 10 * tasks ** -0.5),
      1000,
      0.025,
    )!;
    expect(same.low).toBeCloseTo(same.high, 6);
  });

  it('is not known where the pilot does not get there, and may be nothing', () => {
    expect(
      needOf(
        runs(() => null),
        1000,
        0.025,
      ),
    ).toBeNull();
    expect(
      needOf(
        runs((tasks, repeat) => (tasks === 1000 && repeat > 1 ? null : 1)),
        1000,
        0.025,
      ),
    ).toBeNull();
    expect(needOf([], 1000, 0.025)).toBeNull();
    expect(
      needOf(
        runs(() => 0),
        1000,
        0.025,
      ),
    ).toMatchObject({ low: 0 });
  });

  it('holds what one more run of the pilot needs, nearly always', () => {
    const rng = makeRng('hold');
    let held = 0;
    for (let trial = 0; trial < 200; trial++) {
      const cost = (): number => Math.exp(0.3 * (rng.uniform() + rng.uniform() + rng.uniform() - 1.5));
      const { low, high } = needOf(runs(cost), 1000, 0.025)!;
      const one = cost();
      if (low <= one && one <= high) held++;
    }
    expect(held).toBeGreaterThan(170);
  });
});

it('a budget: answers, days and money', () => {
  const need = { perTask: 2, low: 1, high: 3 };
  const { answers, days, money } = budgetOf(need, 3600, { seconds: 5, people: 5, hours: 2, price: 0.1 });
  expect(answers).toEqual({ perTask: 7200, low: 3600, high: 10_800 });
  expect(days).toEqual({ perTask: 1, low: 0.5, high: 1.5 });
  expect(money!.perTask).toBeCloseTo(720, 9);
  expect(budgetOf(need, 10, { seconds: 5, people: 5, hours: 2, price: null }).money).toBeNull();
});
