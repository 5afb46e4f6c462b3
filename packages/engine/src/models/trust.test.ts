import { AnnotationIndex, makeRng, type Dataset, type LearnRequest, type LearnerOutput } from '@quorate/core';
import { describe, expect, it } from 'vitest';
import { JoinedEvidence } from './evidence.js';
import { FamilyAnswers } from './family-answers.js';
import { foldOf, trustIn, voiceOf } from './trust.js';

const K = 4;

interface World {
  readonly truth: Int32Array;
  /** What each model says of each item. */
  readonly said: readonly Int32Array[];
  readonly request: LearnRequest;
}

/** N items, one person (right with probability `skill`) about the first `asked`, and models with these confusions. */
function world(
  N: number,
  asked: number,
  models: readonly ((k: number, item: number) => number)[],
  { skill = 0.85, answers = 2 } = {},
): World {
  const rng = makeRng('trust');
  const truth = Int32Array.from({ length: N }, () => rng.int(K));
  const annotations = new AnnotationIndex(N, answers, K);
  for (let i = 0; i < asked; i++) {
    for (let j = 0; j < answers; j++) {
      const right = rng.uniform() < skill;
      annotations.append(i, j, right ? truth[i]! : (truth[i]! + 1 + rng.int(K - 1)) % K);
    }
  }
  const dataset: Dataset = {
    taskIds: Array.from(truth, (_, i) => `t${i}`),
    classes: ['a', 'b', 'c', 'd'],
    features: null,
    prototypes: { ids: [], classOf: new Int32Array(0) },
  };
  const annotationLogLikelihood = (item: number, out: Float64Array): void => {
    out.fill(0);
    for (let a = annotations.firstOfItem[item]!; a >= 0; a = annotations.nextOfItem[a]!) {
      for (let k = 0; k < K; k++) out[k]! += Math.log(annotations.label[a] === k ? skill : (1 - skill) / (K - 1));
    }
  };
  const posterior = new Float64Array(N * K);
  const request = {
    dataset,
    annotations,
    posterior,
    risk: new Float64Array(N),
    riskThreshold: 0.1,
    annotationLogLikelihood,
  };
  return { truth, said: models.map((model) => Int32Array.from(truth, model)), request };
}

/** Families, each of the models with these numbers. */
function familiesOf({ said, truth }: World, groups: readonly (readonly number[])[]): FamilyAnswers[] {
  const index = new AnnotationIndex(truth.length, said.length, K);
  said.forEach((labels, m) => labels.forEach((z, i) => z >= 0 && index.append(i, m, z)));
  return groups.map((members) => {
    const family = new FamilyAnswers(
      truth.length,
      K,
      members.map((model) => ({ model, worker: 0, simulator: {} })),
    );
    family.read(index);
    return family;
  });
}

function joined(
  one: World,
  groups: readonly (readonly number[])[],
  learned: LearnerOutput | null = null,
): Float32Array {
  return new JoinedEvidence(familiesOf(one, groups), one.truth.length).join(one.request, learned)!.probability;
}

const accuracyOf = (p: Float32Array, truth: Int32Array, from = 0): number => {
  let right = 0;
  for (let i = from; i < truth.length; i++) {
    const row = p.subarray(i * K, (i + 1) * K);
    right += row.indexOf(Math.max(...row)) === truth[i] ? 1 : 0;
  }
  return right / (truth.length - from);
};
const meanConfidence = (p: Float32Array, from = 0): number => {
  let sum = 0;
  for (let i = from; i < p.length / K; i++) sum += Math.max(...p.subarray(i * K, (i + 1) * K));
  return sum / (p.length / K - from);
};

const chance = makeRng('chance');
const noisy = makeRng('noisy');
/** Right with probability 0.8; the class of index 3 is always taken for 2. */
const biased = (k: number): number => (k === 3 ? 2 : noisy.uniform() < 0.8 ? k : noisy.int(K));

describe('what a model says', () => {
  it('is read as it means it: the confusion matrix is learned from people', () => {
    const one = world(1500, 400, [biased]);
    const evidence = new JoinedEvidence(familiesOf(one, [[0]]), 1500);
    evidence.join(one.request, null);
    const { confusion, weight } = evidence.trust[0]!;
    expect(weight).toBeGreaterThanOrEqual(0.75);
    expect(confusion[0]).toBeGreaterThan(0.75);
    expect(confusion[0]).toBeLessThan(0.92);
    // P(says 2 | is 3), laid out [observed][true].
    expect(confusion[2 * K + 3]).toBeGreaterThan(0.9);
    expect(confusion[3 * K + 3]).toBeLessThan(0.05);
  });

  it('is as sure as it is right, of items that nobody has answered about', () => {
    const one = world(3000, 500, [biased]);
    const p = joined(one, [[0]]);
    const right = accuracyOf(p, one.truth, 500);
    expect(Math.abs(right - meanConfidence(p, 500))).toBeLessThan(0.05);
  });

  it('is worth next to nothing where it guesses, and nothing where it always says the same', () => {
    for (const model of [() => chance.int(K), () => 1]) {
      const p = joined(world(1000, 300, [model]), [[0]]);
      expect(meanConfidence(p, 300)).toBeLessThan(0.36);
    }
  });

  it('is turned round where it swaps classes', () => {
    const one = world(1000, 300, [(k) => (k < 2 ? 1 - k : k)]);
    expect(accuracyOf(joined(one, [[0]]), one.truth, 300)).toBeGreaterThan(0.98);
  });

  it('is believed by what is known beforehand while nobody has answered', () => {
    const one = world(300, 0, [(k) => k]);
    const confidence = meanConfidence(joined(one, [[0]]));
    expect(confidence).toBeGreaterThan(0.6);
    expect(confidence).toBeLessThan(0.75);
  });

  it('does not depend on the order of the classes', () => {
    const one = world(400, 150, [biased]);
    const p = joined(one, [[0]]);
    const turn = (k: number): number => (k + 1) % K;
    const turned: World = {
      truth: one.truth.map(turn),
      said: one.said.map((labels) => labels.map(turn)),
      request: {
        ...one.request,
        annotationLogLikelihood: (item, out) => {
          const row = new Float64Array(K);
          one.request.annotationLogLikelihood(item, row);
          row.forEach((x, k) => (out[turn(k)] = x));
        },
      },
    };
    const q = joined(turned, [[0]]);
    for (let i = 0; i < 400; i++) for (let k = 0; k < K; k++) expect(q[i * K + turn(k)]).toBeCloseTo(p[i * K + k]!, 5);
  });
});

