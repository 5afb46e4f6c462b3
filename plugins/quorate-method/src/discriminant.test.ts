import { AnnotationIndex, makeRng } from '@quorate/core';
import { describe, expect, it } from 'vitest';
import { AnswerLikelihood } from './answer-likelihood.js';
import { answersTo, blobs, plainProducts, requestOf, type Blobs } from './blobs.fixture.js';
import { Discriminant, type DiscriminantOptions } from './discriminant.js';
import { prepareSpace, type FeatureSpace } from './feature-space.js';
import { goldOf, type Gold } from './gold.js';

interface Fitted {
  readonly space: FeatureSpace;
  readonly gold: Gold;
  readonly view: Float32Array;
  /** R and v of all rows. */
  readonly labels: readonly (readonly number[])[];
  readonly weight: readonly number[];
}

async function fit(
  world: Blobs,
  annotations: AnnotationIndex,
  p: Float32Array,
  options: DiscriminantOptions,
): Promise<Fitted> {
  const { dataset } = world;
  const gold = goldOf(dataset);
  const K = dataset.classes.length;
  const N = dataset.taskIds.length;
  const rows = N + gold.classOf.length;
  const space = await prepareSpace(
    plainProducts,
    dataset.features!,
    rows,
    { components: 9, neighbours: 0 },
    makeRng(1),
  );
  const answers = new AnswerLikelihood(N, K);
  answers.read(requestOf(world, annotations));
  const view = new Float32Array(rows * K);
  const q = p.slice();
  answers.believe(q);
  await new Discriminant(plainProducts, space, gold).fit(q, answers, options, view);
  const labels = Array.from({ length: rows }, (_, i) =>
    i < N
      ? Array.from(q.subarray(i * K, (i + 1) * K))
      : Array.from({ length: K }, (_, k) => (gold.classOf[i - N] === k ? 1 : 0)),
  );
  const weight = labels.map((_, i) =>
    i >= N ? gold.weight[gold.classOf[i - N]!]! : annotations.perItem[i]! > 0 ? 1 : options.unlabelled,
  );
  return { space, gold, view, labels, weight };
}

const dot = (x: ArrayLike<number>, y: ArrayLike<number>): number => Array.from(x).reduce((s, v, d) => s + v * y[d]!, 0);
const minus = (x: ArrayLike<number>, y: ArrayLike<number>): number[] => Array.from(x, (v, d) => v - y[d]!);

/** Class means shrunk to the centre by one example, from all rows but one (-1: from all). */
function meansWithout({ space, labels, weight }: Fitted, left: number): number[][] {
  const { columns: D, points } = space;
  return labels[0]!.map((_, k) => {
    const mean = new Array<number>(D).fill(0);
    let size = 1;
    labels.forEach((row, i) => {
      if (i === left) return;
      size += weight[i]! * row[k]!;
      for (let d = 0; d < D; d++) mean[d]! += weight[i]! * row[k]! * points[i * D + d]!;
    });
    return mean.map((x) => x / size);
  });
}

/** S: the mean outer product of what is left of the rows after their class means, by its definition, and the shrinkage. */
function covariance({ space, labels }: Fitted, means: number[][], shrinkage: number, left = -1): number[][] {
  const { columns: D, points, rows } = space;
  const S = Array.from({ length: D }, () => new Array<number>(D).fill(0));
  labels.forEach((row, i) => {
    if (i === left) return;
    row.forEach((r, k) => {
      const rest = minus(points.subarray(i * D, (i + 1) * D), means[k]!);
      for (let d = 0; d < D; d++) for (let e = 0; e < D; e++) S[d]![e]! += (r * rest[d]! * rest[e]!) / rows;
    });
  });
  const spread = S.reduce((s, row, d) => s + row[d]!, 0) / D;
  return S.map((row, d) => row.map((x, e) => (1 - shrinkage) * x + (d === e ? shrinkage * spread : 0)));
}

/** yᵀ S⁻¹ y by elimination. */
function mahalanobis(S: number[][], y: number[]): number {
  const A = S.map((row, d) => [...row, y[d]!]);
  for (let p = 0; p < A.length; p++) {
    for (let r = p + 1; r < A.length; r++) {
      const factor = A[r]![p]! / A[p]![p]!;
      for (let c = p; c <= A.length; c++) A[r]![c]! -= factor * A[p]![c]!;
    }
  }
  const x = new Array<number>(A.length).fill(0);
  for (let p = A.length - 1; p >= 0; p--) {
    x[p] = (A[p]![A.length]! - dot(A[p]!.slice(p + 1, A.length), x.slice(p + 1))) / A[p]![p]!;
  }
  return dot(x, y);
}

const distances = (fitted: Fitted, S: number[][], i: number, means: number[][]): number[] => {
  const { columns: D, points } = fitted.space;
  return means.map((m) => mahalanobis(S, minus(points.subarray(i * D, (i + 1) * D), m)));
};

/**
 * Distances of a row by its definition: to the means without it, and by covariances without what the row gave to them as
 * an example of each of the two classes that its label names most, one at a time.
 */
function distancesWithout(fitted: Fitted, S: number[][], i: number, shrinkage: number): number[] {
  const { columns: D, points, rows } = fitted.space;
  const row = points.subarray(i * D, (i + 1) * D);
  const label = fitted.labels[i]!;
  const rests = meansWithout(fitted, -1).map((m) => minus(row, m));
  const d2 = rests.map((rest) => mahalanobis(S, rest));
  const base = [...d2];
  const top = [...label.keys()].sort((a, b) => label[b]! - label[a]!).slice(0, 2);
  for (const k of top.filter((one) => label[one]! > 0)) {
    const c = ((1 - shrinkage) * label[k]!) / rows;
    const less = S.map((line, d) => line.map((x, e) => x - c * rests[k]![d]! * rests[k]![e]!));
    rests.forEach((rest, j) => (d2[j]! += mahalanobis(less, rest) - base[j]!));
  }
  return meansWithout(fitted, i).map((m, k) => {
    const rest = minus(row, m);
    return d2[k]! * (dot(rest, rest) / dot(rests[k]!, rests[k]!));
  });
}

