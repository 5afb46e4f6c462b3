import { AnnotationIndex, makeRng } from '@quorate/core';
import { describe, expect, it } from 'vitest';
import { AnswerLikelihood } from './answer-likelihood.js';
import { answersTo, blobs, requestOf } from './blobs.fixture.js';
import { Evidence } from './evidence.js';
import { goldOf } from './gold.js';
import { saysNothing, stack, temperature } from './view-weights.js';

const K = 3;
const world = blobs({ items: 30, classes: K, columns: 2, prototypesPerClass: 4, separation: 1 });
const gold = goldOf(world.dataset);

function judged(annotations: AnnotationIndex): { evidence: Evidence; answers: AnswerLikelihood } {
  const answers = new AnswerLikelihood(30, K);
  answers.read(requestOf(world, annotations));
  return { answers, evidence: new Evidence(answers, gold, makeRng(1)) };
}

const everyOther = answersTo(
  world,
  Array.from({ length: 20 }, (_, x) => x),
  { skill: 0.8 },
);
const even = new Float64Array(K).fill(-Math.log(K));

/** Logits of the rows that count: as right as `strength` says, with noise. */
function viewOf({ rows }: Evidence, strength: number, seed = 1): Float32Array {
  const rng = makeRng(seed);
  const out = new Float32Array(rows.length * K);
  rows.forEach((row, r) => {
    const y = row < 30 ? world.truth[row]! : gold.classOf[row - 30]!;
    for (let k = 0; k < K; k++) out[r * K + k] = (k === y ? strength : 0) + rng.normal();
  });
  return out;
}

const softmax = (x: readonly number[]): number[] => {
  const e = x.map((one) => Math.exp(one - Math.max(...x)));
  return e.map((one) => one / e.reduce((a, b) => a + b, 0));
};

function likelihoodOf(annotations: AnnotationIndex, item: number): number[] {
  const out = new Float64Array(K);
  requestOf(world, annotations).annotationLogLikelihood(item, out);
  return Array.from(out, (one) => Math.exp(one - Math.max(...out)));
}

describe('the evidence', () => {
  const { evidence } = judged(everyOther);
  const views = [viewOf(evidence, 2, 1), viewOf(evidence, 1, 2)];
  const logPrior = Float64Array.from([0.5, 0.3, 0.2], Math.log);

  it.each([[[0.7, 0.2]], [[0, 1.5]], [[0, 0]]])('of weights %j is what its definition says', (weights) => {
    const prior = weights.reduce((sum, b) => sum + (b === 0 ? -2 : -0.5 * Math.log(b / 0.4) ** 2), 0);
    let want = prior;
    evidence.rows.forEach((row, r) => {
      const logits = [0, 1, 2].map(
        (k) => logPrior[k]! + views.reduce((s, view, v) => s + weights[v]! * view[r * K + k]!, 0),
      );
      const p = softmax(logits);
      if (row >= 30) want += 0.75 * Math.log(p[gold.classOf[row - 30]!]!);
      else want += Math.log(likelihoodOf(everyOther, row).reduce((s, one, k) => s + one * p[k]!, 0));
    });
    expect(evidence.of(views, weights, logPrior)).toBeCloseTo(want, 6);
    expect([...evidence.rows].filter((row) => row < 30).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 20 }, (_, x) => x),
    );
  });

  it('rises with what a view knows, and the weight with it until nothing is left to know', () => {
    const found = [0.5, 1, 2, 4].map((strength) => temperature(evidence, viewOf(evidence, strength), even, 0));
    for (let x = 1; x < found.length; x++) {
      expect(found[x]!.evidence).toBeGreaterThan(found[x - 1]!.evidence);
      if (x < 3) expect(found[x]!.weights[0]!).toBeGreaterThan(found[x - 1]!.weights[0]!);
    }
  });

  it('finds the best weight of a fine grid, from anywhere', () => {
    for (const strength of [0.5, 1, 2, 4]) {
      const view = viewOf(evidence, strength, 7);
      let best = -Infinity;
      for (let b = 0.001; b < 4; b *= 1.01) best = Math.max(best, evidence.of([view], [b], even));
      for (const near of [0, 0.001, 0.1, 1, 4]) {
        expect(temperature(evidence, view, even, near).evidence).toBeGreaterThan(best - 0.02);
      }
    }
  });

  it('gives a second view weight where it adds something, and none where it only contradicts', () => {
    const first = viewOf(evidence, 1, 3);
    const start = temperature(evidence, first, even, 0);
    const helped = stack(evidence, [first, viewOf(evidence, 2, 4)], even, [start.weights[0]!, 0]);
    expect(helped.evidence).toBeGreaterThan(start.evidence + 3);
    expect(helped.weights[1]).toBeGreaterThan(0.2);
    const wrong = viewOf(evidence, -2, 5);
    expect(stack(evidence, [first, wrong], even, [start.weights[0]!, 0]).weights[1]).toBe(0);
  });

  it('is scaled up where only some of the annotated items are looked at', () => {
    const many = blobs({ items: 4000, classes: K, columns: 1, prototypesPerClass: 0, separation: 0 });
    const all = new AnnotationIndex(4000, 1, K);
    // All items alike: then the sample tells all.
    for (let i = 0; i < 4000; i++) all.append(i, 0, 1);
    const answers = new AnswerLikelihood(4000, K);
    answers.read(requestOf(many, all));
    const sampled = new Evidence(answers, goldOf(many.dataset), makeRng(1));
    expect(sampled.asked).toBe(3000);
    expect(new Set(sampled.rows).size).toBe(3000);
    const flat = new Float32Array(3000 * K);
    const perItem = Math.log((1 + 2 * (0.15 / 0.7)) / 3);
    expect(sampled.of([flat], [0], even)).toBeCloseTo(-2 + 4000 * perItem, 3);
  });
});

