import { AnnotationIndex, makeRng, type Hit, type SampleRequest } from '@quorate/core';
import { describe, expect, it } from 'vitest';
import { ExpectedGainSampler } from './sampler-expected-gain.js';

const [K, CROWD, EXPERTS, N] = [4, 6, 2, 60];
const W = CROWD + EXPERTS;

/** P_j(z | k) of workers who are right with these probabilities, by worker and class. */
function confusions(skill: (worker: number, k: number) => number): SampleRequest['confusions'] {
  const probability = new Float64Array(W * K * K);
  for (let j = 0; j < W; j++) {
    for (let z = 0; z < K; z++) {
      for (let k = 0; k < K; k++) {
        probability[(j * K + z) * K + k] = z === k ? skill(j, k) : (1 - skill(j, k)) / (K - 1);
      }
    }
  }
  return { workers: W, classes: K, probability };
}

const isExpert = (worker: number): boolean => worker >= CROWD;

interface Asked {
  readonly price: number;
  readonly skill?: (worker: number, k: number) => number;
  readonly beliefs?: (item: number) => readonly number[];
  readonly known?: boolean;
  readonly budgetLeft?: number;
}

/** What is asked where the crowd costs 1 and experts `price`, and everybody has answered 30 tasks beside these. */
function plan({ price, skill, beliefs, known = true, budgetLeft = Infinity }: Asked): readonly Hit[] {
  const annotations = new AnnotationIndex(N + 30, W, K);
  if (known) for (let j = 0; j < W; j++) for (let i = 0; i < 30; i++) annotations.append(N + i, j, 0);
  const posterior = new Float64Array((N + 30) * K);
  for (let i = 0; i < N; i++) posterior.set(beliefs?.(i) ?? [0.4, 0.3, 0.2, 0.1], i * K);
  for (let i = N; i < N + 30; i++) posterior[i * K] = 1;
  const risk = Float64Array.from({ length: N + 30 }, (_, i) => 1 - Math.max(...posterior.subarray(i * K, (i + 1) * K)));
  const options = { hitSize: 5, hitsPerStep: 4, maxAnnotationsPerItem: 3, minGain: 0.02, minAnnotationsPerClass: 0 };
  const request: SampleRequest = {
    ...{
      annotations,
      posterior,
      risk,
      riskThreshold: 0.1,
      budgetLeft,
      skill: () => 0.7,
      learner: null,
      may: () => true,
    },
    confusions: confusions(skill ?? ((worker) => (isExpert(worker) ? 0.97 : 0.55))),
    prices: Float64Array.from({ length: W }, (_, j) => (isExpert(j) ? price : 1)),
  };
  const sampler = new ExpectedGainSampler({ ...options, fillHits: 'shrink', fillFrom: 0, fillRatio: 0 });
  return sampler.plan(request, makeRng(1));
}

const experts = (hits: readonly Hit[]): number => hits.filter(({ worker }) => isExpert(worker)).length;

describe('workers of different prices', () => {
  it('experts are asked where they gain more per price, the crowd where it does', () => {
    expect(experts(plan({ price: 1.5 }))).toBe(2);
    expect(experts(plan({ price: 50 }))).toBe(0);
    // Only where their own price is lower: as good as each other.
    expect(experts(plan({ price: 1.01, skill: () => 0.7 }))).toBe(0);
  });

  it('those who know a group of classes are asked about tasks that may be of it', () => {
    // Experts tell class 2 from 3, which the crowd cannot; the crowd tells 0 from 1 as well as they do.
    const skill = (worker: number, k: number): number => (isExpert(worker) || k < 2 ? 0.95 : 0.4);
    const beliefs = (item: number): number[] => (item < 10 ? [0.5, 0.5, 0, 0] : [0, 0, 0.5, 0.5]);
    const hits = plan({ price: 1.6, skill, beliefs });
    expect(experts(hits)).toBe(2);
    for (const { worker, items } of hits) expect([...items].every((i) => i >= 10 === isExpert(worker))).toBe(true);
  });

  it('each tier is asked once before anything is known of it; no task twice in a plan, no more than the budget', () => {
    const first = plan({ price: 50, known: false });
    expect(experts(first)).toBeGreaterThan(0);
    const hits = plan({ price: 1.5, budgetLeft: 12 });
    const items = hits.flatMap(({ items }) => [...items]);
    expect(items).toHaveLength(12);
    expect(new Set(items).size).toBe(12);
    expect(new Set(hits.map(({ worker }) => worker)).size).toBe(hits.length);
  });

  it('an answer that costs nothing is worth more than any that does', () => {
    expect(experts(plan({ price: 0, skill: (worker) => (isExpert(worker) ? 0.5 : 0.9) }))).toBe(2);
  });
});
