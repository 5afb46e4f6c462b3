import { AnnotationIndex, makeRng } from '@quorate/core';
import { describe, expect, it } from 'vitest';
import { ExpectedGainSampler, type ExpectedGainOptions } from './sampler-expected-gain.js';

const options = { hitSize: 4, hitsPerStep: 1, maxAnnotationsPerItem: 3, minGain: 0, minAnnotationsPerClass: 0 };

/** Items of the only HIT, sorted, where nobody was asked yet, two classes have these risks, and the threshold is 0.1. */
function asked(risks: readonly number[], fill: Pick<ExpectedGainOptions, 'fillHits' | 'fillFrom'>): number[] {
  const sampler = new ExpectedGainSampler({ ...options, ...fill });
  const request = {
    annotations: new AnnotationIndex(risks.length, 1, 2),
    posterior: Float64Array.from(risks.flatMap((risk) => [1 - risk, risk])),
    risk: Float64Array.from(risks),
    riskThreshold: 0.1,
    budgetLeft: Infinity,
    skill: () => 0.8,
    confusions: { workers: 1, classes: 2, probability: Float64Array.of(0.8, 0.2, 0.2, 0.8) },
    learner: null,
    may: () => true,
  };
  const [hit] = sampler.plan(request, makeRng(1));
  return Array.from(hit?.items ?? []).sort((a, b) => a - b);
}

describe('a HIT for which too few items are open', () => {
  it('is filled up with the riskiest others, or with those above a quarter of the threshold, or not at all', () => {
    const risks = [0.3, 0.09, 0.03, 0.02, 0.01, 0.001];
    expect(asked(risks, { fillHits: 'reopen', fillFrom: 0 })).toEqual([0, 1, 2, 3]);
    expect(asked(risks, { fillHits: 'reopen', fillFrom: 0.25 })).toEqual([0, 1, 2]);
    expect(asked(risks, { fillHits: 'shrink', fillFrom: 0 })).toEqual([0]);
  });
});
