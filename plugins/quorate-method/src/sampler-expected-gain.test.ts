import { AnnotationIndex, makeRng } from '@quorate/core';
import { ExpectedGain, meanConfusion } from '@quorate/core/numbers';
import { describe, expect, it } from 'vitest';
import { ExpectedGainSampler, type ExpectedGainOptions } from './sampler-expected-gain.js';

const options = { hitSize: 4, hitsPerStep: 1, maxAnnotationsPerItem: 3, minGain: 0, minAnnotationsPerClass: 0 };

/** Items of the only HIT, sorted, where nobody was asked yet, two classes have these risks, and the threshold is 0.1. */
function asked(
  risks: readonly number[],
  fill: Pick<ExpectedGainOptions, 'fillHits' | 'fillFrom' | 'fillRatio'> & Partial<ExpectedGainOptions>,
): number[] {
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

describe('an item of which one more answer would change nothing', () => {
  it('is asked about as long as each of two is expected to gain enough, and not when both together do', () => {
    const annotations = new AnnotationIndex(1, 3, 2);
    annotations.append(0, 0, 0);
    // One worker of 80 % cannot outvote 0.85; two can.
    const posterior = Float64Array.of(0.85, 0.15);
    const confusions = {
      workers: 3,
      classes: 2,
      probability: Float64Array.from({ length: 12 }, (_, x) => (x % 4 === 0 || x % 4 === 3 ? 0.8 : 0.2)),
    };
    const expected = new ExpectedGain(meanConfusion(confusions), 2);
    const gain = expected.ofTwo(0, posterior);
    expect(expected.of(0, posterior)).toBeCloseTo(0, 12);
    expect(gain).toBeGreaterThan(0.01);
    const asks = (minGain: number): boolean => {
      const given = { ...options, hitSize: 1, minGain, fillHits: 'shrink', fillFrom: 0, fillRatio: 9 } as const;
      const request = { annotations, posterior, risk: Float64Array.of(0.15), riskThreshold: 0.1, budgetLeft: Infinity };
      const more = { skill: () => 0.8, confusions, learner: null, may: () => true };
      return new ExpectedGainSampler(given).plan({ ...request, ...more }, makeRng(1)).length > 0;
    };
    expect([0.49, 0.51, 0.99].map((share) => asks(share * gain))).toEqual([true, false, false]);
  });
});

describe('a HIT for which too few items are open', () => {
  it('is filled up with the riskiest others, or with those above a quarter of the threshold, or not at all', () => {
    const risks = [0.3, 0.09, 0.03, 0.02, 0.01, 0.001];
    expect(asked(risks, { fillHits: 'reopen', fillFrom: 0, fillRatio: 9 })).toEqual([0, 1, 2, 3]);
    expect(asked(risks, { fillHits: 'reopen', fillFrom: 0.25, fillRatio: 9 })).toEqual([0, 1, 2]);
    expect(asked(risks, { fillHits: 'shrink', fillFrom: 0, fillRatio: 9 })).toEqual([0]);
  });

  it('is filled up with so many others for each open one', () => {
    const risks = [0.3, 0.2, 0.09, 0.08, 0.07, 0.06];
    const fill = { fillHits: 'reopen', fillFrom: 0.25 } as const;
    const asksFor = (fillRatio: number): number[] => asked(risks, { ...fill, fillRatio, hitSize: 6 });
    expect([0, 0.5, 1, 9].map(asksFor)).toEqual([
      [0, 1],
      [0, 1, 2],
      [0, 1, 2, 3],
      [0, 1, 2, 3, 4, 5],
    ]);
    // Where nothing is open, what is asked has another reason: too few answers to believe that all is done.
    const early = { ...fill, fillRatio: 0, minAnnotationsPerClass: 1 };
    expect(asked([0.09, 0.03], early)).toEqual([0, 1]);
  });
});