describe('the guard', () => {
  const { evidence } = judged(everyOther);
  it('silences views that say next to nothing, once there is enough to judge by', () => {
    const noise = [viewOf(evidence, 0, 9)];
    const weak = { weights: [0.05], evidence: evidence.of(noise, [0.05], even) };
    expect(saysNothing(weak, evidence, noise, even, 99)).toBe(false);
    expect(saysNothing(weak, evidence, noise, even, 100)).toBe(true);
    const good = [viewOf(evidence, 4, 9)];
    const strong = { weights: [1], evidence: evidence.of(good, [1], even) };
    expect(saysNothing(strong, evidence, good, even, 100)).toBe(false);
  });
});

describe('the lapse', () => {
  /** Two answers about each item, `contradicted` of them against what the learner is certain of. */
  function lapseOf(contradicted: number): { lapse: number; naive: number } {
    const annotations = new AnnotationIndex(30, 2, K);
    const p = new Float32Array(30 * K).fill(1e-6);
    for (let i = 0; i < 30; i++) {
      p[i * K] = 1 - 2e-6;
      for (const j of [0, 1]) annotations.append(i, j, i < contradicted ? 1 : 0);
    }
    const { evidence } = judged(annotations);
    const grid = [0.002, 0.005, 0.01, 0.02, 0.04, 0.08, 0.15];
    const fit = grid.map((e) => {
      let sum = -0.5 * Math.log(e / 0.01) ** 2;
      for (let i = 0; i < 30; i++) {
        const row = likelihoodOf(annotations, i);
        sum += Math.log(row.reduce((s, one, k) => s + one * ((1 - e) * p[i * K + k]! + e / K), 0));
      }
      return sum;
    });
    return { lapse: evidence.lapse(p), naive: grid[fit.indexOf(Math.max(...fit))]! };
  }

  it('is the best of its grid, and grows with what contradicts a certain learner', () => {
    const found = [0, 1, 3, 8].map(lapseOf);
    for (const { lapse, naive } of found) expect(lapse).toBe(naive);
    const lapses = found.map(({ lapse }) => lapse);
    expect(lapses).toEqual([...lapses].sort((a, b) => a - b));
    expect(lapses[0]).toBeLessThan(lapses[3]!);
  });

  it('is as expected where nobody was asked', () => {
    expect(judged(new AnnotationIndex(30, 1, K)).evidence.lapse(new Float32Array(30 * K).fill(1 / K))).toBe(0.01);
  });
});
