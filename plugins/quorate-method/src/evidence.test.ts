import { AnnotationIndex, makeRng } from '@quorate/core';
import { describe, expect, it } from 'vitest';
import { AnswerLikelihood } from './answer-likelihood.js';
import { answersTo, blobs, requestOf } from './blobs.fixture.js';
import { Evidence } from './evidence.js';
import { goldOf } from './gold.js';
import { stack, temperature, trustIn } from './view-weights.js';

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
  const logShares = Float64Array.from([0.5, 0.3, 0.2], Math.log);

  it.each([[[0.7, 0.2]], [[0, 1.5]], [[0, 0]]])('of weights %j is what its definition says', (weights) => {
    const prior = weights.reduce((sum, b) => sum + (b === 0 ? -2 : -0.5 * Math.log(b / 0.4) ** 2), 0);
    let want = prior;
    evidence.rows.forEach((row, r) => {
      // Prototypes are alike in number, whatever the shares of the classes are.
      const logits = [0, 1, 2].map(
        (k) => (row < 30 ? logShares[k]! : 0) + views.reduce((s, view, v) => s + weights[v]! * view[r * K + k]!, 0),
      );
      const p = softmax(logits);
      if (row >= 30) want += 0.75 * Math.log(p[gold.classOf[row - 30]!]!);
      else want += Math.log(likelihoodOf(everyOther, row).reduce((s, one, k) => s + one * p[k]!, 0));
    });
    expect(evidence.of(views, weights, logShares)).toBeCloseTo(want, 6);
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

describe('the shares of the classes', () => {
  /** Answers about 900 items of which a fifth are of class 0, a tenth of class 1. */
  const fifths = (i: number): number => (i % 10 < 2 ? 0 : i % 10 < 3 ? 1 : 2);
  const uneven = blobs({
    items: 900,
    classes: K,
    columns: 1,
    prototypesPerClass: 2,
    separation: 0,
    classOfItem: fifths,
  });
  const some = goldOf(uneven.dataset);
  const read = (items: readonly number[]): { answers: AnswerLikelihood; evidence: Evidence } => {
    const answers = new AnswerLikelihood(900, K);
    answers.read(requestOf(uneven, answersTo(uneven, items, { skill: 0.7 })));
    return { answers, evidence: new Evidence(answers, some, makeRng(1)) };
  };
  const everyone = Array.from({ length: 900 }, (_, i) => i);

  it.each([0, 0.8])('make the answers most likely beside 50 items of each class, at weight %d of a view', (weight) => {
    const { evidence } = read(everyone);
    const rng = makeRng(3);
    const view = Float32Array.from({ length: evidence.rows.length * K }, () => rng.normal());
    const found = evidence.shares([view], [weight], even, 300);
    const objective = (logs: Float64Array): number =>
      evidence.of([view], [weight], logs) + 50 * logs.reduce((sum, one) => sum + one, 0);
    expect(found.reduce((sum, one) => sum + Math.exp(one), 0)).toBeCloseTo(1, 9);
    for (const [from, to] of [
      [0, 1],
      [1, 2],
      [2, 0],
    ] as const) {
      for (const step of [-0.02, 0.02]) {
        const moved = found.map(Math.exp);
        moved[from]! *= Math.exp(step);
        moved[to]! += Math.exp(found[from]!) - moved[from]!;
        expect(objective(moved.map(Math.log))).toBeLessThan(objective(found));
      }
    }
  });

  it('come near the truth, and are even where nobody was asked', () => {
    const shares = read(everyone).evidence.shares([], [], even, 30).map(Math.exp);
    [0.2, 0.1, 0.7].forEach((share, k) => expect(Math.abs(shares[k]! - share)).toBeLessThan(0.15));
    const nobody = read([]).evidence.shares([], [], even, 30);
    nobody.forEach((one) => expect(Math.exp(one)).toBeCloseTo(1 / 3, 9));
  });

  it('do not follow what was chosen to be asked, where features explain the choice', () => {
    const rng = makeRng(5);
    const logits = everyone.map((i) => [0, 1, 2].map((k) => (k === fifths(i) ? 2 : 0) + rng.normal()));
    // Items that look like class 0: most are, but few items do.
    const chosen = everyone.filter((i) => logits[i]![0]! > Math.max(logits[i]![1]!, logits[i]![2]!));
    const { evidence } = read(chosen);
    const view = new Float32Array(evidence.rows.length * K);
    evidence.rows.forEach((i, r) => view.set(i < 900 ? logits[i]! : [0, 0, 0], r * K));
    const [alone, seen] = [evidence.shares([], [], even, 100), evidence.shares([view], [1.8], even, 100)];
    expect(Math.exp(alone[0]!)).toBeGreaterThan(0.44);
    expect(Math.exp(seen[0]!)).toBeLessThan(0.34);
  });
});

describe('the trust in features', () => {
  const { evidence } = judged(everyOther);
  const trustOf = (strength: number, weight: number, items: number): number => {
    const views = [viewOf(evidence, strength, 9)];
    return trustIn({ weights: [weight], evidence: evidence.of(views, [weight], even) }, evidence, views, items).trust;
  };

  it('is whole until there is enough to judge by, none of noise, and grows with what they say', () => {
    expect(trustOf(0, 0.05, 99)).toBe(1);
    expect(trustOf(0, 0.05, 100)).toBe(0);
    const trusts = [0.3, 0.6, 0.9, 4].map((strength) => trustOf(strength, 0.5, 100));
    expect(trusts).toEqual([...trusts].sort((a, b) => a - b));
    expect(trusts.at(-1)).toBeGreaterThan(0.99);
  });

  it('comes with the shares of the classes by the answers alone', () => {
    const views = [viewOf(evidence, 1, 9)];
    const { shares } = trustIn({ weights: [1], evidence: 0 }, evidence, views, 100);
    evidence.shares([], [], even, 30).forEach((one, k) => expect(shares[k]).toBeCloseTo(Math.exp(one), 12));
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
