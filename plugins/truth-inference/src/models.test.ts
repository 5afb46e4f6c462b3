import { anyAnnotations } from '@quorate/testkit';
import type { AnnotationIndex } from '@quorate/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import dawidSkene from './aggregator-dawid-skene.js';
import dawidSkeneMap from './aggregator-dawid-skene-map.js';
import mace from './aggregator-mace.js';
import oneCoin from './aggregator-one-coin.js';
import { ConfusionModel } from './confusion-model.js';
import { aggregated, build, requestFor, type Result } from './aggregating.fixture.js';
import { anaesthetists } from './anaesthetists.fixture.js';
import { digamma, dirichletDivergence } from './special-functions.js';

/** p(labels, answers) summed over all K^N labellings: log-likelihood of the answers, and the marginals of the labels. */
function enumerated({ items: N, classes: K, ...lists }: AnnotationIndex, { inferred }: Result) {
  const { confusions, classPrior } = inferred;
  const marginal = new Float64Array(N * K);
  let total = 0;
  for (let code = 0; code < K ** N; code++) {
    const labelOf = (i: number): number => Math.floor(code / K ** i) % K;
    let p = 1;
    for (let i = 0; i < N; i++) {
      p *= classPrior![labelOf(i)]!;
      for (let a = lists.firstOfItem[i]!; a >= 0; a = lists.nextOfItem[a]!) {
        p *= confusions!.probability[(lists.worker[a]! * K + lists.label[a]!) * K + labelOf(i)]!;
      }
    }
    total += p;
    for (let i = 0; i < N; i++) marginal[i * K + labelOf(i)]! += p;
  }
  return { logLikelihood: Math.log(total), marginal: marginal.map((p) => p / total) };
}

describe('Dawid and Skene 1979, anaesthetists', () => {
  const { inferred } = aggregated(build(dawidSkene), requestFor(anaesthetists()));

  it('has their class shares and log-likelihood', () => {
    [0.3996, 0.422, 0.1118, 0.0667].forEach((p, k) =>
      expect(Math.abs(inferred.classPrior![k]! - p)).toBeLessThan(1e-4),
    );
    expect(inferred.converged).toBe(true);
    expect(inferred.objective.at(-1)).toBeCloseTo(-192.8909, 4);
  });

  it('has their matrix of observer 1, who answered three times', () => {
    const rows = [
      [0.889, 0.111, 0, 0],
      [0.071, 0.876, 0.053, 0],
      [0, 0.339, 0.661, 0],
      [0, 0, 0.556, 0.444],
    ];
    rows.forEach((row, k) =>
      row.forEach((p, z) => expect(Math.abs(inferred.confusions!.probability[z * 4 + k]! - p)).toBeLessThan(1e-3)),
    );
  });
});

describe('brute force', () => {
  const small = anyAnnotations({ maxItems: 4, maxClasses: 3, maxAnnotations: 15 });
  for (const [name, component, options] of [
    ['dawid_skene', dawidSkene, {}],
    ['dawid_skene_map', dawidSkeneMap, {}],
    ['one_coin', oneCoin, {}],
  ] as const) {
    it(`${name}: rows are the posterior of its own matrices, the objective their log-likelihood`, () =>
      fc.assert(
        fc.property(small, (annotations) => {
          const result = aggregated(build(component, options), requestFor(annotations));
          const { logLikelihood, marginal } = enumerated(annotations, result);
          result.posterior.forEach((p, x) => expect(p).toBeCloseTo(marginal[x]!, 7));
          if (component === dawidSkeneMap) return;
          expect(result.inferred.objective.at(-1)).toBeCloseTo(logLikelihood, 7);
        }),
        { numRuns: 60, seed: 3 },
      ));
  }

  it('dawid_skene: the matrices are the shares of expected counts, and no other matrix near them does better', () => {
    const annotations = anaesthetists();
    const { posterior, inferred } = aggregated(build(dawidSkene, { tolerance: 1e-13 }), requestFor(annotations));
    for (let j = 0; j < 5; j++) {
      for (let k = 0; k < 4; k++) {
        const counts = [0, 0, 0, 0];
        for (let a = 0; a < annotations.count; a++) {
          if (annotations.worker[a] === j) counts[annotations.label[a]!]! += posterior[annotations.item[a]! * 4 + k]!;
        }
        const total = counts.reduce((sum, n) => sum + n);
        counts.forEach((n, z) =>
          expect(inferred.confusions!.probability[(j * 4 + z) * 4 + k]).toBeCloseTo(n / total, 4),
        );
      }
    }
  });
});

describe('MACE', () => {
  it('gives one who always says the same little trust, and finds their habit', () => {
    const annotations = anaesthetists();
    const spammer = annotations.addWorker();
    for (let i = 0; i < 45; i++) annotations.append(i, spammer, 3);
    const { skill, confusions } = aggregated(build(mace), requestFor(annotations)).inferred;
    expect(skill[spammer]).toBeLessThan(0.1);
    expect(Math.min(...skill.subarray(0, 5))).toBeGreaterThan(0.5);
    for (let k = 0; k < 3; k++) expect(confusions!.probability[(spammer * 4 + 3) * 4 + k]).toBeGreaterThan(0.6);
  });
});

describe('special functions', () => {
  it('have the values of the tables', () => {
    expect(digamma(1)).toBeCloseTo(-0.5772156649015329, 11);
    expect(digamma(0.5)).toBeCloseTo(-1.9635100260214235, 11);
    expect(digamma(100)).toBeCloseTo(4.600161852738087, 11);
    // KL(Beta(2, 1) ‖ Beta(1, 1)) = ∫ 2x ln 2x dx = ln 2 − 1/2.
    expect(dirichletDivergence([2, 1], 1)).toBeCloseTo(Math.log(2) - 0.5, 11);
    expect(dirichletDivergence([0.5, 0.5, 0.5], 0.5)).toBeCloseTo(0, 11);
  });
});

describe('confusion matrices', () => {
  it('are refused where they would fill the memory', () => {
    expect(() => new ConfusionModel(20, 5000, 5)).toThrow(/AGGREGATOR_UNSUITED.*20 workers and 5000 classes/);
  });
});
