import { makeRng } from '@quorate/core';
import { describe, expect, it } from 'vitest';
import { accuracies, agreementBetween, confidencesOf, scoresOf } from './compare.js';
import { CrowdAnswers } from './crowd-answers.js';
import { tableOf } from './crowd.fixture.js';
import { UNHEARD, goldOf } from './gold.js';

const answers = CrowdAnswers.of(
  tableOf([
    ['t', 'w', 'a'],
    ['u', 'w', 'b'],
    ['v', 'w', 'c'],
    ['x', 'w', null],
  ]),
);
const result = (name: string, ...rows: number[][]) => ({
  name,
  posterior: Float64Array.from([...rows.flat(), 0, 0, 0]),
});

describe('accuracy', () => {
  it('is in expectation over ties, over gold tasks with answers', () => {
    const { classOf, known, unheard } = goldOf(
      answers,
      [
        ['t', 'a'],
        ['u', 'c'],
        ['v', 'never'],
        ['x', 'a'],
      ],
      false,
    );
    expect([known, unheard, classOf[2]]).toEqual([4, 1, UNHEARD]);
    const method = result('m', [0.5, 0.5, 0], [0.2, 0.2, 0.6], [1, 0, 0]);
    expect([...scoresOf(method, answers, classOf)]).toEqual([0.5, 1, 0]);
    expect([...confidencesOf(method, answers, classOf)]).toEqual([0.5, 0.6, 1]);
  });

  it('comes with the interval of the binomial, and methods that do alike have no difference', () => {
    const rng = makeRng(1);
    const G = 2000;
    const good = Float64Array.from({ length: G }, () => Number(rng.uniform() < 0.8));
    const twin = good.slice();
    for (let g = 0; g < 20; g++) twin[100 * g] = 1 - twin[100 * g]!;
    const bad = Float64Array.from({ length: G }, () => Number(rng.uniform() < 0.7));
    const methods = [
      { name: 'bad', scores: bad },
      { name: 'good', scores: good },
      { name: 'twin', scores: twin },
    ];
    const found = accuracies(methods, makeRng(2));
    const width = 2 * 1.96 * Math.sqrt((0.8 * 0.2) / G);
    expect(found[1]!.high - found[1]!.low).toBeGreaterThan(0.9 * width);
    expect(found[1]!.high - found[1]!.low).toBeLessThan(1.1 * width);
    expect(found.map(({ noDifference }) => noDifference)).toEqual([false, true, true]);
    // Paired: the twins' difference is known far better than either accuracy.
    expect(found[2]!.difference.high - found[2]!.difference.low).toBeLessThan(width / 2);
    expect(accuracies(methods, makeRng(2))).toEqual(found);
  });

  it('without tasks there is none', () =>
    expect(accuracies([{ name: 'm', scores: new Float64Array(0) }], makeRng(0))).toEqual([]));
});

it('agreement between methods counts tasks with answers', () => {
  const one = result('one', [1, 0, 0], [0, 1, 0], [0, 0, 1]);
  const other = result('other', [0.5, 0.5, 0], [1, 0, 0], [0, 0.1, 0.9]);
  const matrix = agreementBetween([one, other], answers)!;
  expect([...matrix]).toEqual([1, 2 / 3, 2 / 3, 1]);
});