function mustAgree(view: Float32Array, i: number, d2: readonly number[], digits: number): void {
  const K = d2.length;
  d2.forEach((one, k) => {
    const want = (Math.min(...d2) - one) / 2;
    expect(view[i * K + k]!, `row ${i}, class ${k}`).toBeCloseTo(want, digits);
  });
}

const world = blobs({ items: 40, classes: 3, columns: 4, prototypesPerClass: 3, separation: 1.5 });
const annotations = answersTo(world, [0, 1, 2, 3, 4, 5, 6, 7, 8, 20, 21, 22, 22], { skill: 0.8 });

function randomBeliefs(items: number, K: number, seed: number): Float32Array {
  const rng = makeRng(seed);
  const p = Float32Array.from({ length: items * K }, () => 0.02 + rng.uniform() ** 3);
  for (let i = 0; i < items; i++) {
    const row = p.subarray(i * K, (i + 1) * K);
    const sum = row.reduce((a, b) => a + b, 0);
    for (let k = 0; k < K; k++) row[k]! /= sum;
  }
  return p;
}

describe('the discriminant', () => {
  it.each([
    { shrinkage: 0.1, unlabelled: 0.1 },
    { shrinkage: 0.4, unlabelled: 0 },
    { shrinkage: 0.7, unlabelled: 0 },
  ])('leaves each row out of the means and of the covariance, by the definition: %o', async (options) => {
    const fitted = await fit(world, annotations, randomBeliefs(40, 3, 1), options);
    const S = covariance(fitted, meansWithout(fitted, -1), options.shrinkage);
    for (let i = 0; i < fitted.labels.length; i++) {
      mustAgree(fitted.view, i, distancesWithout(fitted, S, i, options.shrinkage), 3);
    }
  });

  it('does so across blocks of rows, with more than one of them annotated', async () => {
    const many = blobs({ items: 8900, classes: 3, columns: 4, prototypesPerClass: 3, separation: 1.5 });
    const all = Array.from({ length: 8500 }, (_, x) => 8899 - x);
    const options = { shrinkage: 0.1, unlabelled: 0.1 };
    const fitted = await fit(many, answersTo(many, all, { skill: 0.8 }), randomBeliefs(8900, 3, 1), options);
    const S = covariance(fitted, meansWithout(fitted, -1), options.shrinkage);
    for (const i of [0, 8191, 8192, 8899, 8900, 8908]) {
      mustAgree(fitted.view, i, distancesWithout(fitted, S, i, options.shrinkage), 3);
    }
  });

  it('comes near a refit that leaves the row out of the covariance too', async () => {
    const options = { shrinkage: 0.1, unlabelled: 0.1 };
    const large = blobs({ items: 200, classes: 3, columns: 4, prototypesPerClass: 3, separation: 1.5 });
    const asked = answersTo(
      large,
      Array.from({ length: 60 }, (_, x) => 3 * x),
      { skill: 0.8 },
    );
    const fitted = await fit(large, asked, randomBeliefs(200, 3, 1), options);
    for (const i of [0, 3, 100, 201, 205]) {
      const means = meansWithout(fitted, i);
      const d2 = distances(fitted, covariance(fitted, means, options.shrinkage, i), i, means);
      d2.forEach((one, k) => {
        const want = (Math.min(...d2) - one) / 2;
        expect(Math.abs(fitted.view[i * 3 + k]! - want)).toBeLessThan(0.02 + 0.02 * Math.abs(want));
      });
    }
  });

  it('does not let the only example of a class vanish: its distance at most doubles', async () => {
    const one = blobs({ items: 5, classes: 2, columns: 3, prototypesPerClass: 1, separation: 2 });
    const fitted = await fit(one, answersTo(one, [], { skill: 1 }), new Float32Array(10).fill(0.5), {
      shrinkage: 0.4,
      unlabelled: 0,
    });
    const means = meansWithout(fitted, -1);
    const S = covariance(fitted, means, 0.4);
    for (const [i, k] of [
      [5, 0],
      [6, 1],
    ] as const) {
      // A prototype of weight 1 beside the one example at the centre: the factor is 2/1, and its square 4.
      const d2 = distancesWithout(fitted, S, i, 0.4);
      const whole = distances(fitted, S, i, means);
      expect(d2[k]! / 4).toBeGreaterThanOrEqual(whole[k]!);
      mustAgree(fitted.view, i, d2, 3);
    }
  });

  it('does not find in noise what it was told of it', async () => {
    const [N, K] = [240, 4];
    const noise = blobs({ items: N, classes: K, columns: 60, prototypesPerClass: 0, separation: 0 });
    const asked = answersTo(
      noise,
      Array.from({ length: N }, (_, i) => i),
      { skill: 0.25 },
    );
    const fitted = await fit(noise, asked, new Float32Array(N * K).fill(1 / K), { shrinkage: 0.1, unlabelled: 0 });
    let own = 0;
    for (let i = 0; i < N; i++) {
      const row = fitted.view.subarray(i * K, (i + 1) * K);
      if (row.indexOf(Math.max(...row)) === asked.label[asked.firstOfItem[i]!]) own++;
    }
    // By chance 60 of 240, with a standard deviation of 7. Without leaving out it finds most.
    expect(own).toBeLessThan(60 + 4 * 7);
  });
});
