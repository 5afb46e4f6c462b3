import { AnnotationIndex, makeRng, type Annotations, type WorkerConfusions } from '@quorate/core';
import { buildComponent, describeAggregator } from '@quorate/testkit';
import { describe, expect, it } from 'vitest';
import bayes, { posteriorByBayes } from './aggregator-bayes.js';
import majorityVote, { voteShares } from './aggregator-majority-vote.js';

describeAggregator('bayes', buildComponent(bayes), { exact: true });
describeAggregator('majority_vote', buildComponent(majorityVote), { infers: true, absorbs: true });

/** Workers with random matrices `[observed][true]`. */
function randomWorkers(workers: number, K: number, seed: number): WorkerConfusions {
  const rng = makeRng(seed);
  const probability = new Float64Array(workers * K * K);
  for (let j = 0; j < workers; j++) {
    for (let k = 0; k < K; k++) {
      const row = Array.from({ length: K }, (_, z) => rng.uniform() ** 3 + (z === k ? 1 : 0.01));
      const sum = row.reduce((a, b) => a + b, 0);
      row.forEach((p, z) => (probability[(j * K + z) * K + k] = p / sum));
    }
  }
  return { workers, classes: K, probability };
}

/** The equation as it stands, in logarithms, one entry at a time. */
function inLogarithms(annotations: Annotations, { probability, classes: K }: WorkerConfusions, item: number): number[] {
  const log = Array.from({ length: K }, (_, k) => {
    let sum = 0;
    for (let a = annotations.firstOfItem[item]!; a >= 0; a = annotations.nextOfItem[a]!) {
      sum += Math.log(probability[(annotations.worker[a]! * K + annotations.label[a]!) * K + k]! + 1e-8);
    }
    return sum;
  });
  const max = Math.max(...log);
  const total = log.reduce((sum, x) => sum + Math.exp(x - max), 0);
  return log.map((x) => Math.exp(x - max) / total);
}

describe('bayes', () => {
  it('agrees with logarithms for every number of annotations, few and many', () => {
    const K = 5;
    const workers = randomWorkers(7, K, 3);
    const rng = makeRng(4);
    const counts = [0, 1, 2, 31, 32, 33, 34, 63, 64, 65, 300, 2000];
    const index = new AnnotationIndex(counts.length, 7, K);
    counts.forEach((count, item) => {
      for (let n = 0; n < count; n++) index.append(item, rng.int(7), rng.int(K));
    });
    const posterior = new Float64Array(counts.length * K);
    posteriorByBayes({ annotations: index, workers, prior: null, rows: 'all', posterior });
    counts.forEach((count, item) => {
      const want = inLogarithms(index, workers, item);
      for (let k = 0; k < K; k++) expect(posterior[item * K + k], `${count} annotations`).toBeCloseTo(want[k]!, 9);
    });
  });

  it('forgets no class: a thousand answers for one and then a thousand for the other leave them equal', () => {
    const probability = Float64Array.of(1, 0, 0, 1);
    for (const order of [(n: number) => (n < 1000 ? 0 : 1), (n: number) => n % 2]) {
      const index = new AnnotationIndex(1, 1, 2);
      for (let n = 0; n < 2000; n++) index.append(0, 0, order(n));
      const posterior = new Float64Array(2);
      const workers: WorkerConfusions = { workers: 1, classes: 2, probability };
      posteriorByBayes({ annotations: index, workers, prior: null, rows: 'all', posterior });
      expect(posterior[0]).toBeCloseTo(0.5, 9);
      expect(posterior[1]).toBeCloseTo(0.5, 9);
    }
  });

  it('gives an item without annotations its prior, also when they were taken back', () => {
    const index = new AnnotationIndex(2, 1, 2);
    const workers: WorkerConfusions = { workers: 1, classes: 2, probability: Float64Array.of(0.9, 0.2, 0.1, 0.8) };
    const prior = Float32Array.of(0.25, 0.75, 0.5, 0.5);
    const posterior = new Float64Array(4);
    const expectPrior = (): void => prior.forEach((p, x) => expect(posterior[x]).toBeCloseTo(p, 7));
    posteriorByBayes({ annotations: index, workers, prior, rows: 'all', posterior });
    expectPrior();
    const a = index.append(0, 0, 0);
    posteriorByBayes({ annotations: index, workers, prior, rows: 'annotated', posterior });
    expect(posterior[0]).toBeCloseTo((0.25 * 0.9) / (0.25 * 0.9 + 0.75 * 0.2), 7);
    index.remove(a);
    posteriorByBayes({ annotations: index, workers, prior, rows: 'annotated', posterior });
    expectPrior();
  });

  it('writes no other row than those of annotated items when only these are asked for', () => {
    const index = new AnnotationIndex(3, 1, 2);
    index.append(1, 0, 0);
    const workers: WorkerConfusions = { workers: 1, classes: 2, probability: Float64Array.of(0.9, 0.2, 0.1, 0.8) };
    for (const aggregate of [posteriorByBayes, voteShares]) {
      const posterior = new Float64Array(6).fill(7);
      aggregate({ annotations: index, workers, prior: null, rows: 'annotated', posterior });
      expect([posterior[0], posterior[1], posterior[4], posterior[5]]).toEqual([7, 7, 7, 7]);
      expect(posterior[2]! + posterior[3]!).toBeCloseTo(1, 12);
    }
  });
});

describe('majority_vote', () => {
  it('counts votes, repeated ones too, and ignores the prior', () => {
    const index = new AnnotationIndex(2, 2, 3);
    for (const [worker, label] of [
      [0, 0],
      [1, 2],
      [1, 2],
      [0, 2],
    ] as const) {
      index.append(0, worker, label);
    }
    const posterior = new Float64Array(6).fill(NaN);
    const workers = randomWorkers(2, 3, 1);
    const prior = Float32Array.of(1, 0, 0, 1, 0, 0);
    voteShares({ annotations: index, workers, prior, rows: 'all', posterior });
    expect(Array.from(posterior)).toEqual([0.25, 0, 0.75, 0, 0, 0]);
  });
});