describe('answers that repeat', () => {
  const model = (k: number, item: number): number => (item % 5 === 0 ? (k + 1) % K : k);

  it('of one family are one voice, however many its members', () => {
    const one = world(600, 200, [model, model, model]);
    expect(joined(one, [[0, 1, 2]])).toEqual(joined(one, [[0]]));
  });

  it('of two families that say the same add next to no confidence', () => {
    const one = world(2000, 500, [model, model]);
    const [alone, both] = [meanConfidence(joined(one, [[0]]), 500), meanConfidence(joined(one, [[0], [1]]), 500)];
    // As independent voices they would be at 0.8 and 0.98.
    expect(alone).toBeLessThan(0.85);
    expect(both).toBeLessThan(0.91);
  });

  it('of two families that err apart add up', () => {
    const [a, b] = [makeRng('a'), makeRng('b')];
    const apart = [a, b].map((rng) => (k: number) => (rng.uniform() < 0.75 ? k : rng.int(K)));
    const one = world(2000, 500, apart);
    const both = joined(one, [[0], [1]]);
    expect(accuracyOf(both, one.truth, 500)).toBeGreaterThan(accuracyOf(joined(one, [[0]]), one.truth, 500));
    expect(Math.abs(accuracyOf(both, one.truth, 500) - meanConfidence(both, 500))).toBeLessThan(0.06);
  });
});

it("an item's own answers by people do not reach what models say of it", () => {
  const one = world(300, 120, [biased]);
  const [family] = familiesOf(one, [[0]]);
  const items = Int32Array.from({ length: 120 }, (_, i) => i);
  const likelihood = new Float64Array(120 * K);
  const row = new Float64Array(K);
  items.forEach((item) => {
    one.request.annotationLogLikelihood(item, row);
    row.forEach((x, k) => (likelihood[item * K + k] = Math.exp(x)));
  });
  const base = new Float64Array(120 * K).fill(1 / K);
  for (const item of [0, 7, 50]) {
    const changed = likelihood.slice();
    changed.set([1e-6, 1, 1e-6, 1e-6], item * K);
    const [f, before, after] = [foldOf(item), new Float64Array(K), new Float64Array(K)];
    const [one_, other] = [
      trustIn(family!, { items, base, likelihood }),
      trustIn(family!, { items, base, likelihood: changed }),
    ];
    voiceOf(family!, item, one_.withoutFold[f]!.confusion, before);
    voiceOf(family!, item, other.withoutFold[f]!.confusion, after);
    expect(after).toEqual(before);
    expect(other.withoutFold[f]!.weight).toBe(one_.withoutFold[f]!.weight);
    expect(other.confusion).not.toEqual(one_.confusion);
  }
});

it('class probabilities count by how much the model gives each class', () => {
  const rng = makeRng('soft');
  const one = world(1500, 400, [(k) => k]);
  // Sure and right, or between two classes.
  const soft = Array.from(one.truth, (k) => {
    const row = new Float64Array(K);
    const sure = rng.uniform() < 0.5;
    row[k] = sure ? 0.97 : 0.5;
    row[(k + 1) % K]! += sure ? 0.03 : 0.5;
    return row;
  });
  const simulator = { probabilities: (_: number, item: number, out: Float64Array) => (out.set(soft[item]!), true) };
  const index = new AnnotationIndex(1500, 1, K);
  one.truth.forEach((_, i) => index.append(i, 0, soft[i]!.indexOf(Math.max(...soft[i]!))));
  const family = new FamilyAnswers(1500, K, [{ model: 0, worker: 0, simulator }]);
  family.read(index);
  const p = new JoinedEvidence([family], 1500).join(one.request, null)!.probability;
  const confidence = (of: (i: number) => boolean): number => {
    const among = Array.from({ length: 1100 }, (_, x) => x + 400).filter(of);
    return among.reduce((sum, i) => sum + Math.max(...p.subarray(i * K, (i + 1) * K)), 0) / among.length;
  };
  expect(confidence((i) => soft[i]![one.truth[i]!]! > 0.9)).toBeGreaterThan(0.9);
  expect(confidence((i) => soft[i]![one.truth[i]!]! < 0.6)).toBeLessThan(0.75);
});
